// A website on h3, version 2 (Nitro 3) or version 1 (Nuxt 4, Nitro 2). Sends its port.
import { createServer } from "node:http";
import { createModelViews } from "model-views-client";
import { h3Cookies } from "model-views-client/cookies";

const [ingestUrl, modelId, version] = process.argv.slice(2);
const modelViews = createModelViews({ ingestUrl, serverKey: "a key", viewerIdSalt: "a salt" });

async function seen(event, headers, setSession) {
  setSession();
  const viewer = await modelViews.getOrCreateViewerIdentifier(h3Cookies(event), headers);
  return { viewer, tracked: await modelViews.trackModelView(modelId, viewer) };
}

async function listenerOfVersion1() {
  const { createApp, defineEventHandler, setCookie, toNodeListener } = await import("h3-v1");
  const app = createApp();
  app.use(
    "/seen",
    defineEventHandler((event) => seen(event, event.headers, () => setCookie(event, "session", "1"))),
  );
  return toNodeListener(app);
}

async function listenerOfVersion2() {
  const { H3, setCookie, toNodeHandler } = await import("h3");
  const app = new H3();
  app.post("/seen", (event) => seen(event, event.req.headers, () => setCookie(event, "session", "1")));
  return toNodeHandler(app);
}

const listener = await (version === "1" ? listenerOfVersion1() : listenerOfVersion2());
const server = createServer(listener).listen(0, "127.0.0.1", () =>
  process.send({ port: server.address().port }),
);
