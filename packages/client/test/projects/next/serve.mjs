// Serves the built website on a free port, and sends the port.
import { createServer } from "node:http";
import next from "next";

const app = next({ dev: false });
await app.prepare();
const server = createServer(app.getRequestHandler()).listen(0, "127.0.0.1", () =>
  process.send({ port: server.address().port }),
);
