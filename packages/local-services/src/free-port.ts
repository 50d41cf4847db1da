import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * A TCP port that was free on 127.0.0.1 a moment ago: `preferred` if possible, else one that the system picks. Another
 * process may take it before the server does: then the server has to be started again on another port.
 */
export async function freePort(preferred: number | null = null): Promise<number> {
  const port = preferred === null ? null : await tryPort(preferred).catch(() => null);
  return port ?? tryPort(0);
}

async function tryPort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
