import { createHash } from "node:crypto";

/**
 * When an answer was given, and the ends of its period, which are those asked for or follow from when it was. In JSON no
 * text of somebody else's can look like this, because its quotes are escaped.
 */
const TIMES_OF_ASKING = /"(?:asOf|from|to)":"[^"]*"/g;

/**
 * A weak ETag of a JSON answer, which stays the same as long as its figures do: whoever has them already is told so
 * (`304`), and not again.
 */
export function answerTag(body: string | Buffer): string {
  const figures = body.toString().replace(TIMES_OF_ASKING, "");
  return `W/"${createHash("sha256").update(figures).digest("base64url").slice(0, 22)}"`;
}
