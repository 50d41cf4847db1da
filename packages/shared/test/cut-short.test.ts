import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cutShort, resetWhenCutShort } from "@model-views/shared/http/cut-short.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { expect, test } from "vitest";

const defect = new Error("PostgreSQL is away");

/** How an answer ends that has begun, each of them for good. */
const ENDINGS: Record<string, (response: ServerResponse) => void> = {
  "a route that fails": cutShort,
  "rows that fail": (response) => {
    resetWhenCutShort(response);
    const rows = Readable.from(
      (async function* () {
        yield "more";
        throw defect;
      })(),
    );
    pipeline(rows, response).catch(() => {});
  },
  "a service that closes before the answer is whole": () => {},
};

/** Asks as nginx does by default, and says what came, and how the connection ended. */
async function ask(port: number): Promise<{ begun: Promise<unknown>; ended: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
  const ended = new Promise<string>((resolve) => {
    socket.once("end", () => resolve("end"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
  });
  return { begun: once(socket, "data").then(() => socket.resume()), ended };
}

test.for(Object.keys(ENDINGS))(
  "%s resets the connection, by which an answer without a length ends",
  async (name) => {
    const answers: ServerResponse[] = [];
    const server = await listen(
      (_request, response) => {
        answers.push(response);
        response.write("some of it");
      },
      { host: "127.0.0.1", port: 0 },
    );
    const { begun, ended } = await ask(portOf(server));
    await begun;
    for (const response of answers) ENDINGS[name]?.(response);
    const closed = name.startsWith("a service") ? closeServer(server) : undefined;
    expect(await ended).toBe("ECONNRESET");
    await (closed ?? closeServer(server));
  },
);

test("an answer that is whole ends as usual", async () => {
  const server = await listen(
    (_request, response) => {
      resetWhenCutShort(response);
      response.write("some of it");
      void pipeline(Readable.from(["the rest"]), response);
    },
    { host: "127.0.0.1", port: 0 },
  );
  const { begun, ended } = await ask(portOf(server));
  await begun;
  expect(await ended).toBe("end");
  await closeServer(server);
});
