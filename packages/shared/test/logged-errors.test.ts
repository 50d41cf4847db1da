import { spawn } from "node:child_process";
import { once } from "node:events";
import { problem } from "@model-views/shared/contracts/problems.ts";
import { problemHandler } from "@model-views/shared/http/express-problems.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import express from "express";
import { describe, expect, test } from "vitest";

/** A logger, and what it wrote. */
function logging() {
  const lines: string[] = [];
  return {
    lines,
    logger: createLogger({ service: "test", level: "info" }, { write: (line) => lines.push(line) }),
  };
}

/** As pg throws it. */
const invalidText = Object.assign(new Error('invalid input syntax for type uuid: "member-7"'), {
  code: "22P02",
});
const away = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });

describe("the log of an error", () => {
  test("has none of the value that could not be read, in its message, its stack and its cause", () => {
    const { lines, logger } = logging();
    logger.error({ err: new Error("could not store", { cause: invalidText }) }, "request failed");
    expect(lines.join()).not.toContain("member-7");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      err: {
        message: "could not store",
        stack: expect.stringContaining("logged-errors.test.ts"),
        cause: {
          message: 'invalid input syntax for type uuid: "…"',
          stack: expect.stringContaining("logged-errors.test.ts"),
          code: "22P02",
        },
      },
    });
  });

  test.for([
    ["a PostgreSQL that reports in German", "ungültige Eingabesyntax für Typ uuid: »member-7«"],
    ["a PostgreSQL that reports in French", "syntaxe en entrée invalide pour le type uuid : « member-7 »"],
  ] as const)("has none of it from %s", ([, message]) => {
    const { lines, logger } = logging();
    logger.error({ err: Object.assign(new Error(message), { code: "22P02" }) }, "request failed");
    expect(lines.join()).not.toContain("member-7");
    expect(lines.join()).toContain("uuid");
  });

  test.for([
    '{"viewerId":"member-7"',
    '{"viewerId":member-7}',
    '"member-7',
    "member-7",
    '{"a":"b"} "member-7"',
  ])("has none of the text that is no JSON: %s", (text) => {
    const { lines, logger } = logging();
    try {
      JSON.parse(text);
    } catch (error) {
      logger.error({ err: error }, "request failed");
    }
    expect(lines.join()).toContain("JSON");
    expect(lines.join()).not.toMatch(/member-|viewerId/);
  });

  test("keeps the names that PostgreSQL quotes elsewhere, and names the command that migrates", () => {
    const { lines, logger } = logging();
    const error = Object.assign(new Error('relation "model_views" does not exist'), { code: "42P01" });
    logger.error({ err: error }, "request failed");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      err: { message: expect.stringMatching(/^relation "model_views" does not exist; .*: npm run migrate$/) },
    });
  });
});

describe("the log of requests that fail", () => {
  /** Asks an app whose only route throws. */
  async function logOf(
    error: Error,
    { times = 1, isWorld = false } = {},
  ): Promise<Record<string, unknown>[]> {
    const { lines, logger } = logging();
    const app = express();
    app.use(
      "/v1",
      express.Router().get("/viewers/:viewerIdentifier", () => {
        throw error;
      }),
    );
    app.use(problemHandler(logger, () => (isWorld ? problem("unavailable", 503, "away") : undefined)));
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    for (let time = 0; time < times; time += 1) {
      await fetch(`http://127.0.0.1:${portOf(server)}/v1/viewers/member-7`);
    }
    await closeServer(server);
    return lines.map((line) => JSON.parse(line));
  }

  test("has the route's pattern, and never the path", async () => {
    const [line] = await logOf(invalidText);
    expect(line).toMatchObject({ method: "GET", route: "/viewers/:viewerIdentifier" });
    expect(JSON.stringify(line)).not.toContain("member-7");
  });

  test("is one line without a stack while the database is away, however many ask", async () => {
    const lines = await logOf(away, { times: 50, isWorld: true });
    expect(lines).toEqual([
      expect.objectContaining({
        level: "warn",
        msg: "requests cannot be answered now",
        reason: "connect ECONNREFUSED 127.0.0.1:5432",
        requests: 1,
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain("stack");
  });
});

describe("an error that nothing caught", () => {
  test.for([
    ["an exception", 'setTimeout(() => { throw new Error("a bug") })'],
    ["a rejection", 'Promise.reject(new Error("a bug"))'],
    ["a rejection with no error", 'Promise.reject("a bug")'],
  ] as const)("%s is one line of the log, and ends the process with 1", async ([, bug]) => {
    const program = `
      import { watchLifecycle } from "@model-views/shared/runtime/lifecycle.ts";
      import { createLogger } from "@model-views/shared/runtime/logger.ts";
      watchLifecycle(createLogger({ service: "test", level: "info" }));
      ${bug};
      setInterval(() => {}, 1_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    expect(await once(child, "close")).toEqual([1, null]);
    expect(err).toBe("");
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        level: "fatal",
        msg: "uncaught error, ending",
        err: { message: expect.stringContaining("a bug") },
      },
    ]);
  });
});
