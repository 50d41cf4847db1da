import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A proxy in front of a service, whose address stays the same while the service stops or starts. */
export type ReverseProxy = {
  port: number;
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Each request since the start. */
  requests: PassedRequest[];
  /** Passes requests on to this service from now on. */
  to: (url: string) => Promise<void>;
  /** Refuses connections. */
  down: () => Promise<void>;
  /** Accepts connections and never answers. */
  hang: () => Promise<void>;
  close: () => Promise<void>;
};

export type PassedRequest = Pick<IncomingMessage, "method" | "url" | "headers">;

/**
 * Starts a proxy that hangs until `to` is called.
 *
 * @param setHeaders headers that it sets on each request
 */
export async function startReverseProxy(setHeaders: Record<string, string> = {}): Promise<ReverseProxy> {
  let target: URL | undefined;
  const requests: PassedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers });
    if (target !== undefined) passOn(request, response, target, setHeaders);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    to: (url) => turn(new URL(url)),
    hang: () => turn(undefined),
    down: close,
    close,
  };

  async function turn(to: URL | undefined): Promise<void> {
    target = to;
    for (const socket of sockets) socket.destroy();
    if (!server.listening) await listen(port);
  }

  async function listen(on: number): Promise<void> {
    server.listen(on, "127.0.0.1");
    await once(server, "listening");
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  }
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { hostname, port }: URL,
  setHeaders: Record<string, string>,
): void {
  const { method, url: path } = request;
  const headers = { ...request.headers, ...setHeaders };
  const passed = sendRequest({ hostname, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  response.on("close", () => passed.destroy());
  request.pipe(passed);
}
