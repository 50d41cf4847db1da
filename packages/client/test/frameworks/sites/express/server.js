import express from "express";
import { isPrefetch } from "model-views-client";
import { countView } from "./count-view.js";
import { modelViews } from "./model-views.js";
import { models } from "./models.js";

const app = express();
app.set("view engine", "ejs");
// Behind one proxy that sets X-Forwarded-For.
app.set("trust proxy", 1);
app.locals.ingestUrl = process.env.PUBLIC_INGEST_URL;

app.all(
  ["/v1/views", "/v1/views/:gif", "/model-views.js"],
  express.text({ type: "*/*", limit: "32kb" }),
  async (request, response) => {
    const { method, headers, originalUrl, ip } = request;
    const body = method === "POST" ? request.body : undefined;
    const asked = new Request(`http://website${originalUrl}`, { method, headers, body });
    const passed = await modelViews.passViewOn(asked, { clientAddress: ip });
    response.status(passed.status).setHeaders(passed.headers);
    response.send(Buffer.from(await passed.arrayBuffer()));
  },
);

app.get("/", (_request, response) => response.render("home", { ways: ["script", "passed-on", "server"] }));

app.get("/:way", (request, response) => {
  const { way } = request.params;
  response.render("list", { way, models: models.filter((model) => model.way === way) });
});

app.get("/server/models/:id", async (request, response, next) => {
  // A browser may show a prefetched page without another request, and the view would be lost.
  if (isPrefetch(request.headers)) return response.sendStatus(503);
  if (request.method === "GET") await countView(request, response, request.params.id);
  next();
});

app.get("/:way/models/:id", async (request, response) => {
  const { way, id } = request.params;
  const model = models.find((each) => each.id === id);
  if (model === undefined) return response.sendStatus(404);
  const stats = way === "server" && (await modelViews.getModelViewStats(id));
  const viewers = stats.success ? stats.data.uniqueViews : null;
  response.render("profile", { way, model, viewers, models: models.filter((each) => each.way === way) });
});

app.listen(Number(process.env.PORT), "127.0.0.1");
