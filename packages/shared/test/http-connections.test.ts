import { once } from "node:events";
import { connect } from "node:net";
import { answerOn, connectionsOf } from "@model-views/shared/http/http-connections.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { expect, onTestFinished, test } from "vitest";

test("a server keeps its connections for as long as they are open, each with the answer that is due on it", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const server = await listen(
    (_request, response) => {
      asked.resolve();
      void answer.promise.then(() => response.end());
    },
    { host: "127.0.0.1", port: 0 },
  );
  onTestFinished(() => closeServer(server));
  const due = () => [...connectionsOf(server)].map((connection) => answerOn(connection) != null);

  const socket = connect(portOf(server), "127.0.0.1");
  await expect.poll(due).toEqual([false]);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await asked.promise;
  expect(due()).toEqual([true]);
  answer.resolve();
  await once(socket, "data");
  await expect.poll(due).toEqual([false]);
  socket.destroy();
  await expect.poll(due).toEqual([]);
});
