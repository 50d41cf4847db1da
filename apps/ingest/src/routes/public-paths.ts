import { z } from "zod";

/** Where ingest serves what a page asks for. Lists of trackers block by address, so the owner can choose other ones. */
export type PublicPaths = {
  /** The script. */
  script: string;
  /** Where views are posted; below it are the batch (`/batch`) and the pixel (`/<model id>.gif`). */
  views: string;
};

export const DEFAULT_PATHS: PublicPaths = { script: "/model-views.js", views: "/v1/views" };

/** Segments of letters, digits, `_`, `~` and `-`, with dots inside: nothing that a router or a proxy reads in its own way. */
const PATH = /^(?:\/[\w~-]+(?:\.[\w~-]+)*)+$/;
const RESERVED = new Set(["/livez", "/readyz", "/metrics", "/v1/views/batch"]);

/** `VIEWS_PATH`. */
export const viewsPathSchema = z
  .string()
  .refine((path) => PATH.test(path) && !RESERVED.has(path), {
    error:
      "must be a path like /v1/views, of letters, digits, dots, - and _, and not one of ingest's other paths",
  })
  .default(DEFAULT_PATHS.views);

/** `SCRIPT_PATH`. */
export const scriptPathSchema = z
  .string()
  .refine((path) => PATH.test(path) && path.endsWith(".js"), { error: "must be a path like /model-views.js" })
  .default(DEFAULT_PATHS.script);
