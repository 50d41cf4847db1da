import { Readable } from "node:stream";
import { modelViews } from "./model-views.js";

/** Passes a browser's request for ingest on. */
export async function passOn(request, response) {
  const { method } = request;
  const body = method === "POST" ? Readable.toWeb(request) : null;
  const url = `${request.protocol}://${request.host}${request.originalUrl}`;
  const asked = new Request(url, { method, headers: request.headers, body, duplex: "half" });
  const answer = await modelViews.passViewOn(asked, { clientAddress: request.ip });
  response.status(answer.status).setHeaders(answer.headers);
  response.end(Buffer.from(await answer.arrayBuffer()));
}
