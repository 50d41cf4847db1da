import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { expect, onTestFinished, test, vi } from "vitest";

/** More than the kernel buffers for a client that does not read. */
const LARGE = Buffer.alloc(64 * 1024 * 1024);

async function serve(listener: RequestListener, unreadMsMax: number) {
  const onUnread = vi.fn();
  const server = await listen(listener, { host: "127.0.0.1", port: 0, unreadMsMax, onUnread });
  onTestFinished(() => closeServer(server));
  const ask = (path: string): Socket => {
    const socket = connect(portOf(server), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket;
  };
  return { ask, onUnread };
}

test("who does not read an answer is cut off; a quiet stream and an answer that takes its time are not", async () => {
  const answer = Promise.withResolvers<void>();
  const { ask, onUnread } = await serve((request, response) => {
    if (request.url === "/large") return void response.end(LARGE);
    if (request.url === "/stream") response.write("begun");
    void answer.promise.then(() => response.end("over"));
  }, 100);
  const patient = [ask("/stream"), ask("/slow")];
  const texts = patient.map(async (socket) => {
    let text = "";
    for await (const chunk of socket) {
      text += chunk;
      if (text.includes("over")) break;
    }
    return text;
  });
  const [begun] = (await once(patient[0] as Socket, "data")) as [Buffer];
  expect(begun.toString()).toContain("200 OK");

  const deaf = ask("/large");
  deaf.pause();
  await expect.poll(() => onUnread.mock.calls.length).toBe(1);
  // Longer than the others may be quiet if something of theirs waited to be read.
  answer.resolve();
  for (const text of await Promise.all(texts)) expect(text).toContain("over");
  expect(onUnread).toHaveBeenCalledOnce();
});

test("who reads slowly, but reads, gets all of it", async () => {
  const { ask, onUnread } = await serve((_request, response) => void response.end(LARGE), 1_000);
  const slow = ask("/large");
  let bytes = 0;
  for await (const chunk of slow) {
    bytes += (chunk as Buffer).length;
    // A thousand pieces: all of it takes longer than one may wait.
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (bytes > LARGE.length) break;
  }
  expect(bytes).toBeGreaterThan(LARGE.length);
  expect(onUnread).not.toHaveBeenCalled();
});
