import type { IncomingMessage, ServerResponse } from "node:http";
import { type Problem, problem, sendProblem } from "../contracts/problems.ts";

/** What a body turned out to be. */
export type ReadJson = { ok: true; value: unknown } | { ok: false; problem: Problem };

/** `sendBeacon` sends `text/plain`, which needs no preflight. */
const CONTENT_TYPE = /^(?:application\/json|text\/plain)\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/** Milliseconds for which a body that is too large is read on, and thrown away. */
const DISCARD_MS_MAX = 1_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a JSON body of at most `bytesMax` bytes, in UTF-8, not compressed (a small compressed body could be a huge one). Never rejects: a
 * connection that ends early is a `400` that nobody reads.
 */
export function readJson(request: IncomingMessage, bytesMax: number): Promise<ReadJson> {
  const refused = refuseByHeaders(request, bytesMax);
  if (refused !== undefined) {
    // Without reading the body, there is no telling where the next request begins.
    request.resume();
    return Promise.resolve({ ok: false, problem: refused });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else resolve({ ok: false, problem: tooLarge(bytesMax) });
    });
    request.on("end", () => resolve(parse(chunks)));
    request.on("error", () => resolve({ ok: false, problem: notJson("The body ended early") }));
  });
}

/** Answers what {@link readJson} refused. A body too large to be read to its end takes the connection with it. */
export function refuseBody(request: IncomingMessage, response: ServerResponse, refused: Problem): void {
  if (refused.status === 413) {
    response.setHeader("Connection", "close");
    // Not at once: a sender that is cut off while it sends does not read the answer.
    response.once("finish", () => setTimeout(() => request.destroy(), DISCARD_MS_MAX).unref());
  }
  sendProblem(response, refused);
}

function refuseByHeaders({ headers }: IncomingMessage, bytesMax: number): Problem | undefined {
  if (!CONTENT_TYPE.test(headers["content-type"] ?? "")) {
    return problem(
      "unsupported-media-type",
      415,
      "Send application/json (or text/plain from sendBeacon), in UTF-8",
    );
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return problem("unsupported-media-type", 415, "Send the body without a Content-Encoding");
  }
  return Number(headers["content-length"] ?? 0) > bytesMax ? tooLarge(bytesMax) : undefined;
}

function parse(chunks: Buffer[]): ReadJson {
  const [first] = chunks;
  const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
  try {
    return { ok: true, value: JSON.parse(utf8.decode(body)) };
  } catch (error) {
    const reason =
      error instanceof SyntaxError ? "The body is not valid JSON" : "The body is not valid UTF-8";
    return { ok: false, problem: notJson(reason) };
  }
}

function notJson(detail: string): Problem {
  return problem("bad-json", 400, detail);
}

function tooLarge(bytesMax: number): Problem {
  return problem("body-too-large", 413, `The body may have at most ${bytesMax} bytes`);
}
