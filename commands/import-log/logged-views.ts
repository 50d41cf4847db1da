import type { PostedView } from "@model-views/shared/views.ts";
import type { LogLine } from "./log-lines.ts";
import { type ParsedLine, parseLine } from "./parse-line.ts";
import { keepSample, type Tally } from "./tally.ts";
import { createViewIds } from "./view-ids.ts";
import { viewOf } from "./view-of.ts";

/** A view, and the line and path that it comes from. */
export type LoggedView = { line: LogLine; path: string; view: PostedView };

/** The views among the lines; the other lines are counted in `tally`. */
export async function* loggedViews(lines: AsyncIterable<LogLine>, tally: Tally): AsyncGenerator<LoggedView> {
  const viewIdOf = createViewIds();
  for await (const line of lines) {
    tally.lines++;
    const parsed: ParsedLine = line.isWhole ? parseLine(line.text) : { kind: "bad", reason: "too long" };
    switch (parsed.kind) {
      case "hit":
        yield { line, path: parsed.hit.path, view: viewOf(parsed.hit, viewIdOf(line.text)) };
        break;
      case "skipped":
        tally.skipped++;
        break;
      case "bad":
        tally.bad++;
        keepSample(tally.badSamples, { line: line.number, reason: parsed.reason, text: line.text });
    }
  }
}
