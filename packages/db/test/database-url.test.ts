import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseUrlSchema, parseConfig } from "@model-views/shared/runtime/config.ts";
import { readDatabaseUrl } from "@model-views/shared/runtime/database-url.ts";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { z } from "zod";

/** What pg makes of the URL that is made of this one. */
function connectionOf(given: string) {
  const read = readDatabaseUrl(given);
  if ("wrong" in read) throw new Error(read.wrong);
  const { user, password, host, port, database, ssl } = new Client({ connectionString: read.url });
  return { user, password, host, port, database, ssl };
}

const usual = { user: "u", password: "p", host: "h", port: 5432, database: "db", ssl: false };

describe("a connection string means what it means to psql", () => {
  test.for([
    ["the usual one", "postgres://u:p@h:5432/db", {}],
    ["spaces around it", " postgres://u:p@h/db\n", {}],
    ["a raw # in the password", "postgres://u:p#1@h/db", { password: "p#1" }],
    ["a raw ? in the password", "postgres://u:12?3@h/db", { password: "12?3" }],
    ["both, and a port", "postgres://u:?#@h:7/db", { password: "?#", port: 7 }],
    ["an encoded password", "postgres://u:p%23%2F%40@h/db", { password: "p#/@" }],
    ["a raw % in the password", "postgres://u:100%@h/db", { password: "100%" }],
    ["a socket, no host", "postgres://u:p@/db?host=/socket/folder", { host: "/socket/folder" }],
    ["a socket as the host", "postgres://u:p@%2Fsocket%2Ffolder/db", { host: "/socket/folder" }],
    ["the database as a parameter", "postgres://u:p@h?dbname=db", {}],
    ["the user as a parameter, with an @", "postgres://:p@h/db?user=a@b", { user: "a@b" }],
    ["IPv6", "postgres://u:p@[::1]/db", { host: "::1" }],
    [
      "require encrypts and verifies nothing",
      "postgres://u:p@h/db?sslmode=require",
      { ssl: { rejectUnauthorized: false } },
    ],
    [
      "pg's own name for that",
      "postgres://u:p@h/db?sslmode=no-verify",
      { ssl: { rejectUnauthorized: false } },
    ],
    ["verify-full verifies", "postgres://u:p@h/db?sslmode=verify-full", { ssl: {} }],
    ["the system's authorities", "postgres://u:p@h/db?sslmode=verify-full&sslrootcert=system", { ssl: {} }],
    ["disable", "postgres://u:p@h/db?sslmode=disable", {}],
  ] as const)("%s", ([, given, differs]) => {
    expect(connectionOf(given)).toEqual({ ...usual, ...differs });
  });

  test("require with a certificate verifies by it, and not the host's name", async () => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-url-"));
    const file = join(folder, "ca.pem");
    await writeFile(file, "a certificate");
    for (const mode of ["require", "verify-ca"]) {
      const { ssl } = connectionOf(`postgres://u:p@h/db?sslmode=${mode}&sslrootcert=${file}`);
      expect(ssl).toEqual({ ca: "a certificate", checkServerIdentity: expect.any(Function) });
    }
    await rm(folder, { recursive: true });
  });
});

describe("what does not work is reported, with what to do", () => {
  test.for([
    ["words", "host=h dbname=db", /must be a URL.*postgres:\/\/user:password@host/],
    ["another database", "mysql://h/db", /must be a URL that begins with postgres:\/\//],
    ["no host", "postgres:///db", /names no host.*\?host=/],
    ["several hosts", "postgres://u:p@a:1,b:2/db", /several hosts: name one/],
    ["several sockets", "postgres://u@/db?host=/a,/b", /several hosts: name one/],
    ["a raw / in the password", "postgres://u:p/1@h/db", /write \/ as %2F/],
    ["a raw # behind a raw @", "postgres://u:p@1#2@h/db", /# as %23/],
    ["a raw # in the database's name", "postgres://u:p@h/db#1", /# as %23/],
    ["prefer", "postgres://u:p@h/db?sslmode=prefer", /say require .* or disable/],
    [
      "an unknown mode",
      "postgres://u:p@h/db?sslmode=yes",
      /none of disable, require, verify-ca, verify-full/,
    ],
    ["verify-ca without a certificate", "postgres://u:p@h/db?sslmode=verify-ca", /needs sslrootcert=/],
    [
      "a file that is not there",
      "postgres://h/db?sslmode=require&sslrootcert=/no/ca.pem",
      /sslrootcert cannot be read: ENOENT/,
    ],
    ["a service", "postgres://h/db?service=x", /names a service/],
  ] as const)("%s", ([, given, wrong]) => {
    expect(readDatabaseUrl(given)).toEqual({ wrong: expect.stringMatching(wrong) });
  });

  test("by the name of the variable, without the password", () => {
    const schema = z.object({ DATABASE_URL: databaseUrlSchema, OTHER_URL: databaseUrlSchema });
    const given = { DATABASE_URL: "postgres://u:secret/1@h/db" };
    expect(() => parseConfig(schema, given)).toThrow(/DATABASE_URL: is no URL(.|\n)*OTHER_URL: is missing/);
    expect(() => parseConfig(schema, given)).not.toThrow(/secret/);
  });
});
