/** The paths at ingest that browsers request. */
export type IngestPaths = {
  /** Accepts posted views; below it is an image for each model. */
  views: string;
  script: string;
};

export const DEFAULT_PATHS: IngestPaths = { views: "/v1/views", script: "/model-views.js" };

const MODEL_GIF = /^\/[0-9a-f-]{36}\.gif$/i;
/** The end of the script's address when it contains the script's hash. */
const PINNED = /^-[0-9a-f]{12}\.js$/;

/**
 * The path at ingest for a request that a browser sent to the website. The website may serve it below a folder or with a
 * slash at the end. Undefined when the request is not for ingest.
 */
export function ingestPath(
  { method, url }: { method: string; url: string },
  { views, script }: IngestPaths,
): string | undefined {
  const { pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, "");
  if (method === "POST") return path.endsWith(views) ? views : undefined;
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (path.endsWith(script)) return script;
  return below(path, views, MODEL_GIF) ?? below(path, script.replace(/\.js$/, ""), PINNED);
}

/** The part of `path` that starts with `parent`, when the rest after it matches `form`. */
function below(path: string, parent: string, form: RegExp): string | undefined {
  const at = path.lastIndexOf(parent);
  return at >= 0 && form.test(path.slice(at + parent.length)) ? path.slice(at) : undefined;
}
