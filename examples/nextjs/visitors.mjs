// @ts-check
/**
 * Sends made-up views to the running services, to show the site with numbers: of 400 people over the last six days.
 * Run `npm run visitors` after the site was started once, because the site stores its models.
 */
import { randomUUID } from "node:crypto";

const VISITORS = 400;
const DAYS = 6;
/** The most views that ingest takes in one post. */
const BATCH_VIEWS_MAX = 500;

const { INGEST_URL, STATS_URL, SERVER_KEY, ADMIN_KEY } = process.env;

const { items } = await request(`${STATS_URL}/v1/models?limit=100`, ADMIN_KEY);
// Only models of this site have a category.
const models = items.filter(({ category }) => category !== null).sort((a, b) => a.name.localeCompare(b.name));
if (models.length === 0) throw new Error("There are no models yet: start the site first");
const modelIds = models.map(({ id }) => id);
const views = Array.from({ length: VISITORS }, () => viewsOfOne(modelIds)).flat();
for (let start = 0; start < views.length; start += BATCH_VIEWS_MAX) {
  const batch = { views: views.slice(start, start + BATCH_VIEWS_MAX) };
  await request(`${INGEST_URL}/v1/views/batch`, SERVER_KEY, batch);
}
process.stdout.write(`${views.length} views by ${VISITORS} people\n`);

/**
 * The views of one person: of models early in the alphabet more often than of later ones.
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
async function request(url, key, body) {
  const headers = { "Content-Type": "application/json", ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(
    url,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  );
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
