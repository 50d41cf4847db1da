/** What a browser asks of ingest. */
export type IngestPaths = {
  /** Where views are posted; below it is an image for each model. */
  views: string;
  script: string;
};

export const DEFAULT_PATHS: IngestPaths = { views: "/v1/views", script: "/model-views.js" };

const MODEL_GIF = /^\/[0-9a-f-]{36}\.gif$/i;
/** The script's address with its hash in it. */
const PINNED = /^-[0-9a-f]{12}\.js$/;

/**
 * The path at ingest for a browser's request of the website, which may have it below a folder or with a slash at the end.
 * Undefined when it is for something else.
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

/** From `parent` on, when what follows it there is of this form. */
function below(path: string, parent: string, form: RegExp): string | undefined {
  const at = path.lastIndexOf(parent);
  return at >= 0 && form.test(path.slice(at + parent.length)) ? path.slice(at) : undefined;
}
