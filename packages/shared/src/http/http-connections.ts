import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Of each server: its connections that are open. */
const kept = new WeakMap<Server, Set<Socket>>();

/** Keeps a list of the server's connections, from before the first of them. */
export function keepConnections(server: Server): void {
  const connections = new Set<Socket>();
  kept.set(server, connections);
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
}

/** The connections that are open, where {@link keepConnections} keeps a list of them. */
export function connectionsOf(server: Server): Iterable<Socket> {
  return kept.get(server) ?? [];
}

/**
 * The answer that is due on a connection, or under way until its last byte is with the kernel; undefined or null when there is none.
 *
 * It is Node's own note: there is no public name for it, and to make one of our own for each request, with a listener that removes it
 * again, took 2 % of what a view takes.
 */
export function answerOn(
  connection: Duplex & { _httpMessage?: Pick<ServerResponse, "headersSent"> | null },
): Pick<ServerResponse, "headersSent"> | null | undefined {
  return connection._httpMessage;
}

/**
 * Handles one request of a connection at a time. A client that sends the next one before it has the answer is cut off:
 * Node would start all requests of one read at once, thousands of them, and hold every answer in memory until the ones
 * before it are read. Browsers, proxies and HTTP libraries do not pipeline (RFC 9112, section 9.3.2, lets a client only
 * where it is ready to send again what got no answer).
 */
export function oneAtATime(listener: RequestListener, onPipelined: () => void): RequestListener {
  return (request, response) => {
    const { socket } = request;
    // The rest of what was read still comes in, one request after the other.
    if (socket.destroyed) return;
    // Node gives the connection to an answer once those before it are sent.
    if (response.socket === null) {
      onPipelined();
      socket.destroy();
      return;
    }
    listener(request, response);
  };
}

/** How often answers that wait to be read are looked for, in the time that they may wait. */
const UNREAD_CHECKS = 30;

/**
 * Gives up answers that are not read. The time is Node's, which begins anew whenever the reader has taken something. It is set only
 * for a connection on which an answer is seen to wait, up to a thirtieth of the time later: most never have one, and a
 * timer of every request took 2 % of what a view takes.
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
    // Node closes the connections whose time is over only where nobody listens for it; these are idle.
    if (answerOn(socket) == null) return void socket.destroy();
    if (socket.writableLength === 0) return;
    onUnread();
    socket.resetAndDestroy();
  });
}
