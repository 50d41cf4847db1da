import { request } from "node:http";
import { test } from "@model-views/testing/fixtures.ts";
import { describe, expect } from "vitest";

/** The status of a GET with another `Host`. */
function statusWith(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

const text = async (url: string) => (await fetch(url)).text();

describe("what operators ask", () => {
  test.for(["ingest", "worker", "stats-api"] as const)(
    "of %s is on a separate port",
    async (name, { start }) => {
      const { url, adminUrl } = await start(name);
      const ready = await fetch(`${adminUrl}/readyz`);
      expect(await ready.json()).toMatchObject({ status: "ok", checks: expect.any(Object) });
      expect(await text(`${adminUrl}/metrics`)).toContain("process_cpu_seconds_total");
      expect((await fetch(`${adminUrl}/livez`)).status).toBe(200);
      expect((await fetch(`${adminUrl}/v1/models`)).status).toBe(404);

      // It does not listen on another address, unless ADMIN_HOST is set.
      await expect(fetch(`${adminUrl.replace("127.0.0.1", "127.0.0.2")}/livez`)).rejects.toThrow();

      // A page's server could point its name to this machine (DNS rebinding), and the page would read the answer.
      expect(await statusWith("rebind.evil.example", `${adminUrl}/metrics`)).toBe(403);
      expect(await statusWith("localhost:4003", `${adminUrl}/metrics`)).toBe(200);

      if (url === adminUrl) return;
      expect((await fetch(`${url}/metrics`)).status).toBe(404);
      expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ok" });
      expect((await fetch(`${url}/livez`)).status).toBe(200);
    },
  );

  test("the reason why PostgreSQL is away is not public; a port that is taken is named with its variable", async ({
    start,
  }) => {
    const away = "postgres://someone@127.0.0.1:1/secret";
    const { url, adminUrl } = await start("stats-api", { DATABASE_URL: away });
    const answer = await fetch(`${url}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([503, { status: "not ready" }]);
    expect(await text(`${adminUrl}/readyz`)).toContain("127.0.0.1:1");

    const { port } = new URL(adminUrl);
    await expect(start("ingest", { INGEST_ADMIN_PORT: port })).rejects.toThrow(
      new RegExp(
        `ended with 78[^]*127\\.0\\.0\\.1:${port} already; choose another port with INGEST_ADMIN_PORT`,
      ),
    );
  });
});
