import { v5 as uuidv5 } from "uuid";
import { createRecentMap } from "./recent-map.ts";

/** Of everything this command names. Fixed for good: with another one, all that was imported would be imported again. */
const NAMESPACE = "89200e2d-74c3-4996-8417-10efecdad69c";

/**
 * Distinct lines after which a line may be forgotten. Identical lines carry the same second (the request's start),
 * and are apart only as far as one of them took longer to answer: at 100 views a second this horizon is 40 minutes.
 * An identical line that comes later still gets the first one's id, so it counts as the same view.
 *
 * Counted in lines and not in minutes, so that the memory is the same for every log (about 50 MB at most), and one
 * line with a time in the far future does no harm.
 */
const LINES_REMEMBERED_MIN = 250_000;

/** The id of the model of a path: the same in every run. */
export function modelIdOf(path: string): string {
  return uuidv5(path, NAMESPACE);
}

/**
 * Gives each line of a file, in their order, the id of its view: from the line's text, and from how many identical
 * lines came before, because two identical lines are two views. So the same file gives the same ids again, also
 * when it has grown since.
 */
export function createViewIds({
  linesRememberedMin = LINES_REMEMBERED_MIN,
}: {
  linesRememberedMin?: number;
} = {}): (line: string) => string {
  const occurrences = createRecentMap<number>(linesRememberedMin);
  return (line) => {
    const lineId = uuidv5(line, NAMESPACE);
    const before = occurrences.get(lineId) ?? 0;
    occurrences.set(lineId, before + 1);
    return uuidv5(String(before), lineId);
  };
}
