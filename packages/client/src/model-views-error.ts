/** Why a call failed. */
export type ModelViewsErrorCode =
  /** An address or the salt is not set, or is wrong. */
  | "not-configured"
  /** An argument that cannot be right; no service was asked. */
  | "invalid-argument"
  /** No answer came within `timeoutMs`. */
  | "timeout"
  /** The caller's `signal` ended the call. */
  | "aborted"
  /** No connection, or one that broke. */
  | "unreachable"
  /** The service answered that it will not: see `status`. */
  | "refused"
  /** The answer came from something else than the service. */
  | "unexpected-answer"
  /** Something that the website handed in failed: the function that gives the configuration, the cookie store. */
  | "caller-failed";

/** What the functions of `orThrow` throw. Its message never holds a key. */
export class ModelViewsError extends Error {
  override name = "ModelViewsError";
  readonly code: ModelViewsErrorCode;
  /** HTTP status of the answer, if there was one. */
  readonly status: number | undefined;

  constructor(message: string, { code, status }: { code: ModelViewsErrorCode; status?: number | undefined }) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Whether a framework threw this to steer the rendering, and not because something failed: Next.js makes a page dynamic, or
 * ends its prerendering, by errors with a `digest`. They must get through to it.
 */
export function isOfFramework(error: unknown): boolean {
  return (
    typeof error === "object" && error !== null && "digest" in error && !(error instanceof ModelViewsError)
  );
}

/** Any error as one of ours. */
export function asModelViewsError(error: unknown): ModelViewsError {
  if (error instanceof ModelViewsError) return error;
  return new ModelViewsError(error instanceof Error ? error.message : String(error), {
    code: "caller-failed",
  });
}
