/** Why a call failed. */
export type ModelViewsErrorCode =
  /** An address or the salt is not set, or is wrong. */
  | "not-configured"
  /** An argument is not valid. No request was sent. */
  | "invalid-argument"
  /** No answer came within `timeoutMs`. */
  | "timeout"
  /** The caller's `signal` ended the call. */
  | "aborted"
  /** There was no connection, or it broke. */
  | "unreachable"
  /** The service refused the request: see `status`. */
  | "refused"
  /** The answer is not one that the service gives. */
  | "unexpected-answer"
  /** Code of the website failed: the function that returns the configuration, or the cookie store. */
  | "caller-failed";

/** The error that the functions of `orThrow` throw. Its message never contains a key. */
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
 * Whether a framework threw this to control rendering, and not because something failed. Next.js makes a page dynamic, or
 * ends its prerendering, with errors that have a `digest`. They must be rethrown.
 */
export function isOfFramework(error: unknown): boolean {
  return (
    typeof error === "object" && error !== null && "digest" in error && !(error instanceof ModelViewsError)
  );
}

/** Converts any error to a `ModelViewsError`. */
export function asModelViewsError(error: unknown): ModelViewsError {
  if (error instanceof ModelViewsError) return error;
  return new ModelViewsError(error instanceof Error ? error.message : String(error), {
    code: "caller-failed",
  });
}
