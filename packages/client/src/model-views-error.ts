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
  | "unexpected-answer";

/** What the functions of `orThrow` throw. Its message never holds a key. */
export class ModelViewsError extends Error {
  override name = "ModelViewsError";
  readonly code: ModelViewsErrorCode;
  /** HTTP status of the answer, if there was one. */
  readonly status: number | undefined;

  constructor(message: string, { code, status }: { code: ModelViewsErrorCode; status?: number }) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
