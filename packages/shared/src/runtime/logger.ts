import { type DestinationStream, type Logger, pino } from "pino";
import { errorText } from "./error-text.ts";

export type { Logger };

/** Fields whose values are never logged, even by mistake: they could identify a viewer, or give access. */
const SECRET_FIELDS = [
  "authorization",
  "cookie",
  "ip",
  "ipAddress",
  "remoteAddress",
  "password",
  "salt",
  "userAgent",
  "viewerId",
  "viewerIdentifier",
  "body",
  "headers",
];

/** The part of an error that is logged. */
type LoggedError = { type: string; message: string; stack?: string; code?: string; cause?: LoggedError };

/**
 * Picks these fields alone, because libraries attach what they were doing to their errors: ioredis the whole command, with
 * its views or password. The values in the texts are removed too.
 */
function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name: type, cause } = error;
  return {
    type,
    ...errorText(error),
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    ...(cause === undefined ? {} : { cause: loggedError(cause) }),
  };
}

/**
 * Instead of pino's own stream for stdout, which retries for ever and blocks if the reader is gone: a service whose
 * launcher was killed could not even end.
 */
function stdout(): DestinationStream {
  if (!process.stdout.listeners("error").includes(ignore)) process.stdout.on("error", ignore);
  return { write: (line) => process.stdout.write(line) };
}

function ignore(): void {}

/** Logs JSON lines to stdout, or to `destination`. */
export function createLogger(
  { service, level }: { service: string; level: string },
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: { service },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: "[redacted]",
    },
    serializers: { err: loggedError },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination ?? stdout());
}
