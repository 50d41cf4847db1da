import { fileURLToPath } from "node:url";
import { createServer } from "vite";

/** Vite's usual port; the next free one where it is taken. */
const PORT = 5173;

// `npm run dev` runs this, and names the stats API in STATS_URL.
const server = await createServer({
  root: fileURLToPath(new URL(".", import.meta.url)),
  clearScreen: false,
  logLevel: "warn",
  server: { port: PORT },
});
await server.listen();
const address = server.httpServer?.address();
if (typeof address !== "object" || address === null) throw new Error("Vite does not listen on a port");
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
// As our services log it.
process.stdout.write(`${JSON.stringify({ level: 30, msg: "listening", port: address.port })}\n`);
