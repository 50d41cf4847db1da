import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackPackages, WORKSPACE_CACHE } from "@model-views/local-services/debian-packages.ts";
import { freePort } from "@model-views/local-services/free-port.ts";

/** nginx from Debian's packages, unpacked and not installed; or the reason why it is not available. */
export function findNginx(): Promise<{ nginx: string } | { refused: string }> {
  return unpackPackages<{ nginx: string }>(
    {
      name: "nginx",
      packages: ["nginx"],
      libraries: ["libpcre2-8-0", "libssl3", "zlib1g"],
      take: async (unpacked) => {
        const nginx = join(unpacked, "usr/sbin/nginx");
        return existsSync(nginx) ? { nginx } : { refused: "it is not unpacked" };
      },
    },
    { cacheDirs: [WORKSPACE_CACHE], log: () => {}, env: process.env },
  );
}

export type Nginx = { url: string; stop: () => Promise<void> };

/** nginx with its defaults, a `proxy_pass`, and `settings` of its location. */
export async function startNginx(program: string, upstream: string, settings = ""): Promise<Nginx> {
  const port = await freePort(null);
  const folder = await mkdtemp(join(tmpdir(), "model-views-nginx-"));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${name};`,
  );
  const config = `daemon off; master_process off; pid nginx.pid; error_log stderr; events {}
    http { access_log off; ${paths.join(" ")}
      server { listen 127.0.0.1:${port}; location / { ${settings} proxy_pass ${upstream}; } } }`;
  await writeFile(join(folder, "nginx.conf"), config);
  const child = spawn(program, ["-p", folder, "-c", "nginx.conf"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  await untilItListens(url, child);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function untilItListens(url: string, child: ChildProcess): Promise<void> {
  let printed = "";
  child.stderr?.on("data", (data) => {
    printed += data;
  });
  while (child.exitCode === null) {
    const answered = await fetch(`${url}/livez`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`nginx ended with ${child.exitCode}:\n${printed}`);
}
