import { type DestinationStream, type Logger, pino } from "pino";
import { errorText } from "./error-text.ts";

export type { Logger };

/** Whatever is logged by accident, these fields never show their value: they could tell who a viewer is, or open a door. */
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

/** What is logged of an error. */
type LoggedError = { type: string; message: string; stack?: string; code?: string; cause?: LoggedError };

/**
 * Only these, because libraries hang onto their errors what they were doing: ioredis the whole command, with the
 * views or the password in it. Nor the values in their texts.
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
 * Not pino's own way to stdout, which tries for ever, and blocks, when whoever read it is gone: a service whose launcher
 * was killed could not even end.
 */
function stdout(): DestinationStream {
  if (!process.stdout.listeners("error").includes(ignore)) process.stdout.on("error", ignore);
  return { write: (line) => process.stdout.write(line) };
}

function ignore(): void {}

/** JSON lines on stdout, or on `destination` where one is given. */
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
