import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { test as base, describe, expect } from "vitest";
import { openProxy, type TcpProxy } from "../src/proxy/proxy.ts";

/** A server that echoes, behind a proxy, and clients of it. */
type Lab = {
  proxy: TcpProxy;
  /** To the same server. */
  otherProxy: TcpProxy;
  served: Socket[];
  client: () => Promise<Client>;
  clientOf: (proxy: TcpProxy) => Promise<Client>;
};
type Client = { socket: Socket; received: () => string; error: () => string | undefined };

const test = base.extend<{ lab: Lab }>({
  lab: async ({ task: _ }, use) => {
    const served: Socket[] = [];
    const server = createServer((socket) => {
      served.push(socket);
      socket.on("error", () => {});
      socket.pipe(socket);
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(portOf(server)));
    });
    const [proxy, otherProxy] = [await openProxy(() => port), await openProxy(() => port)];
    const clients: Socket[] = [];
    const clientOf = async (to: TcpProxy): Promise<Client> => {
      const client = await dialled(to);
      clients.push(client.socket);
      return client;
    };
    await use({ proxy, otherProxy, served, client: () => clientOf(proxy), clientOf });
    for (const socket of [...clients, ...served]) socket.destroy();
    await Promise.all([proxy.close(), otherProxy.close()]);
    server.close();
  },
});

describe("a proxy", () => {
  test("passes bytes both ways", async ({ lab }) => {
    const { socket, received } = await lab.client();
    socket.write("a view");
    await expect.poll(received).toBe("a view");
  });

  test("closes each side when the other one ends", async ({ lab }) => {
    const { socket } = await lab.client();
    await expect.poll(() => lab.served.length).toBe(1);
    lab.served[0]?.destroy();
    await expect.poll(() => socket.destroyed).toBe(true);
  });

  test("delays each chunk, in order", async ({ lab }) => {
    const { socket, received } = await lab.client();
    lab.proxy.delay(60);
    const began = performance.now();
    socket.write("first ");
    socket.write("second");
    await expect.poll(received, { interval: 5 }).toBe("first second");
    expect(performance.now() - began).toBeGreaterThan(115);
  });

  test("takes bytes without delivering them as a black hole, and delivers them when that is over", async ({
    lab,
  }) => {
    const early = await lab.client();
    early.socket.write("before ");
    await expect.poll(early.received).toBe("before ");
    lab.proxy.blackHole(true);
    early.socket.write("meanwhile");
    const other = await lab.clientOf(lab.otherProxy);
    other.socket.write("as far");
    // Sent later on the same route: when it is back, the first would be back as well.
    await expect.poll(other.received).toBe("as far");
    expect(early.received()).toBe("before ");
    lab.proxy.blackHole(false);
    await expect.poll(early.received).toBe("before meanwhile");
  });

  test("resets connections, and new ones too until it is healed", async ({ lab }) => {
    const { error } = await lab.client();
    lab.proxy.reset(true);
    await expect.poll(error).toBe("ECONNRESET");
    const next = await lab.client();
    await expect.poll(next.error).toBe("ECONNRESET");
    lab.proxy.heal();
    const { socket, received } = await lab.client();
    socket.write("again");
    await expect.poll(received).toBe("again");
  });

  test("leaves a client alone with a dead connection when half open, until it is healed", async ({ lab }) => {
    const first = await lab.client();
    await expect.poll(() => lab.served.length).toBe(1);
    lab.proxy.halfOpen();
    await expect.poll(() => lab.served[0]?.destroyed).toBe(true);
    first.socket.write("into the void");
    const second = await lab.client();
    second.socket.write("to the server");
    await expect.poll(second.received).toBe("to the server");
    expect(first.received()).toBe("");
    expect(first.socket.destroyed).toBe(false);
    lab.proxy.heal();
    await expect.poll(first.error).toBe("ECONNRESET");
    expect(second.socket.destroyed).toBe(false);
  });
});

async function dialled(proxy: TcpProxy): Promise<Client> {
  const socket = dial({ port: proxy.port, host: "127.0.0.1" });
  let received = "";
  let error: string | undefined;
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("error", (failure: NodeJS.ErrnoException) => {
    error = failure.code;
  });
  // A connection that is reset at once may have no connect event.
  await new Promise<void>((resolve) => {
    socket.once("connect", resolve);
    socket.once("error", () => resolve());
  });
  return { socket, received: () => received, error: () => error };
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}
