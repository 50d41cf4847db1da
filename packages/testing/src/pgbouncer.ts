import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { librariesIn, unpackPackages, WORKSPACE_CACHE } from "@model-views/local-services/debian-packages.ts";
import { freePort } from "@model-views/local-services/free-port.ts";
import { accountFor } from "@model-views/local-services/root.ts";

const START_MS_MAX = 10_000;
const LOOK_MS = 20;

export type PgbouncerProgram = { program: string; libraryPath: string };

/** PgBouncer from Debian's packages, unpacked and not installed; or the reason why it is not available. */
export async function findPgbouncer(): Promise<PgbouncerProgram | { refused: string }> {
  return unpackPackages<PgbouncerProgram>(
    {
      name: "PgBouncer",
      packages: ["pgbouncer"],
      libraries: ["libevent-2.1-7", "libc-ares2"],
      take: async (unpacked) => {
        const program = join(unpacked, "usr/sbin/pgbouncer");
        if (!existsSync(program)) return { refused: "it is not unpacked" };
        return { program, libraryPath: await librariesIn(unpacked) };
      },
    },
    {
      cacheDirs: [WORKSPACE_CACHE],
      log: (line) => process.stderr.write(`${line}\n`),
      env: process.env,
    },
  );
}

export type Pgbouncer = {
  /** The same database through the pooler. */
  via: (databaseUrl: string) => string;
  stop: () => Promise<void>;
};

/** Starts one in front of the server of this URL, in transaction mode, otherwise with its defaults. */
export async function startPgbouncer(
  { program, libraryPath }: PgbouncerProgram,
  serverUrl: string,
): Promise<Pgbouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl);
  const port = await freePort(null);
  const folder = await mkdtemp(join(tmpdir(), "model-views-pgbouncer-"));
  await chmod(folder, 0o755);
  const users = join(folder, "users.txt");
  await writeFile(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`, {
    mode: 0o644,
  });
  const config = join(folder, "pgbouncer.ini");
  await writeFile(
    config,
    `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
pool_mode = transaction
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_file = ${users}
`,
    { mode: 0o644 },
  );
  const child = spawn(program, [config], {
    cwd: folder,
    env: { LD_LIBRARY_PATH: libraryPath },
    stdio: ["ignore", "pipe", "pipe"],
    // It refuses root.
    ...accountFor(null),
  });
  const exited = once(child, "exit");
  try {
    await untilItListens(child, port);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    via(databaseUrl) {
      const url = new URL(databaseUrl);
      url.hostname = "127.0.0.1";
      url.port = String(port);
      return url.href;
    },
    async stop() {
      child.kill("SIGINT");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function untilItListens(child: ChildProcess, port: number): Promise<void> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  for (const began = Date.now(); Date.now() - began < START_MS_MAX; await pause(LOOK_MS)) {
    if (child.exitCode !== null) break;
    const socket = connect(port, "127.0.0.1");
    const isThere = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
  }
  throw new Error(`PgBouncer did not start: ${output}`);
}
