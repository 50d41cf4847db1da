import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { type DelayedStream, delayStream, type Passage } from "./delayed-stream.ts";

/** A TCP proxy between a service and a store, which can disturb the connections. */
export type TcpProxy = {
  /** Where it listens on loopback. */
  port: number;
  /** Delays each chunk by so many milliseconds, both ways; 0: no delay. */
  delay(ms: number): void;
  /**
   * While it is on, bytes are taken and not delivered, both ways, and neither is the end of a connection. Afterwards they
   * arrive, as TCP would send them again.
   */
  blackHole(on: boolean): void;
  /** Resets (RST) every connection on both sides, and each new one while it is on. */
  reset(on: boolean): void;
  /**
   * Closes the store's side of every connection and leaves the service's side open: what the service sends is lost. New
   * connections work.
   */
  halfOpen(): void;
  /** Undoes all of it. A half-open connection is reset, as a peer that does not know it any more would do. */
  heal(): void;
  close(): Promise<void>;
};

type Pair = { client: Socket; upstream: Socket; streams: readonly DelayedStream[]; isHalfOpen: boolean };

/** Opens a proxy on a free port of loopback. Each connection goes to the port that the store has at that time. */
export async function openProxy(upstreamPort: () => number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const passage: Passage = { delayMs: 0, isPaused: false };
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
  const proxy = {
    port: await listening(server),
    delay(ms: number) {
      passage.delayMs = ms;
    },
    blackHole(on: boolean) {
      passage.isPaused = on;
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
      proxy.blackHole(false);
    },
    close() {
      resetAll(() => true);
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

/** Passes bytes between a client and the store, until one of them ends the connection. */
function join(
  client: Socket,
  pairs: Set<Pair>,
  { port, passage }: { port: number; passage: () => Passage },
): void {
  const upstream = dial({ port, host: "127.0.0.1", noDelay: true });
  client.setNoDelay(true);
  const up = delayStream(passage, {
    deliver: (chunk) => void upstream.write(chunk),
    end: () => upstream.destroy(),
  });
  const down = delayStream(passage, {
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
  // After an error on one side, its close event ends the other side.
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
