import { createServer } from "node:http";
import { portOf } from "@model-views/shared/http/http-server.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";

// The ceiling: what Node's HTTP server alone can do. Reads the body to its end, parses it, answers, keeps nothing.
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const view: { modelId: string } = JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(202, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ id: view.modelId }));
  });
});
process.once("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  createLogger({ service: "bare", level: "info" }).info({ port: portOf(server) }, "listening");
});
