import { type DestinationStream, type Logger, pino } from "pino";

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
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}
