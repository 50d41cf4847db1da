import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { test as base, describe, expect } from "vitest";
import { type Link, openLink } from "../src/proxy/proxy.ts";

/** A server that sends back what it gets, behind a link, and clients of it. */
type Lab = {
  link: Link;
  /** To the same server. */
  otherLink: Link;
  served: Socket[];
  client: () => Promise<Client>;
  clientOf: (link: Link) => Promise<Client>;
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
    const [link, otherLink] = [await openLink(() => port), await openLink(() => port)];
    const clients: Socket[] = [];
    const clientOf = async (to: Link): Promise<Client> => {
      const client = await dialled(to);
      clients.push(client.socket);
      return client;
    };
    await use({ link, otherLink, served, client: () => clientOf(link), clientOf });
    for (const socket of [...clients, ...served]) socket.destroy();
    await Promise.all([link.close(), otherLink.close()]);
    server.close();
  },
});

describe("a link", () => {
  test("passes bytes both ways", async ({ lab }) => {
    const { socket, received } = await lab.client();
    socket.write("a view");
    await expect.poll(received).toBe("a view");
  });

  test("tells each side when the other one ends", async ({ lab }) => {
    const { socket } = await lab.client();
    await expect.poll(() => lab.served.length).toBe(1);
    lab.served[0]?.destroy();
    await expect.poll(() => socket.destroyed).toBe(true);
  });

  test("delays each chunk, in order", async ({ lab }) => {
    const { socket, received } = await lab.client();
    lab.link.delay(60);
    const began = performance.now();
    socket.write("first ");
    socket.write("second");
    await expect.poll(received, { interval: 5 }).toBe("first second");
    expect(performance.now() - began).toBeGreaterThan(115);
  });

  test("swallows bytes as a black hole, and brings them when it is over", async ({ lab }) => {
    const early = await lab.client();
    early.socket.write("before ");
    await expect.poll(early.received).toBe("before ");
    lab.link.blackHole(true);
    early.socket.write("meanwhile");
    const other = await lab.clientOf(lab.otherLink);
    other.socket.write("as far");
    // It sets out later on a way as long: once it is back, the first would be.
    await expect.poll(other.received).toBe("as far");
    expect(early.received()).toBe("before ");
    lab.link.blackHole(false);
    await expect.poll(early.received).toBe("before meanwhile");
  });

  test("resets connections, and new ones too until it is healed", async ({ lab }) => {
    const { error } = await lab.client();
    lab.link.reset(true);
    await expect.poll(error).toBe("ECONNRESET");
    const next = await lab.client();
    await expect.poll(next.error).toBe("ECONNRESET");
    lab.link.heal();
    const { socket, received } = await lab.client();
    socket.write("again");
    await expect.poll(received).toBe("again");
  });

  test("leaves a client alone with a dead connection when half open, until it is healed", async ({ lab }) => {
    const first = await lab.client();
    await expect.poll(() => lab.served.length).toBe(1);
    lab.link.halfOpen();
    await expect.poll(() => lab.served[0]?.destroyed).toBe(true);
    first.socket.write("to nobody");
    const second = await lab.client();
    second.socket.write("to somebody");
    await expect.poll(second.received).toBe("to somebody");
    expect(first.received()).toBe("");
    expect(first.socket.destroyed).toBe(false);
    lab.link.heal();
    await expect.poll(first.error).toBe("ECONNRESET");
    expect(second.socket.destroyed).toBe(false);
  });
});

async function dialled(link: Link): Promise<Client> {
  const socket = dial({ port: link.port, host: "127.0.0.1" });
  let received = "";
  let error: string | undefined;
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("error", (failure: NodeJS.ErrnoException) => {
    error = failure.code;
  });
  // A connection that is reset at once may never seem to have been there.
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
