import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import { VIEWER_COOKIE } from "@model-views/shared/contracts/viewer-identifier.ts";
import type { Request } from "autocannon";

/** Where the pages are whose browsers post: ingest is told to allow it. */
export const PAGE_ORIGIN = "https://models.example";

/** Different requests; each connection goes through all of them again and again. */
const REQUESTS = 50;

const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
];

/** Views as browsers with a cookie post them, of various models and viewers. */
export function viewRequests(): Request[] {
  const random = seededRandom(1);
  return Array.from({ length: REQUESTS }, (_, index) => {
    const modelId = seededUuid(random);
    return {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: `${VIEWER_COOKIE}=${seededUuid(random)}`,
        origin: PAGE_ORIGIN,
        "user-agent": BROWSERS[index % BROWSERS.length],
      },
      body: JSON.stringify({
        modelId,
        path: `/models/${modelId}`,
        referrer: `${PAGE_ORIGIN}/models?page=${1 + (index % 9)}`,
      }),
    };
  });
}
