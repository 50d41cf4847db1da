// @ts-check
/** @typedef {Omit<import("next/cache").CacheEntry, "value"> & { bytes: Uint8Array<ArrayBuffer> }} StoredEntry */

/** More entries than this site has. */
const ENTRIES_MAX = 1_000;

/** @type {Map<string, StoredEntry>} in the order of their last use */
const entries = new Map();
/** @type {Map<string, Promise<unknown>>} entries that are being made */
const pending = new Map();
/** @type {Map<string, { staleAt?: number, expiredAt?: number }>} when tags were revalidated, in milliseconds since 1970 */
const tags = new Map();

/**
 * The cache of `"use cache"`: in memory, like the default one, with one difference. The default drops an entry when it is
 * due (`revalidate`). This one returns the entry until it expires, while Next.js makes a new one in the background. When
 * that fails the old entry stays. So no visitor waits for counts that are cached, and the counts stay while the stats API
 * is down.
 *
 * @type {import("next/cache").CacheHandler}
 */
const handler = {
  async get(key, softTags) {
    // Where there is an old entry, the request does not wait for the new one.
    if (!entries.has(key)) await pending.get(key);
    const stored = entries.get(key);
    if (stored === undefined) return undefined;
    const { bytes, ...entry } = stored;
    const changes = [...entry.tags, ...softTags].map((tag) => tags.get(tag));
    const isAfter = (/** @type {number | undefined} */ at) => at !== undefined && at > entry.timestamp;
    if (changes.some((change) => isAfter(change?.expiredAt) && Number(change?.expiredAt) <= Date.now())) {
      return undefined;
    }
    entries.delete(key);
    entries.set(key, stored);
    // A negative value: due at once.
    const revalidate = changes.some((change) => isAfter(change?.staleAt)) ? -1 : entry.revalidate;
    return { ...entry, revalidate, value: streamOf(bytes) };
  },

  async set(key, made) {
    const stored = store(key, made).catch(() => {});
    pending.set(key, stored);
    await stored;
    if (pending.get(key) === stored) pending.delete(key);
  },

  async updateTags(changed, durations) {
    const now = Date.now();
    for (const tag of changed) {
      if (durations === undefined) tags.set(tag, { expiredAt: now });
      else if (durations.expire === undefined) tags.set(tag, { staleAt: now });
      else tags.set(tag, { staleAt: now, expiredAt: now + durations.expire * 1_000 });
    }
  },

  // `get` checks the tags of the path itself.
  getExpiration: async () => Number.POSITIVE_INFINITY,

  // Several servers would read each other's changes here.
  async refreshTags() {},
};

export default handler;

/**
 * Rejects when the cached function threw: then nothing is stored, and nothing replaced.
 * @param {string} key
 * @param {Promise<import("next/cache").CacheEntry>} made
 */
async function store(key, made) {
  const { value, ...entry } = await made;
  const bytes = new Uint8Array(await new Response(value).arrayBuffer());
  entries.delete(key);
  entries.set(key, { ...entry, bytes });
  if (entries.size > ENTRIES_MAX) entries.delete(entries.keys().next().value ?? key);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function streamOf(bytes) {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
