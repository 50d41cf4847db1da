import { readFileSync } from "node:fs";
import { z } from "zod";
import { timeZoneSchema } from "../contracts/period.ts";
import { readDatabaseUrl } from "./database-url.ts";
import { readRedisUrl } from "./redis-url.ts";

/** Exit code for wrong settings (EX_CONFIG of sysexits.h): a restart will not help. */
export const EXIT_BAD_CONFIG = 78;

/** The settings are wrong. The message has a line for each wrong variable. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Settings that hold a secret. Each may stand in a file, which `NAME_FILE` names, as container platforms hand secrets out. */
export const SECRETS = [
  "DATABASE_URL",
  "STATS_DATABASE_URL",
  "REDIS_URL",
  "VIEWER_ID_SALT",
  "SERVER_KEYS",
  "STATS_KEYS",
  "ADMIN_KEYS",
  "PAGE_TOKEN_SECRETS",
] as const;

/**
 * Parses the environment. An empty variable counts as absent, because a compose file passes unset variables on as empty. A
 * secret of the schema is read from the file that `NAME_FILE` names, where that is set.
 *
 * @throws {ConfigError} with all wrong variables at once.
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): z.infer<Schema> {
  const present = new Map(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ""),
  );
  const wrongFiles: string[] = [];
  for (const name of SECRETS.filter((each) => knows(schema, each))) {
    const file = present.get(`${name}_FILE`);
    if (file === undefined) continue;
    const found = readSecret(file);
    if (present.has(name)) wrongFiles.push(`  ${name}_FILE: ${name} is set as well; give one of them`);
    else if ("wrong" in found) wrongFiles.push(`  ${name}_FILE: ${found.wrong}`);
    else present.set(name, found.secret);
  }
  const parsed = schema.safeParse(Object.fromEntries(present));
  if (parsed.success && wrongFiles.length === 0) return parsed.data;
  const isOfFile = (name: string) => wrongFiles.some((line) => line.startsWith(`  ${name}_FILE:`));
  const lines = (parsed.error?.issues ?? [])
    .filter(({ path }) => !isOfFile(path.join(".")))
    .map((issue) => {
      const missing = issue.code === "invalid_type" && issue.input === undefined;
      return `  ${issue.path.join(".")}: ${missing ? "is missing" : issue.message}`;
    });
  const all = [...wrongFiles, ...lines].join("\n");
  throw new ConfigError(`The environment is not right (see .env.example):\n${all}`);
}

function knows(schema: z.ZodType, name: string): boolean {
  return schema instanceof z.ZodObject && name in schema.shape;
}

/** A secret without the end of its last line, which editors and `echo` add. */
function readSecret(file: string): { secret: string } | { wrong: string } {
  try {
    const secret = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    return secret.trim() === "" ? { wrong: `${file} is empty` } : { secret };
  } catch (error) {
    return { wrong: `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}` };
  }
}

/** Characters of a salt in production, where viewers' ids must not be guessable from their hashes. */
const SALT_CHARS_MIN = 32;
/** Characters of a key. Shorter ones could be found by trying. */
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

/** Views may be a week old when they arrive, and may wait a day on the queue. */
const RETENTION_DAYS_MIN = 8;
const RETENTION_DAYS_MAX = 36_500;

/** Days for which views are kept; 0 means for ever. */
export const retentionDaysSchema = wholeNumber(0, RETENTION_DAYS_MAX)
  .refine((days) => days === 0 || days >= RETENTION_DAYS_MIN, {
    error: `must be ${RETENTION_DAYS_MIN} to ${RETENTION_DAYS_MAX}, or 0 for ever`,
  })
  .default(90);

/** Views of unknown models to keep, in case the models are created later. */
export const unknownModelViewsSchema = wholeNumber(0, 10_000_000).default(100_000);
/** Days for which to keep them. */
export const unknownModelDaysSchema = wholeNumber(1, RETENTION_DAYS_MAX).default(30);

/** The time zone of the days for which statistics are stored. It is kept in the database, where a command changes it. */
export const reportingTimeZoneSchema = timeZoneSchema.optional();

/** A TCP port; 0 takes any free one, which the log line "listening" shows. */
export const portSchema = wholeNumber(0, 65_535);
/** A connection string. `read` converts it for our libraries, or refuses it with advice. */
function readBy(read: (given: string) => { url: string } | { wrong: string }) {
  return z.string().transform((given, context) => {
    const result = read(given);
    if ("url" in result) return result.url;
    context.addIssue({ code: "custom", message: result.wrong });
    return z.NEVER;
  });
}

/** A connection string with the meaning that libpq gives it. */
export const databaseUrlSchema = readBy(readDatabaseUrl);
export const redisUrlSchema = readBy(readRedisUrl);

/** The PostgreSQL schema of our tables and of the website's `models`. */
export const databaseSchemaSchema = z
  .string()
  .refine((name) => Buffer.byteLength(name) <= 63 && !name.includes("\0"), {
    error: "must be the name of a schema, of at most 63 bytes",
  })
  .refine((name) => !/^pg_|^information_schema$/.test(name), { error: "must not be one of PostgreSQL's own" })
  .default("public");

/** Several keys, separated by commas or in lines, so that a new key can be handed out before the old one is removed. */
export const keysSchema = z
  .string()
  .transform((list) =>
    list
      .split(/[,\n]/)
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

/** Settings of every service. */
export const commonShape = {
  /** In `development`, requests from this machine need no key if none is set. Anything else is production. */
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  /** Address to listen on. By default loopback in development, and every interface in production. */
  HOST: z.string().optional(),
  /** Address to listen on for operators. That port has no keys, so by default other machines cannot reach it. */
  ADMIN_HOST: z.string().default("127.0.0.1"),
};

/** The address to listen on, see `HOST`. */
export function listenHost(config: { NODE_ENV: string; HOST?: string | undefined }): string {
  return config.HOST ?? (config.NODE_ENV === "development" ? "127.0.0.1" : "0.0.0.0");
}
