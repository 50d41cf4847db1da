import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unpackPackages } from "../../local-services/src/debian-packages.ts";
import { freePort } from "../../local-services/src/free-port.ts";

const cacheFolder = fileURLToPath(new URL("../../../.cache", import.meta.url));
const document = new URL("../../../docs/first-party.md", import.meta.url);

export type WebServerPrograms = { nginx: string; caddy: string };

/** nginx and Caddy from Debian's packages, unpacked and not installed; or why there are none. */
export async function findWebServers(): Promise<WebServerPrograms | { refused: string }> {
  return unpackPackages<WebServerPrograms>(
    {
      name: "Web-servers",
      packages: ["nginx", "caddy"],
      libraries: ["libpcre2-8-0", "libssl3", "zlib1g"],
      take: async (unpacked) => {
        const programs = { nginx: join(unpacked, "usr/sbin/nginx"), caddy: join(unpacked, "usr/bin/caddy") };
        return Object.values(programs).every(existsSync) ? programs : { refused: "they are not unpacked" };
      },
    },
    { cacheDirs: [cacheFolder], log: () => {}, env: process.env },
  );
}

/** The recipes that the documentation gives for a web server, with a test's ingest and key in them. */
export async function recipes(language: "nginx" | "caddy", ingestUrl: string): Promise<string[]> {
  const text = await readFile(document, "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, recipe = ""]) =>
    recipe.replaceAll("http://ingest:4001", ingestUrl).replaceAll("SERVER_KEY", "a key"),
  );
}

export type WebServer = { url: string; stop: () => Promise<void> };

/** A website behind nginx that answers `page` everywhere except where the recipes apply. */
export async function startNginx(program: string, [map = "", location = ""]: string[]): Promise<WebServer> {
  const port = await freePort(null);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${name};`,
  );
  const config = `daemon off; pid nginx.pid; error_log stderr; events {}
    http { access_log off; ${paths.join(" ")} ${map}
      server { listen 127.0.0.1:${port}; ${location} location / { return 200 page; } } }`;
  return startWebServer(port, { "nginx.conf": config }, (folder) => [
    program,
    "-p",
    folder,
    "-c",
    "nginx.conf",
  ]);
}

/** The same behind Caddy. */
export async function startCaddy(program: string, [recipe = ""]: string[]): Promise<WebServer> {
  const port = await freePort(null);
  const config = `{\nadmin off\nauto_https off\n}\nhttp://127.0.0.1:${port} {\n${recipe}\nrespond page\n}\n`;
  return startWebServer(port, { Caddyfile: config }, () => [program, "run", "--config", "Caddyfile"]);
}

async function startWebServer(
  port: number,
  files: Record<string, string>,
  commandIn: (folder: string) => string[],
): Promise<WebServer> {
  const folder = await mkdtemp(join(tmpdir(), "model-views-web-server-"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const [program = "", ...args] = commandIn(folder);
  const child = spawn(program, args, {
    cwd: folder,
    env: { HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url, child);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  let printed = "";
  child.stdout?.on("data", (data) => {
    printed += data;
  });
  child.stderr?.on("data", (data) => {
    printed += data;
  });
  while (child.exitCode === null) {
    const answered = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    if (answered === "page") return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`the web server ended with ${child.exitCode}:\n${printed}`);
}
