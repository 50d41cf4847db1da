import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { type HeldStream, holdStream, type Passage } from "./held-stream.ts";

/** A TCP proxy between a service and a store, in which connections can be disturbed. */
export type Link = {
  /** Where it listens on loopback. */
  port: number;
  /** Each chunk arrives so many milliseconds late, both ways; 0: at once. */
  delay(ms: number): void;
  /**
   * While it is on, bytes are taken and go nowhere, both ways, and an end is not told. Afterwards they arrive, as TCP
   * would send them again.
   */
  blackHole(on: boolean): void;
  /** Resets (RST) every connection on both sides, and each new one while it is on. */
  reset(on: boolean): void;
  /**
   * The store's side of every connection is closed, and the service is not told: what it sends is lost. New
   * connections work.
   */
  halfOpen(): void;
  /** Undoes all of it. A connection that is half open is reset now, as a peer that forgot it would do. */
  heal(): void;
  close(): Promise<void>;
};

type Pair = { client: Socket; upstream: Socket; streams: readonly HeldStream[]; isHalfOpen: boolean };

/** Opens a proxy on a free port of loopback, to whatever port the store has at the time of each connection. */
export async function openLink(upstreamPort: () => number): Promise<Link> {
  const pairs = new Set<Pair>();
  const passage: Passage = { delayMs: 0, isHeld: false };
  let isResetting = false;
  const server = createServer((client) => {
    if (isResetting) client.resetAndDestroy();
    else join(client, pairs, { port: upstreamPort(), passage: () => passage });
  });
  const changed = () => {
    for (const { streams } of pairs) for (const stream of streams) stream.changed();
  };
  const resetAll = (which: (pair: Pair) => boolean) => {
    for (const pair of [...pairs].filter(which)) {
      pair.client.resetAndDestroy();
      pair.upstream.resetAndDestroy();
    }
  };
  const link = {
    port: await listening(server),
    delay(ms: number) {
      passage.delayMs = ms;
    },
    blackHole(on: boolean) {
      passage.isHeld = on;
      changed();
    },
    reset(on: boolean) {
      isResetting = on;
      if (on) resetAll(() => true);
    },
    halfOpen() {
      for (const pair of pairs) {
        pair.isHalfOpen = true;
        for (const stream of pair.streams) stream.drop();
        pair.upstream.destroy();
      }
    },
    heal() {
      passage.delayMs = 0;
      isResetting = false;
      resetAll(({ isHalfOpen }) => isHalfOpen);
      link.blackHole(false);
    },
    close() {
      resetAll(() => true);
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return link;
}

/** Passes bytes on between a client and the store, until one of them ends. */
function join(
  client: Socket,
  pairs: Set<Pair>,
  { port, passage }: { port: number; passage: () => Passage },
): void {
  const upstream = dial({ port, host: "127.0.0.1", noDelay: true });
  client.setNoDelay(true);
  const up = holdStream(passage, {
    deliver: (chunk) => void upstream.write(chunk),
    end: () => upstream.destroy(),
  });
  const down = holdStream(passage, {
    deliver: (chunk) => void client.write(chunk),
    end: () => client.destroy(),
  });
  const pair: Pair = { client, upstream, streams: [up, down], isHalfOpen: false };
  pairs.add(pair);
  const forgetIfOver = () => {
    if (client.destroyed && (upstream.destroyed || pair.isHalfOpen)) pairs.delete(pair);
  };
  client.on("data", (chunk) => pair.isHalfOpen || up.write(chunk));
  upstream.on("data", (chunk) => pair.isHalfOpen || down.write(chunk));
  // What went wrong on one side is told to the other by its closing.
  client.on("error", () => {});
  upstream.on("error", () => {});
  client.on("close", () => {
    if (pair.isHalfOpen || upstream.destroyed) forgetIfOver();
    else up.end();
  });
  upstream.on("close", () => {
    if (!pair.isHalfOpen && !client.destroyed) down.end();
    forgetIfOver();
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
