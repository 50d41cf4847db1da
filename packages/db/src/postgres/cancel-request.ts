import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as encrypt } from "node:tls";
import type { PoolClient } from "pg";

/** Milliseconds for a cancel request, from connecting until the server has closed the connection. */
const CANCEL_MS_MAX = 5_000;

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: CancelRequest and SSLRequest. */
const CANCEL_CODE = 80_877_102;
const ENCRYPTION_CODE = 80_877_103;

/** The server's answer to an SSLRequest: it encrypts. */
const ENCRYPTS = 0x53;

/** What pg (8) knows about a connection, and its types leave out. */
type Known = {
  processID: number | null;
  secretKey: number | null;
  ssl: boolean | ConnectionOptions;
  sslNegotiation: "postgres" | "direct";
};

/**
 * Asks the server to cancel what it runs for this connection, as the protocol has it: over another connection, with the key
 * that the server gave at the start. A pooler passes it on, although it does not give its clients the ids of the server's processes.
 *
 * When this resolves, the server has acted: it closes the connection after that. A statement that is sent later is not
 * hit. The server ignores a request that comes while it waits for a statement, so it may come too early.
 *
 * pg's own `cancel` does not encrypt, and does not wait for the server.
 *
 * @throws after 5 s, or when the server cannot be reached. The request may have arrived, and be acted on later.
 */
export async function sendCancelRequest(client: PoolClient): Promise<void> {
  const { processID, secretKey, ssl, sslNegotiation } = client as unknown as Known;
  if (processID === null || secretKey === null) throw new Error("the server gave no key to cancel with");
  const socket = connectLike(client);
  const request = message(CANCEL_CODE, processID, secretKey);
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("a cancel request took too long")), CANCEL_MS_MAX);
      socket.on("error", reject).on("close", () => reject(new Error("a cancel request was cut off")));
      const send = (stream: Socket) => stream.on("error", reject).on("end", resolve).resume().write(request);
      const sendEncrypted = () =>
        send(encrypt({ socket, ...encryption(client.host, ssl), ...protocolOf(sslNegotiation) }));
      if (ssl === false) send(socket);
      else if (sslNegotiation === "direct") socket.once("connect", sendEncrypted);
      else {
        socket.write(message(ENCRYPTION_CODE));
        socket.once("data", ([answer]) => {
          if (answer === ENCRYPTS) sendEncrypted();
          else reject(new Error("the server does not encrypt a cancel request"));
        });
      }
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** To the same address: a name may stand for several servers, of which only one knows the key. */
function connectLike({ connection, host, port }: PoolClient): Socket {
  if (host.startsWith("/")) return connect(`${host}/.s.PGSQL.${port}`);
  const { remoteAddress } = connection.stream as Socket;
  return connect(port, remoteAddress ?? host);
}

/** The encryption of the connection itself, as pg sets it up. The name is checked, although an address was connected to. */
function encryption(host: string, ssl: boolean | ConnectionOptions): ConnectionOptions {
  return { host, ...(typeof ssl === "object" ? ssl : {}), ...(isIP(host) === 0 ? { servername: host } : {}) };
}

function protocolOf(negotiation: Known["sslNegotiation"]): ConnectionOptions {
  return negotiation === "direct" ? { ALPNProtocols: ["postgresql"] } : {};
}

/** Its length, itself included, and the numbers: each of 4 bytes. */
function message(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * (numbers.length + 1));
  for (const [index, number] of [bytes.length, ...numbers].entries()) bytes.writeInt32BE(number, index * 4);
  return bytes;
}
