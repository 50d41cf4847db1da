import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import { ImportStopped, RUN_AGAIN } from "./import-stopped.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { type Sent, type Service, type ServiceRequest, send } from "./service.ts";

/** Times a request is sent before the import gives up: with the delays between them, two minutes. */
const TRIES_MAX = 10;
/** Too many requests; not available right now, said by the service or by a proxy before it. */
const PASSING = new Set([429, 502, 503, 504]);

export type AskDeps = {
  /** Resolves after that many milliseconds; rejects when `signal` is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  now: () => Date;
  /** Told before each wait, in words for people. */
  onRetry: (text: string) => void;
  signal: AbortSignal;
};

/**
 * Sends a request until it is answered, and parses the answer. A retry sends the same again, to the byte.
 *
 * @throws {UsageError} when the service wants a key that it was not given.
 * @throws {ImportStopped} when it keeps failing, or answers what cannot be helped by asking again.
 */
export type Ask = <Schema extends z.ZodType>(
  request: ServiceRequest,
  schema: Schema,
) => Promise<{ status: number; value: z.infer<Schema> }>;

/** Asks one service. */
export function createAsk(service: Service, deps: AskDeps): Ask {
  return async (request, schema) => {
    const sent = await sendUntilAnswered(service, request, deps);
    if (sent.status === 401 || sent.status === 403) throw new UsageError(keyWanted(service));
    const parsed = sent.status >= 200 && sent.status < 300 ? parseJson(schema, sent.text) : undefined;
    if (parsed !== undefined) return { status: sent.status, value: parsed };
    const asked = `${request.method} /${request.path.split("?", 1)[0]}`;
    throw new ImportStopped(`${called(service)} answers ${asked} with ${told(sent)}. ${RUN_AGAIN}`);
  };
}

async function sendUntilAnswered(
  service: Service,
  request: ServiceRequest,
  { wait, now, onRetry, signal }: AskDeps,
): Promise<Sent & { kind: "answer" }> {
  for (let tries = 1; ; tries++) {
    const sent = await send(service, request, signal);
    if (sent.kind === "answer" && !PASSING.has(sent.status)) return sent;
    const trouble = sent.kind === "answer" ? `answers ${told(sent)}` : `does not answer (${sent.reason})`;
    if (tries >= TRIES_MAX) {
      throw new ImportStopped(`${called(service)} ${trouble}, after ${tries} tries. ${RUN_AGAIN}`);
    }
    const delayMs = retryDelayMs(tries, sent.kind === "answer" ? sent.retryAfter : undefined, now());
    onRetry(`${service.name} ${trouble}; trying again in ${Math.ceil(delayMs / 1_000)} s`);
    await wait(delayMs, signal);
  }
}

function called({ name, url }: Service): string {
  return `${name} at ${url}`;
}

function keyWanted({ name, key, keyVariable }: Service): string {
  return key === undefined
    ? `${name} wants a key: set ${keyVariable} to one that it was started with.`
    : `${name} does not take the first key of ${keyVariable}: set ${keyVariable} to one that it was started with.`;
}

const problemSchema = z.object({ detail: z.string() });

/** The status, and the detail of a problem answer. */
function told({ status, text }: Sent & { kind: "answer" }): string {
  const detail = parseJson(problemSchema, text)?.detail;
  return detail === undefined ? String(status) : `${status} (${detail})`;
}

function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return schema.safeParse(json).data;
}
