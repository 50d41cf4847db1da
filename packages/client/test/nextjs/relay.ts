import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An address that stays the same while the service behind it stops or starts. */
export type Relay = AsyncDisposable & {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Connections so far. */
  connections: () => number;
  /** Connections go to this service from now on. */
  to: (url: string) => void;
  /** Connections are refused. */
  down: () => Promise<void>;
  /** Connections are accepted, and never answered. */
  hang: () => void;
};

/** Starts a relay behind which the service is down. Every change also ends the connections there are. */
export async function startRelay(): Promise<Relay> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let target: URL | undefined;
  let server = createServer(accept).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await close();

  return {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    to: (url) => {
      target = new URL(url);
      listen();
    },
    hang: () => {
      target = undefined;
      listen();
    },
    down: close,
    [Symbol.asyncDispose]: close,
  };

  function accept(socket: Socket): void {
    connections += 1;
    keep(socket);
    if (target === undefined) return void socket.resume();
    const service = connect(Number(target.port), target.hostname);
    keep(service);
    socket.pipe(service).pipe(socket);
    socket.once("close", () => service.destroy());
    service.once("close", () => socket.destroy());
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  }

  function listen(): void {
    endConnections();
    if (!server.listening) server = createServer(accept).listen(port, "127.0.0.1");
  }

  async function close(): Promise<void> {
    endConnections();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  }

  function endConnections(): void {
    for (const socket of sockets) socket.destroy();
  }
}
