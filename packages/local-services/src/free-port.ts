import { createServer } from "node:net";

/**
 * A TCP port that was free on 127.0.0.1 a moment ago: `preferred` when it is, else one the system picks. Somebody may
 * take it before the server does, so a server that finds it taken is started again on another.
 */
export async function freePort(preferred: number | null): Promise<number> {
  if (preferred !== null) {
    const port = await tryPort(preferred).catch(() => null);
    if (port !== null) return port;
  }
  return tryPort(0);
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}
