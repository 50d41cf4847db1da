import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Errors of JavaScript itself: of a change that no longer fits the code around it. */
const BROKEN = /\b(ReferenceError|SyntaxError|TypeError): [^\\"]*/;

/**
 * What a service said of code that cannot run at all. A mutant that does not fit the code around it any more brings the
 * service down, which any harness would notice; that proves nothing of the mistake that was meant.
 *
 * @param logs folder of the services' logs.
 * @returns the first such error; undefined when there is none.
 */
export async function brokenCode(logs: string): Promise<string | undefined> {
  const services = (await readdir(logs))
    .filter((name) => /^(ingest|worker|stats-api)-\d+\.log$/.test(name))
    .sort();
  for (const name of services) {
    const found = BROKEN.exec(await readFile(join(logs, name), "utf8"));
    if (found !== null) return `${name}: ${found[0]}`;
  }
  return undefined;
}
