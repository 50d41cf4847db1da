import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export type Served = {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Ends every connection too, so that a browser finds nobody there any more. */
  close: () => Promise<void>;
};

/** Serves HTTP on a free port of its own, which makes it another origin of the same site as every other. */
export async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
