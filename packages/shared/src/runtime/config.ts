import { z } from "zod";
import { readDatabaseUrl } from "./database-url.ts";
import { readRedisUrl } from "./redis-url.ts";

/** Exit code of a process whose settings are wrong (EX_CONFIG of sysexits.h): restarting it will not help. */
export const EXIT_BAD_CONFIG = 78;

/** Every wrong variable of the environment, one line each. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Parses the environment. A variable that is set but empty counts as absent, as in a compose file that passes on
 * what is not set.
 *
 * @throws {ConfigError} naming every wrong variable at once.
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): z.infer<Schema> {
  const present = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value.trim() !== "",
  );
  const parsed = schema.safeParse(Object.fromEntries(present));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const missing = issue.code === "invalid_type" && issue.input === undefined;
    return `  ${issue.path.join(".")}: ${missing ? "is missing" : issue.message}`;
  });
  throw new ConfigError(`The environment is not right (see .env.example):\n${lines.join("\n")}`);
}

/** Bytes of a salt in production, where viewers' ids must not be guessable from their hashes. */
const SALT_CHARS_MIN = 32;
/** Characters of a key: short ones can be tried out. */
const KEY_CHARS_MIN = 16;

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .refine((n) => n >= min && n <= max, { error });
}

/** Days that a view may be old and still be taken as it is, and a day to wait on the queue. */
const RETENTION_DAYS_MIN = 8;
const RETENTION_DAYS_MAX = 36_500;

/** Days for which views are kept; 0 is for ever. */
export const retentionDaysSchema = wholeNumber(0, RETENTION_DAYS_MAX)
  .refine((days) => days === 0 || days >= RETENTION_DAYS_MIN, {
    error: `must be ${RETENTION_DAYS_MIN} to ${RETENTION_DAYS_MAX}, or 0 for ever`,
  })
  .default(90);

/** Views of models that do not exist that are kept, for the case that the models are made later. */
export const unknownModelViewsSchema = wholeNumber(0, 10_000_000).default(100_000);
/** Days for which they are kept. */
export const unknownModelDaysSchema = wholeNumber(1, RETENTION_DAYS_MAX).default(30);

/** A TCP port; 0 takes any free one (the address is in the log line "listening"). */
export const portSchema = wholeNumber(0, 65_535);
/** A connection string, read by `read`: made into one that means the same to our libraries, or refused with what to do. */
function readBy(read: (given: string) => { url: string } | { wrong: string }) {
  return z.string().transform((given, context) => {
    const result = read(given);
    if ("url" in result) return result.url;
    context.addIssue({ code: "custom", message: result.wrong });
    return z.NEVER;
  });
}

/** A connection string as libpq means it. */
export const databaseUrlSchema = readBy(readDatabaseUrl);
export const redisUrlSchema = readBy(readRedisUrl);

/** The schema of PostgreSQL in which our tables are, and the website's `models`. */
export const databaseSchemaSchema = z
  .string()
  .refine((name) => Buffer.byteLength(name) <= 63 && !name.includes("\0"), {
    error: "must be the name of a schema, of at most 63 bytes",
  })
  .refine((name) => !/^pg_|^information_schema$/.test(name), { error: "must not be one of PostgreSQL's own" })
  .default("public");

/** Several keys at once, separated by commas, so that a new one can be handed out before the old one goes. */
export const keysSchema = z
  .string()
  .transform((list) =>
    list
      .split(",")
      .map((key) => key.trim())
      .filter((key) => key !== ""),
  )
  .refine((keys) => keys.every((key) => key.length >= KEY_CHARS_MIN), {
    error: `each key must have at least ${KEY_CHARS_MIN} characters`,
  })
  .default([]);

export const saltSchema = z
  .string()
  .min(SALT_CHARS_MIN, { error: `must have at least ${SALT_CHARS_MIN} characters, from a random source` });

/** What every service reads. */
export const commonShape = {
  /** `development` opens what has no key, on loopback only; anything else is production. */
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  /** Address to listen on. By default loopback in development and every interface in production. */
  HOST: z.string().optional(),
  /** Address to listen on for operators: their port has no keys, so by default no other machine reaches it. */
  ADMIN_HOST: z.string().default("127.0.0.1"),
};

/** The address to listen on, see `HOST`. */
export function listenHost(config: { NODE_ENV: string; HOST?: string | undefined }): string {
  return config.HOST ?? (config.NODE_ENV === "development" ? "127.0.0.1" : "0.0.0.0");
}
