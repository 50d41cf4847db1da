import type { PostedView } from "@model-views/shared/contracts/views.ts";
import type { ParsedLine } from "./hit.ts";
import type { LogLine } from "./log-lines.ts";
import { parseLine } from "./parse-line.ts";
import type { IsRetired } from "./retired-months.ts";
import { keepSample, type Tally } from "./tally.ts";
import { createViewIds } from "./view-ids.ts";
import { viewOf } from "./view-of.ts";
import type { ModelOfPath } from "./which-paths.ts";

/** A view, and the line and path that it comes from. */
export type LoggedView = { line: LogLine; path: string; isMapped: boolean; view: PostedView };

export type LoggedViewsDeps = { tally: Tally; modelOfPath: ModelOfPath; isRetired: IsRetired };

/** The views among the lines that are to be posted; the other lines are counted in `tally`. */
export async function* loggedViews(
  lines: AsyncIterable<LogLine>,
  { tally, modelOfPath, isRetired }: LoggedViewsDeps,
): AsyncGenerator<LoggedView> {
  const viewIdOf = createViewIds();
  for await (const line of lines) {
    tally.lines++;
    const parsed: ParsedLine = line.isWhole ? parseLine(line.text) : { kind: "bad", reason: "too long" };
    switch (parsed.kind) {
      case "hit": {
        const { hit } = parsed;
        const model = modelOfPath(hit.path);
        // Of each line, also of those that are left out, so that the ids are the same with other patterns.
        const id = viewIdOf(line.text);
        if (model === undefined) tally.leftOut++;
        else if (await isRetired(hit.viewedAt.toISOString())) tally.retired++;
        else yield { line, path: hit.path, isMapped: model.isMapped, view: viewOf(hit, id, model.modelId) };
        break;
      }
      case "skipped":
        tally.skipped++;
        break;
      case "bad":
        tally.bad++;
        keepSample(tally.badSamples, { line: line.number, reason: parsed.reason, text: line.text });
    }
  }
}
