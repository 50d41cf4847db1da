// Serves the pages as any web server would, with the models and the ingest of a test in place of those written there.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const { PORT, HOST, MODELS = "[]", PUBLIC_INGEST_URL = "" } = process.env;
const models = JSON.parse(MODELS).filter(({ way }) => way === "script");

createServer(async (request, response) => {
  const file = fileOf(request.url);
  if (file === undefined) return response.writeHead(404).end();
  let page = await readFile(new URL(`./pages/${file}`, import.meta.url), "utf8");
  page = page.replaceAll("https://views.example.com", PUBLIC_INGEST_URL);
  for (const { id, name } of models) page = page.replaceAll(ids[name], id);
  response.writeHead(200, { "Content-Type": "text/html" }).end(page);
}).listen(Number(PORT), HOST);

const ids = {
  Anna: "0190aaaa-0000-7000-8000-000000000001",
  Bella: "0190bbbb-0000-7000-8000-000000000002",
};

function fileOf(path) {
  if (path === "/") return "index.html";
  if (path === "/script") return "list.html";
  const model = models.find(({ id }) => path === `/script/models/${id}`);
  return model && `${model.name.toLowerCase()}.html`;
}
