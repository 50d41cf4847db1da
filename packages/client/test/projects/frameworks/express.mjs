// A website on Express: it counts on its server, and passes the browser's views on. Prints its port.
import express from "express";
import { createModelViews, viewMetadata } from "model-views-client";
import { nodeCookies } from "model-views-client/cookies";

const [ingestUrl, modelId] = process.argv.slice(2);
const modelViews = createModelViews({ ingestUrl, serverKey: "a key", viewerIdSalt: "a salt" });
const app = express();
// One proxy in front, which sets X-Forwarded-For: then request.ip is the visitor's address.
app.set("trust proxy", 1);

app.post("/seen", async (request, response) => {
  response.cookie("session", "1");
  const viewer = await modelViews.getOrCreateViewerIdentifier(
    nodeCookies(request, response),
    request.headers,
  );
  const metadata = { ...viewMetadata(request.headers), ipAddress: request.ip };
  response.json({ viewer, tracked: await modelViews.trackModelView(modelId, viewer, metadata) });
});

app.all(
  ["/v1/views", "/v1/views/:gif", "/model-views.js"],
  express.text({ type: "*/*", limit: "32kb" }),
  async (request, response) => {
    const { method, headers, originalUrl } = request;
    const body = method === "POST" ? request.body : undefined;
    const passed = await modelViews.passViewOn(
      new Request(`http://website${originalUrl}`, { method, headers, body }),
      {
        clientAddress: request.ip,
      },
    );
    response.status(passed.status).setHeaders(passed.headers);
    response.send(Buffer.from(await passed.arrayBuffer()));
  },
);

const server = app.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
