import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ConfigError } from "../runtime/config.ts";
import { answerOn, connectionsOf, cutOffUnread, oneAtATime, trackConnections } from "./http-connections.ts";

/** Limits for slow senders, and the time between checks, in milliseconds. */
const SLOW_SENDERS = { headersMs: 10_000, requestMs: 15_000, checkMs: 1_000 };
/** Milliseconds in which a client must read something of an answer that waits for it. */
const UNREAD_MS_MAX = 30_000;
/** Longer than the usual 60 s of load balancers, so that they close idle connections, and not we. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/**
 * Resolves when the server listens.
 *
 * `onUnreadable` is called with a status for each request that cannot be handled: it took too long (408), its headers are
 * too large (431), it is not HTTP (400), it has an unknown expectation (417), or it came before the answer to the previous
 * one (400, although it gets no answer). `onUnread` is called for each answer that is given up, because its client read
 * nothing for 30 s although a part of it waited. An answer that is still being made may take longer.
 *
 * @throws {ConfigError} when the port is taken, or the address is not one of this machine's.
 */
export async function listen(
  listener: RequestListener,
  {
    host,
    port,
    setting,
    slowSenders = SLOW_SENDERS,
    unreadMsMax = UNREAD_MS_MAX,
    onUnreadable = () => {},
    onUnread = () => {},
  }: {
    host: string;
    port: number;
    /** The variable that configures the port, for the message when it is taken. */
    setting?: string;
    slowSenders?: typeof SLOW_SENDERS;
    unreadMsMax?: number;
    onUnreadable?: (status: number) => void;
    onUnread?: () => void;
  },
): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: slowSenders.headersMs,
      requestTimeout: slowSenders.requestMs,
      connectionsCheckingInterval: slowSenders.checkMs,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    oneAtATime(listener, () => onUnreadable(PIPELINED_STATUS)),
  );
  trackConnections(server);
  // Node would answer these itself, without a limit per connection.
  server.on(
    "checkExpectation",
    oneAtATime(
      (_request, response) => {
        onUnreadable(EXPECTATION_STATUS);
        response.writeHead(EXPECTATION_STATUS, { Connection: "close" }).end();
      },
      () => onUnreadable(PIPELINED_STATUS),
    ),
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // A browser or proxy opened the connection for later, and has sent nothing yet.
    const isSilent = "bytesRead" in socket && socket.bytesRead === 0;
    if (error.code === "ECONNRESET" || !socket.writable || isSilent) return void socket.destroy();
    const status = UNREADABLE[error.code ?? ""] ?? 400;
    onUnreadable(status);
    endWith(socket, status);
  });
  cutOffUnread(server, { unreadMsMax, onUnread });
  await new Promise<void>((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(unusable(error, `${host}:${port}`, setting));
    server.once("error", refused);
    server.listen(port, host, () => {
      server.off("error", refused);
      resolve();
    });
  });
  return server;
}

const PIPELINED_STATUS = 400;
const EXPECTATION_STATUS = 417;
/** The statuses of Node's own answers to these errors. All others are a 400. */
const UNREADABLE: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Closes the connection, after an answer like Node's own if none has begun already. */
function endWith(socket: Duplex, status: number): void {
  if (!answerOn(socket)?.headersSent) {
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy();
}

function unusable(error: NodeJS.ErrnoException, address: string, setting?: string): Error {
  if (error.code === "EADDRINUSE") {
    const which = setting === undefined ? "" : `; choose another port with ${setting}`;
    return new ConfigError(`Another process listens on ${address} already${which}.`);
  }
  if (error.code === "EACCES")
    return new ConfigError(`This user may not listen on ${address}; take a port above 1023.`);
  if (error.code === "EADDRNOTAVAIL") return new ConfigError(`${address} is no address of this machine.`);
  return error;
}

/** The port that the server listens on, even if port 0 asked for any. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Milliseconds for sending the remaining answers when the server closes. */
const CLOSING_MS_MAX = 3_000;
/** Milliseconds between searches for idle connections while the server closes. */
const IDLE_SWEEP_MS = 50;

/**
 * Accepts no new connections, and resolves when the last answer is sent. A keep-alive connection is closed as soon as it
 * is idle, even if it becomes so later. Connections without any traffic (a browser's for later, a sleeping sender) are
 * closed after 3 s.
 */
export async function closeServer(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const force = setTimeout(() => {
    // A reset, because clients would take a normal close for the end of an answer without a length.
    for (const socket of connectionsOf(server)) if (answerOn(socket) != null) socket.resetAndDestroy();
    server.closeAllConnections();
  }, CLOSING_MS_MAX);
  try {
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
    });
  } finally {
    clearInterval(sweep);
    clearTimeout(force);
  }
}
