import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The open connections of each server. */
const openOf = new WeakMap<Server, Set<Socket>>();

/** Tracks the server's connections. Must be called before the first of them. */
export function trackConnections(server: Server): void {
  const connections = new Set<Socket>();
  openOf.set(server, connections);
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
}

/** The open connections of a server that {@link trackConnections} tracks. */
export function connectionsOf(server: Server): Iterable<Socket> {
  return openOf.get(server) ?? [];
}

/**
 * The answer that is due on a connection, or being sent, until the kernel has its last byte. Undefined or null if there is
 * none.
 *
 * Reads a private field of Node, which has no public equivalent. Tracking answers ourselves, with a listener for each
 * request, took 2 % of the time per view.
 */
export function answerOn(
  connection: Duplex & { _httpMessage?: Pick<ServerResponse, "headersSent"> | null },
): Pick<ServerResponse, "headersSent"> | null | undefined {
  return connection._httpMessage;
}

/**
 * Handles one request per connection at a time. A client that sends the next request before it has the answer is cut off:
 * Node would start all requests of one read at once, thousands of them, and keep every answer in memory until the ones
 * before it are read. Browsers, proxies and HTTP libraries do not pipeline (by RFC 9112, section 9.3.2, a client may only
 * if it is ready to repeat requests without an answer).
 */
export function oneAtATime(listener: RequestListener, onPipelined: () => void): RequestListener {
  return (request, response) => {
    const { socket } = request;
    // Requests that were read already still arrive, one after the other.
    if (socket.destroyed) return;
    // Node assigns the connection to an answer when the answers before it have been sent.
    if (response.socket === null) {
      onPipelined();
      socket.destroy();
      return;
    }
    listener(request, response);
  };
}

/** Checks for unread answers within the time that an answer may wait. */
const UNREAD_CHECKS = 30;

/**
 * Gives up answers that their clients do not read. Uses Node's socket time-out, which starts anew whenever the client reads
 * something. It is set only when an answer is found waiting, up to a thirtieth of the time later: most answers never wait,
 * and a timer for every request took 2 % of the time per view.
 */
export function cutOffUnread(
  server: Server,
  { unreadMsMax, onUnread }: { unreadMsMax: number; onUnread: () => void },
): void {
  const check = setInterval(() => {
    for (const socket of connectionsOf(server)) {
      if (socket.writableLength > 0 && socket.timeout !== unreadMsMax) socket.setTimeout(unreadMsMax);
    }
  }, unreadMsMax / UNREAD_CHECKS).unref();
  server.on("close", () => clearInterval(check));
  server.on("timeout", (socket: Socket) => {
    // With a listener for time-outs, Node leaves it to us to close idle connections.
    if (answerOn(socket) == null) return void socket.destroy();
    if (socket.writableLength === 0) return;
    onUnread();
    socket.resetAndDestroy();
  });
}
