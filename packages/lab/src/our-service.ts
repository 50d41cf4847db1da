import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) });

/**
 * How `npm run ingest` and the others run it: the file, and Node's flags. But without a file of settings, for
 * those of this command hold.
 */
export async function ourService(
  name: "ingest" | "worker" | "stats-api",
): Promise<{ main: string; flags: string[] }> {
  const { scripts } = packageSchema.parse(JSON.parse(await readFile(root("package.json"), "utf8")));
  const [, ...words] = scripts[name]?.split(" ") ?? [];
  const flags = words.filter((word) => word.startsWith("--") && !word.startsWith("--env-file"));
  return { main: root(`apps/${name}/src/main.ts`), flags };
}
