import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import {
  ConfigError,
  keysSchema,
  parseConfig,
  portSchema,
  redisUrlSchema,
  saltSchema,
} from "@model-views/shared/runtime/config.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";

describe("parseConfig", () => {
  const schema = z.object({
    PORT: portSchema.default(4001),
    REDIS_URL: redisUrlSchema,
    SALT: saltSchema,
    KEYS: keysSchema,
  });
  const right = { REDIS_URL: "redis://127.0.0.1:6379", SALT: "s".repeat(32) };

  test("names every wrong variable at once, without its value", () => {
    const parse = () => parseConfig(schema, { PORT: "80a", SALT: "short secret", KEYS: "brief" });
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(
      [
        "  PORT: must be a whole number from 0 to 65535",
        "  REDIS_URL: is missing",
        "  SALT: must have at least 32 characters, from a random source",
        "  KEYS: each key must have at least 16 characters",
      ].join("\n"),
    );
    expect(parse).not.toThrow(/short secret/);
  });

  test("takes a variable that is empty for one that is absent", () => {
    expect(parseConfig(schema, { ...right, PORT: "", KEYS: " " })).toMatchObject({ PORT: 4001, KEYS: [] });
  });

  test.for([
    ["port above 65535", { PORT: "65536" }],
    ["port with a sign", { PORT: "-1" }],
    ["URL of something else", { REDIS_URL: "http://127.0.0.1" }],
    ["URL that is none", { REDIS_URL: "localhost:6379" }],
  ] as const)("refuses a %s", ([, wrong]) => {
    expect(() => parseConfig(schema, { ...right, ...wrong })).toThrow(ConfigError);
  });

  test("reads several keys", () => {
    const KEYS = `${"a".repeat(16)}, ${"b".repeat(16)},`;
    expect(parseConfig(schema, { ...right, KEYS }).KEYS).toEqual(["a".repeat(16), "b".repeat(16)]);
  });
});

describe("a secret in a file", () => {
  const schema = z.object({
    REDIS_URL: redisUrlSchema,
    VIEWER_ID_SALT: saltSchema,
    STATS_KEYS: keysSchema,
  });
  const folder = mkdtempSync(join(tmpdir(), "model-views-secrets-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileWith = (text: string) => {
    const file = join(folder, randomUUID());
    writeFileSync(file, text);
    return file;
  };
  const salt = "s".repeat(32);

  test("is read from where NAME_FILE says, without the end of its last line; keys stand in lines", () => {
    const [one, two] = ["a".repeat(16), "b".repeat(16)];
    expect(
      parseConfig(schema, {
        REDIS_URL_FILE: fileWith("redis://:password@127.0.0.1:6379\n"),
        VIEWER_ID_SALT_FILE: fileWith(`${salt}\r\n`),
        STATS_KEYS_FILE: fileWith(`${one}\n${two}\n`),
        // Not of this service: whether it can be read says nothing.
        DATABASE_URL_FILE: join(folder, "none"),
      }),
    ).toEqual({
      REDIS_URL: "redis://:password@127.0.0.1:6379",
      VIEWER_ID_SALT: salt,
      STATS_KEYS: [one, two],
    });
  });

  test("that cannot be read, is empty, is wrong or stands elsewhere too is named, without the secret", () => {
    const none = join(folder, "none");
    const empty = fileWith(" \n");
    const parse = () =>
      parseConfig(schema, {
        REDIS_URL_FILE: none,
        VIEWER_ID_SALT_FILE: fileWith("a short one"),
        STATS_KEYS_FILE: empty,
      });
    expect(parse).toThrow(
      `  REDIS_URL_FILE: ${none} cannot be read: ENOENT\n  STATS_KEYS_FILE: ${empty} is empty\n  VIEWER_ID_SALT: must have`,
    );
    expect(parse).toThrow(/^(?!.*REDIS_URL: is missing).*$/s);
    expect(parse).toThrow(/^(?!.*a short one).*$/s);
    const both = {
      REDIS_URL: "redis://127.0.0.1",
      VIEWER_ID_SALT: salt,
      VIEWER_ID_SALT_FILE: fileWith(salt),
    };
    expect(() => parseConfig(schema, both)).toThrow("VIEWER_ID_SALT_FILE: VIEWER_ID_SALT is set as well");
  });
});

describe("createApiKeyCheck", () => {
  const here = "127.0.0.1";

  test.for([
    ["a valid key", ["first-key-of-two"], "Bearer first-key-of-two", true],
    ["another valid key", ["first-key-of-two", "second-key-of-two"], "Bearer second-key-of-two", true],
    ["a key in lower-case scheme", ["first-key-of-two"], "bearer first-key-of-two", true],
    ["a key with one letter more", ["first-key-of-two"], "Bearer first-key-of-twos", false],
    ["an empty key", ["first-key-of-two"], "Bearer ", false],
    ["another scheme", ["first-key-of-two"], "Basic first-key-of-two", false],
    ["no header", ["first-key-of-two"], undefined, false],
  ] as const)("%s", ([, valid, authorization, expected]) => {
    const hasKey = createApiKeyCheck(valid, { isDevelopment: true });
    expect(hasKey({ authorization, remoteAddress: here, isDirect: () => true })).toBe(expected);
  });

  test.for([
    ["this machine in development", true, "127.0.0.1", true],
    ["this machine by IPv6", true, "::1", true],
    ["this machine by IPv4 in IPv6", true, "::ffff:127.0.0.1", true],
    ["another machine in development", true, "192.168.1.7", false],
    ["another machine by IPv6", true, "fe80::1", false],
    ["this machine in production", false, "127.0.0.1", false],
    ["a connection that is gone", true, undefined, false],
  ] as const)("without keys: %s", ([, isDevelopment, remoteAddress, expected]) => {
    const hasKey = createApiKeyCheck([], { isDevelopment });
    const credentials = { authorization: undefined, remoteAddress, isDirect: () => true };
    expect(hasKey(credentials)).toBe(expected);
    expect(hasKey({ ...credentials, isDirect: () => false })).toBe(false);
  });
});

describe("viewerIdentifierOf", () => {
  // echo -n "<id><salt>" | sha256sum
  test.for([
    ["", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["ab", "c", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["7f3d", "sält", "8ee549ea91fac0e629ba229d417b454addf6e361ced70356c3bda81ba55360ef"],
  ] as const)("of %s with salt %s is the SHA-256 of both", ([id, salt, expected]) => {
    expect(viewerIdentifierOf(id, salt)).toBe(expected);
  });
});

describe("createLogger", () => {
  test("never shows what could identify a viewer, or give access", () => {
    const lines: string[] = [];
    const logger = createLogger({ service: "test", level: "info" }, { write: (line) => lines.push(line) });
    logger.info(
      {
        cookie: "c-secret",
        req: { headers: { authorization: "a-secret" } },
        view: { ipAddress: "i-secret", viewerIdentifier: "v-secret" },
      },
      "posted",
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/secret/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "info",
      service: "test",
      msg: "posted",
      cookie: "[redacted]",
    });
  });

  test("never shows what a library hangs onto its errors: the command that failed, with the views or the password in it", () => {
    const lines: string[] = [];
    const logger = createLogger({ service: "test", level: "info" }, { write: (line) => lines.push(line) });
    const command = { name: "auth", args: ["default", "the-secret"] };
    const reply = Object.assign(new Error("WRONGPASS"), {
      name: "ReplyError",
      command,
      previousErrors: [{ command }],
    });
    logger.error({ err: new Error("refused", { cause: reply }) }, "Redis is away");
    expect(lines[0]).not.toMatch(/secret/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      err: {
        message: "refused",
        stack: expect.any(String),
        cause: { type: "ReplyError", message: "WRONGPASS" },
      },
    });
  });
});
