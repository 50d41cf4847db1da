import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { siteFolder } from "./build-site.ts";

/** The command of Next.js, as a script for Node. */
const NEXT = join(siteFolder, "node_modules", "next", "dist", "bin", "next");

/** Ends the site when the IPC channel to it closes, which happens however this process ends. */
const END_WITH_CHANNEL = "--import=data:text/javascript,process.on('disconnect',()=>process.exit())";

export type RunningSite = AsyncDisposable & {
  /** `http://localhost:<port>` */
  url: string;
  /** The lines that it has printed. */
  printed: string[];
  stop: () => Promise<void>;
};

/** Serves the built site, or in development its source. Resolves when it takes requests. */
export async function startSite(command: "start" | "dev", env: Record<string, string>): Promise<RunningSite> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(
    process.execPath,
    [END_WITH_CHANNEL, NEXT, command, "--port", "0", "--hostname", "localhost"],
    {
      cwd: siteFolder,
      env: { PATH, HOME, NEXT_TELEMETRY_DISABLED: "1", ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  const exited = once(child, "exit");
  const printed: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      printed.push(line);
      const address = /Local:\s+(http:\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  }
  child.once("error", reject);
  void exited.then(([code]) =>
    reject(new Error(`next ${command} ended with ${code}:\n${printed.join("\n")}`)),
  );
  const url = await ready;
  const stop = async () => {
    if (child.connected) child.disconnect();
    await exited;
  };
  return { url, printed, stop, [Symbol.asyncDispose]: stop };
}
