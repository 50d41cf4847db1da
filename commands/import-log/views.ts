import { hash } from "node:crypto";
import { type PostedView, postedViewSchema } from "@model-views/shared/contracts/views.ts";
import { LRUCache } from "lru-cache";
import { v5 as uuidv5 } from "uuid";
import { z } from "zod";
import type { Hit, ParsedLine } from "./hit.ts";
import type { LogLine } from "./log-lines.ts";
import { type ModelOfPath, NAMESPACE } from "./models.ts";
import { parseLine } from "./parse-line.ts";
import { addSample, type ImportTotals } from "./progress.ts";
import type { Ask } from "./service.ts";

/** A view, and the line and path that it comes from. */
export type LoggedView = { line: LogLine; path: string; isMapped: boolean; view: PostedView };

export type LoggedViewsDeps = {
  totals: ImportTotals;
  modelOfPath: ModelOfPath;
  isPastRetention: IsPastRetention;
};

/** The views among the lines that are to be posted; the other lines are counted in `totals`. */
export async function* loggedViews(
  lines: AsyncIterable<LogLine>,
  { totals, modelOfPath, isPastRetention }: LoggedViewsDeps,
): AsyncGenerator<LoggedView> {
  const viewIdOf = createViewIds();
  for await (const line of lines) {
    totals.lines++;
    const parsed: ParsedLine = line.isWhole ? parseLine(line.text) : { kind: "bad", reason: "too long" };
    switch (parsed.kind) {
      case "hit": {
        const { hit } = parsed;
        const model = modelOfPath(hit.path);
        // Also of lines that are left out, so that the ids are the same with other patterns.
        const id = viewIdOf(line.text);
        if (model === undefined) totals.leftOut++;
        else if (await isPastRetention(hit.viewedAt.toISOString())) totals.pastRetention++;
        else yield { line, path: hit.path, isMapped: model.isMapped, view: viewOf(hit, id, model.modelId) };
        break;
      }
      case "skipped":
        totals.skipped++;
        break;
      case "bad":
        totals.bad++;
        addSample(totals.badSamples, { line: line.number, reason: parsed.reason, text: line.text });
    }
  }
}

/**
 * Distinct lines after which a line is forgotten. Identical lines have the same second (the request's start), and are
 * apart only as far as one of them took longer to answer: at 100 views a second this covers 40 minutes. An identical line
 * that comes later gets the first one's id again, so it counts as the same view.
 *
 * Counted in lines and not in minutes, so that the memory is the same for every log (about 50 MB at most), and one line
 * with a time in the far future does no harm.
 */
const LINES_CACHED_MAX = 250_000;

/**
 * Gives each line of a file, in their order, the id of its view: from the line's text, and from how many identical
 * lines came before, because two identical lines are two views. The same file gives the same ids again, also after it
 * has grown.
 */
export function createViewIds({
  linesCachedMax = LINES_CACHED_MAX,
}: {
  linesCachedMax?: number;
} = {}): (line: string) => string {
  const occurrences = new LRUCache<string, number>({ max: linesCachedMax });
  return (line) => {
    const lineId = uuidv5(line, NAMESPACE);
    const before = occurrences.get(lineId) ?? 0;
    occurrences.set(lineId, before + 1);
    return uuidv5(String(before), lineId);
  };
}

const { ipAddress, userAgent } = postedViewSchema.shape;
/** Ingest reads only the host of a referrer, which is at its beginning. */
const REFERRER_CHARS_MAX = 2_000;

/**
 * The view to post, without what ingest would drop (a host name in place of an address, the end of a user agent of 2,000
 * characters). Ingest's privacy settings decide which parts are stored.
 */
export function viewOf(hit: Hit, id: string, modelId: string): PostedView {
  const { host, campaign } = hit;
  return {
    id,
    modelId,
    viewedAt: hit.viewedAt.toISOString(),
    viewerId: viewerIdOf(hit),
    ipAddress: ipAddress.parse(hit.address),
    userAgent: userAgent.parse(hit.userAgent),
    referrer: hit.referrer?.slice(0, REFERRER_CHARS_MAX),
    // For ingest the page's host is no referrer, and of the rest it stores the campaign alone.
    ...(host === undefined && campaign === undefined ? {} : { path: pageOf(hit) }),
  };
}

function pageOf({ host, campaign }: Hit): string {
  return `${host === undefined ? "" : `https://${host}`}/${campaign === undefined ? "" : `?${campaign}`}`;
}

/** The same address and user agent are the same viewer. Ingest salts this hash and hashes it again. */
function viewerIdOf({ address, userAgent = "" }: Hit): string {
  return hash("sha256", `${address}\n${userAgent}`, "hex");
}

/** Whether retention has removed views of the month (in UTC) of an instant: then ingest takes no view of it any more. */
export type IsPastRetention = (viewedAt: string) => Promise<boolean>;

/** The one field of a month's breakdown that is needed here. */
const breakdownSchema = z.object({ isIncomplete: z.boolean() });
/** Months that are cached: a log has few. */
const MONTHS_CACHED_MAX = 1_000;
/** Ingest refuses times before. */
const FIRST_MONTH = "1990-01";

/** Asks the stats API once for each month, except for those of which ingest takes no view anyway. */
export function createIsPastRetention(askStats: Ask, now: () => Date): IsPastRetention {
  const cached = new LRUCache<string, boolean>({ max: MONTHS_CACHED_MAX });
  return async (viewedAt) => {
    const month = viewedAt.slice(0, 7);
    if (month < FIRST_MONTH || month > now().toISOString().slice(0, 7)) return false;
    const known = cached.get(month);
    if (known !== undefined) return known;
    const [from, to] = [new Date(`${month}-01T00:00:00Z`), new Date(`${month}-01T00:00:00Z`)];
    to.setUTCMonth(to.getUTCMonth() + 1);
    const query = new URLSearchParams({
      by: "device",
      from: from.toISOString(),
      to: to.toISOString(),
      limit: "1",
      // Without bots, what is stored of the days answers, and nothing is missing.
      bots: "include",
    });
    const { value } = await askStats({ method: "GET", path: `v1/breakdown?${query}` }, breakdownSchema);
    cached.set(month, value.isIncomplete);
    return value.isIncomplete;
  };
}
