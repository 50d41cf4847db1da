import { Readable } from "node:stream";
import { importLog } from "../../import-log/import-log.ts";
import { createModelOfPath, type PathRules } from "../../import-log/models.ts";
import { unpacked } from "../../import-log/open-log.ts";
import { type ImportTotals, noTotals } from "../../import-log/progress.ts";
import type { Service } from "../../import-log/service.ts";

/** A line of a log; `path` may carry a query string to make it distinct. */
export function aLine(path: string, { year = "2015" } = {}): string {
  return `192.0.2.7 - - [17/May/${year}:10:05:03 +0000] "GET ${path} HTTP/1.1" 200 5 "-" "UA"`;
}

/** `count` distinct lines over `paths` paths. */
export function manyLines(count: number, paths: number): string[] {
  return Array.from({ length: count }, (_, n) => aLine(`/${n % paths}?n=${n}`));
}

/** How an import went: its totals, the error that ended it, and how long it would have waited each time. */
export type Ran = { totals: ImportTotals; failure: unknown; waitsMs: number[] };

export type RunImportOptions = {
  server?: string;
  admin?: string;
  /** In place of one that takes no time. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  paths?: Partial<PathRules>;
};

/** Imports lines, or the bytes of a file, into the services at `url`. */
export async function runImport(
  url: string,
  log: string[] | Buffer,
  { server, admin, wait = async () => {}, paths }: RunImportOptions = {},
): Promise<Ran> {
  const totals = noTotals();
  const waitsMs: number[] = [];
  const ingest: Service = {
    name: "ingest",
    url,
    key: server,
    keyVariable: "SERVER_KEYS",
    option: "--ingest",
  };
  const stats: Service = {
    name: "stats-api",
    url,
    key: admin,
    keyVariable: "ADMIN_KEYS",
    option: "--stats",
  };
  const bytes = Array.isArray(log) ? Buffer.from(log.join("\n")) : log;
  const failure = await importLog(unpacked(Readable.from([bytes])), {
    ingest,
    stats,
    totals,
    modelOfPath: createModelOfPath({ include: [], exclude: [], map: undefined, ...paths }),
    wait(ms, signal) {
      waitsMs.push(ms);
      return wait(ms, signal);
    },
    now: () => new Date("2026-01-01T00:00:00Z"),
    onRetry: () => {},
    onProgress: () => {},
  }).catch((error: unknown) => error);
  return { totals, failure, waitsMs };
}
