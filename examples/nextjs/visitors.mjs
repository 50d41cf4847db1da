// @ts-check
/**
 * Sends the running services a crowd, to see the site with numbers: 400 made-up people who look at some models each, in
 * the last six days. `npm run visitors`, once the site has been started, which stores its models.
 */
import { randomUUID } from "node:crypto";

const VISITORS = 400;
const DAYS = 6;
/** As many as ingest takes in one post. */
const BATCH_VIEWS_MAX = 500;

const { INGEST_URL, STATS_URL, SERVER_KEY, ADMIN_KEY } = process.env;

const { items } = await ask(`${STATS_URL}/v1/models?limit=100`, ADMIN_KEY);
// All that have a category: those of this site, and nobody else's.
const models = items.filter(({ category }) => category !== null).sort((a, b) => a.name.localeCompare(b.name));
if (models.length === 0) throw new Error("There are no models yet: start the site first");
const modelIds = models.map(({ id }) => id);
const views = Array.from({ length: VISITORS }, () => viewsOfOne(modelIds)).flat();
for (let start = 0; start < views.length; start += BATCH_VIEWS_MAX) {
  const batch = { views: views.slice(start, start + BATCH_VIEWS_MAX) };
  await ask(`${INGEST_URL}/v1/views/batch`, SERVER_KEY, batch);
}
process.stdout.write(`${views.length} views by ${VISITORS} people\n`);

/**
 * What one person looks at: the first models of the alphabet more often than the last.
 * @param {string[]} modelIds
 */
function viewsOfOne(modelIds) {
  const viewerId = `visitor ${randomUUID()}`;
  return Array.from({ length: 1 + Math.floor(Math.random() * 7) }, () => ({
    modelId: modelIds[Math.floor(Math.random() ** 2 * modelIds.length)],
    viewerId,
    viewedAt: new Date(Date.now() - Math.random() ** 2 * DAYS * 86_400_000).toISOString(),
  }));
}

/**
 * @param {string} url
 * @param {string | undefined} key
 * @param {object} [body] to post
 */
async function ask(url, key, body) {
  const headers = { "Content-Type": "application/json", ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(
    url,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  );
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
