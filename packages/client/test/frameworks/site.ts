import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../../local-services/src/free-port.ts";
import { type Framework, SITES } from "./sites.ts";

/** Milliseconds between two tries to reach a server that is starting. */
const TRY_MS = 50;
/** Ends the server when the process that started it has ended. */
const END_WITH_PARENT = `data:text/javascript,process.once("disconnect", () => process.exit())`;

/** A website's server. */
export type Site = { url: string; logged: string[]; close: () => Promise<void> };

/** Starts the production server of a built site; resolves when it answers. */
export async function startSite(
  framework: Framework,
  folder: string,
  environment: Record<string, string>,
): Promise<Site> {
  const port = await freePort(null);
  const { start, env } = SITES[framework];
  const child = spawn(process.execPath, ["--import", END_WITH_PARENT, ...start], {
    cwd: folder,
    env: {
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(port),
      ...env,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const logged: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => logged.push(text));
  }
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(url, child);
  } catch (error) {
    throw new Error(`${framework} did not start:\n${logged.join("")}`, { cause: error });
  }
  return {
    url,
    logged,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return void (await response.body?.cancel());
    await pause(TRY_MS);
  }
}
