import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "@model-views/testing/fixtures.ts";
import type { RunningService } from "@model-views/testing/services.ts";
import { describe, expect } from "vitest";

const modelId = "0190aaaa-0000-7000-8000-000000000001";
const REQUESTS = 5_000;
const CONNECTIONS = 10;
/** What a busy machine's garbage collector was seen to leave for later: up to 370 MB. */
const GARBAGE_MB_MAX = 600;

const ROUTES = {
  ingest: ["/livez", "/readyz", "/model-views.js", `/v1/views/${modelId}.gif`, "/v1/views", "/nothing"],
  "stats-api": ["/livez", "/readyz", "/docs/", "/openapi.json", "/v1/models/top", "/v1/live"],
  worker: ["/livez", "/readyz", "/metrics"],
} as const;

describe("a client that sends requests without waiting for answers, and reads none of them", () => {
  test.for(["ingest", "stats-api", "worker"] as const)(
    "is cut off at every route of %s, which keeps its memory and its descriptors, and serves others",
    async (name, { start }) => {
      const service = await start(name);
      const before = await resourcesOf(service);
      for (const path of ROUTES[name]) {
        const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => flood(service, path)));
        // The clients do not read, so they may not notice that they were cut off.
        await expect
          .poll(async () => (await resourcesOf(service)).descriptors, { message: path })
          .toBeLessThanOrEqual(before.descriptors + 2);
        for (const socket of sockets) socket.destroy();
        expect((await fetch(`${service.url}/livez`)).status, path).toBe(200);
      }
      expect((await resourcesOf(service)).megabytes).toBeLessThan(before.megabytes + GARBAGE_MB_MAX);
    },
  );

  test("is cut off as well where it expects what we do not know, and counted", async ({ start }) => {
    const service = await start("ingest");
    const before = await resourcesOf(service);
    const sockets = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => flood(service, "/livez", "Expect: x\r\n")),
    );
    await expect
      .poll(async () => (await resourcesOf(service)).descriptors)
      .toBeLessThanOrEqual(before.descriptors + 2);
    for (const flooding of sockets) flooding.destroy();
    expect((await resourcesOf(service)).megabytes).toBeLessThan(before.megabytes + GARBAGE_MB_MAX);
    const socket = connect(portOf(service), "127.0.0.1");
    socket.write("GET /livez HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 417 /);
    const metrics = async () => (await fetch(`${service.adminUrl}/metrics`)).text();
    await expect.poll(metrics).toMatch(/unreadable_requests_total\{status="417"\} [1-9]/);
  });

  test("and one that waits for each answer keeps its connection", async ({ start }) => {
    const service = await start("ingest");
    const socket = connect(portOf(service), "127.0.0.1");
    for (let request = 0; request < 100; request += 1) {
      socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    }
    socket.destroy();
  });
});

/** Sends everything and reads nothing. Resolves once the service has answered something, or has closed the connection. */
function flood(service: RunningService, path: string, headers = ""): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(portOf(service), "127.0.0.1");
    // Cut off while it sends, as it should be.
    socket.on("error", () => {});
    socket.once("readable", () => resolve(socket));
    socket.once("close", () => resolve(socket));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`.repeat(REQUESTS));
  });
}

async function resourcesOf({
  adminUrl,
}: RunningService): Promise<{ megabytes: number; descriptors: number }> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    megabytes: read("process_resident_memory_bytes") / 1024 / 1024,
    descriptors: read("process_open_fds"),
  };
}

function portOf({ url }: RunningService): number {
  return Number(new URL(url).port);
}
