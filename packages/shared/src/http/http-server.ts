import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { ConfigError } from "../runtime/config.ts";
import { answerOn, connectionsOf, cutOffUnread, keepConnections, oneAtATime } from "./http-connections.ts";

/** Limits against slow senders, in milliseconds, and how often they are looked after. */
const SLOW_SENDERS = { headersMs: 10_000, requestMs: 15_000, checkMs: 1_000 };
/** Milliseconds in which a reader has to take something of an answer that waits for it. */
const UNREAD_MS_MAX = 30_000;
/** Longer than the usual load balancer's 60 s, so that it is the one who closes an idle connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/**
 * Listens, and resolves once it does. `onUnreadable` is called with the status of each request that could not be read: one
 * that took too long (408), whose headers are too large (431), that is no HTTP (400), that expects what we do not know (417), or that came before the answer to
 * the one before it (also 400, though that one gets no answer at all). `onUnread` is called for each answer that its reader
 * did not read on for 30 s, though some of it waited: it is given up. An answer of which nothing waits may take its time.
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
    /** The variable that says the port, for when it is taken. */
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
  keepConnections(server);
  // Node would answer these itself, however many of them one connection sends at once.
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
    // A browser or proxy that keeps a connection for later has asked for nothing yet.
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
/** As Node answers where nothing listens for these errors; every other one is a 400. */
const UNREADABLE: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers as Node itself does, unless an answer has begun already, and closes. */
function endWith(socket: Duplex, status: number): void {
  if (!answerOn(socket)?.headersSent) {
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy();
}

function unusable(error: NodeJS.ErrnoException, address: string, setting?: string): Error {
  if (error.code === "EADDRINUSE") {
    const which = setting === undefined ? "" : `; ${setting} says which port to take`;
    return new ConfigError(`Another process listens on ${address} already${which}.`);
  }
  if (error.code === "EACCES")
    return new ConfigError(`This user may not listen on ${address}; take a port above 1023.`);
  if (error.code === "EADDRNOTAVAIL") return new ConfigError(`${address} is no address of this machine.`);
  return error;
}

/** The port it listens on, also where port 0 asked for any. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Milliseconds that answers under way have to be sent when the server closes. */
const CLOSING_MS_MAX = 3_000;
/** How often connections that have become idle are ended while the server closes. */
const IDLE_SWEEP_MS = 50;

/**
 * Takes no new connections, and resolves when the last answer is sent. A keep-alive connection is ended as soon as
 * it is idle, also when it only becomes so after the closing began; one on which nothing moves (a browser's connection
 * for later, a sender that sleeps) after 3 s.
 */
export async function closeServer(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const force = setTimeout(() => {
    // Whoever reads an answer that has no length must not take the end of the connection for its end.
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
