import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** A request to cancel that the proxy holds back. */
export type HeldRequest = {
  /** Passes it on, and the server's answer, which is the end of the connection. Resolves when the server has acted. */
  pass: () => Promise<unknown>;
  /** Resets its connection: the server never gets it. */
  cut: () => void;
};

export type CancelProxy = {
  /** The same database through the proxy. */
  via: (databaseUrl: string) => string;
  held: HeldRequest[];
  /** Passes on all that are held, and those that come later. */
  passAll: () => Promise<unknown>;
  close: () => Promise<void>;
};

const CANCEL_CODE = 80_877_102;

/** Passes everything on to PostgreSQL, except requests to cancel: these wait for the test. */
export async function startCancelProxy(
  serverUrl: string,
  { isEncrypted = false }: { isEncrypted?: boolean } = {},
): Promise<CancelProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const held: HeldRequest[] = [];
  let isPassing = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };

  async function serve(socket: Socket): Promise<void> {
    keep(socket);
    if (isEncrypted) {
      const [request] = await once(socket, "data");
      // What does not ask for encryption is refused.
      if (request.length !== 8) return void socket.destroy();
      socket.write("S");
    }
    const client = isEncrypted
      ? keep(new TLSSocket(socket, { isServer: true, key: KEY, cert: CERTIFICATE }))
      : socket;
    const [first] = await once(client, "data");
    client.pause();
    const pass = () => {
      const server = keep(connect(Number(port), hostname));
      server.write(first);
      server.pipe(client);
      client.pipe(server);
      return once(server, "close");
    };
    const isCancel = first.length === 16 && first.readInt32BE(4) === CANCEL_CODE;
    if (isCancel && !isPassing) {
      held.push({ pass, cut: () => client.resetAndDestroy() });
    } else void pass();
  }

  const server = createServer((socket) => void serve(socket).catch(() => socket.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    via(databaseUrl) {
      const url = new URL(databaseUrl);
      url.hostname = "127.0.0.1";
      url.port = String(typeof address === "object" ? address?.port : "");
      if (isEncrypted) url.searchParams.set("sslmode", "no-verify");
      return url.href;
    },
    held,
    passAll() {
      isPassing = true;
      return Promise.all(held.map(({ pass }) => pass()));
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Of this test alone, and known to everyone. Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1`. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYWza4xr2aILFou4/
MYgFg/tOA3ZqGdFaAKvCW8ZPWz6hRANCAAQsBSlsfBZkpM2MRK/dEPiV7ma/lJE4
iKB0bTbdGoQJfXFqjXeLnK2qk6sbhtuDmlgE4Sx5pXkZkRGro+2K/7Om
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUFS03f4Ka00LE12+p5+jxBtp2R5kwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzIzNTgxMVoYDzIxMjYxMTAz
MjM1ODExWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQsBSlsfBZkpM2MRK/dEPiV7ma/lJE4iKB0bTbdGoQJfXFqjXeLnK2q
k6sbhtuDmlgE4Sx5pXkZkRGro+2K/7Omo2QwYjAdBgNVHQ4EFgQU9QLphHW1vBaU
kCi4lTiT9qttjiAwHwYDVR0jBBgwFoAU9QLphHW1vBaUkCi4lTiT9qttjiAwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQDoTZvjUVRrNsdvSIi7yWCKCMe5DhRHvwZlOyzQFHcpgAIhAKMrtGOfsMrQNh52
0frtYh5h2J+2k0oBaLs/CBXjBk1D
-----END CERTIFICATE-----`;
