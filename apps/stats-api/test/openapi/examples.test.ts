import type { Db } from "@model-views/db/postgres/connect.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { connectTest, createDatabase } from "@model-views/testing/database.ts";
import { beforeEach, describe, expect } from "vitest";
import { z } from "zod";
import { describeApi } from "../../src/openapi/document.ts";
import { routeGroups } from "../../src/routes/all.ts";
import { AS_OF } from "../../src/routes/example-data.ts";
import { type Api, test as base, now } from "../api.ts";
import { failExampleJob, recordExampleData } from "./example-data.ts";
import {
  type DocumentExample,
  documentSchema,
  examplesOf,
  keyOf,
  operationsOf,
  type ReadOperation,
} from "./read-document.ts";

const keys = { none: "no-key", read: "a-key-that-reads", admin: "a-key-that-changes" };
const headers = (key: keyof typeof keys) => ({ authorization: `Bearer ${keys[key]}` });
const isDevelopment = false;

const test = base.extend({
  keys: {
    mayRead: createApiKeyCheck([keys.read, keys.admin], { isDevelopment }),
    mayChange: createApiKeyCheck([keys.admin], { isDevelopment }),
  },
  deps: ({ redis }, use) => use({ queueRedis: redis }),
});

/** With the example data on one database: for requests that change nothing. */
const reading = test
  .extend<{ recorded: Db }>({
    recorded: [
      async ({ task: _ }, use) => {
        const { url, drop } = await createDatabase();
        const db = connectTest(url);
        await recordExampleData(db);
        await use(db);
        await db.$client.end();
        await drop();
      },
      { scope: "file" },
    ],
  })
  .extend({ db: ({ recorded }, use) => use(recorded) });

const document = documentSchema.parse(JSON.parse(JSON.stringify(describeApi(routeGroups))));
const operations = operationsOf(document);

describe("the examples of the document", () => {
  beforeEach(() => expect(now.toISOString()).toBe(AS_OF));

  reading.for(examplesWhere((method) => method === "GET"))(
    "%s: has the answer of the document",
    async ([, example], { api, redis }) => {
      await failExampleJob(redis);
      await checkAnswer(example, api);
    },
  );

  test.for(examplesWhere((method) => method !== "GET"))(
    "%s: has the answer of the document",
    async ([, example], { db, api, redis }) => {
      await recordExampleData(db);
      await failExampleJob(redis);
      await checkAnswer(example, api);
    },
  );

  test("are all those of the routes", () => {
    const declared = routeGroups.flatMap(({ routes }) =>
      routes.flatMap(({ id, examples }) => Object.keys(examples).map((name) => `${id}, ${name}`)),
    );
    const documented = operations.flatMap(examplesOf).map(({ title }) => title);
    expect(documented.toSorted()).toEqual(declared.toSorted());
  });

  test("has one for every operation that needs a key", () => {
    const without = operations.filter(
      (operation) =>
        keyOf(operation) !== "none" &&
        examplesOf(operation).filter(({ status }) => status < 300).length === 0,
    );
    expect(without.map(({ operationId }) => operationId)).toEqual([]);
  });
});

test("every operation needs the key that the document has", async ({ api }) => {
  for (const operation of operations) {
    const [example] = examplesOf(operation);
    const target = example?.target ?? operation.path;
    for (const key of ["none", "read", "admin"] as const) {
      const { method, operationId } = operation;
      const response = await api.ask(target, { method, headers: headers(key) });
      const mayAsk = { none: true, read: key !== "none", admin: key === "admin" }[keyOf(operation)];
      expect.soft(response.status === 401, `${operationId} with the key: ${key}`).toBe(!mayAsk);
      await response.body?.cancel();
    }
  }
});

/** The examples of operations with such a method, by their titles. */
function examplesWhere(isWanted: (method: string) => boolean): [title: string, DocumentExample][] {
  return operations
    .filter(({ method }) => isWanted(method))
    .flatMap(examplesOf)
    .map((example) => [example.title, example]);
}

/** Sends the request of an example, and compares the answer with the document. */
async function checkAnswer(
  { operation, target, body, status, type, schema, answer }: DocumentExample,
  api: Api,
): Promise<void> {
  const response = await api.ask(target, {
    method: operation.method,
    headers: { ...headers(keyOf(operation)), "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")?.split(";")[0]).toBe(type);
  if (operation.method === "GET" && status === 200) checkHeaders(operation, response);
  if (type === "text/event-stream") {
    expect(await firstOf(response, String(answer).length)).toBe(answer);
  } else if (type?.endsWith("json")) {
    const given = (await response.json()) as Record<string, unknown>;
    // The only time of the database's clock: that of a new model.
    if (status === 201) given["createdAt"] = sameTime(given["createdAt"], AS_OF);
    expect(withValuesOf(given, answer)).toEqual(answer);
    expect(fromDocument(schema).safeParse(given).error?.issues).toBeUndefined();
  } else expect(await response.text()).toBe(answer ?? "");
}

/** Compares the headers with the document. Express also sets an ETag on routes without a key, which has no use. */
function checkHeaders(operation: ReadOperation, { headers }: Response): void {
  if (keyOf(operation) === "none") return;
  const named = Object.keys(operation.responses["200"]?.headers ?? {});
  const given = ["ETag", "Age", "Model-Views-Incomplete"].filter((name) => headers.has(name));
  expect(named).toEqual(expect.arrayContaining(given));
  const isJson = headers.get("content-type")?.startsWith("application/json");
  if (isJson) expect(given.includes("ETag")).toBe(named.includes("ETag"));
  expect("304" in operation.responses).toBe(named.includes("ETag"));
}

/** The beginning of an answer that does not end. Leaving the loop closes it. */
async function firstOf(response: Response, length: number): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= length) break;
  }
  return text;
}

/** `as` when the text is a time. */
function sameTime(text: unknown, as: string): string {
  return z.iso.datetime().parse(text) && as;
}

/** Fields with values of the machine: its databases, and the time by PostgreSQL's clock. */
const OF_MACHINE = new Set([
  "newestAt",
  "usedBytes",
  "maxBytes",
  "evictionPolicy",
  "hasAof",
  "databaseBytes",
  "postgresVersion",
]);

/** The answer, with the fields of the machine as they are in the example. */
function withValuesOf(given: unknown, example: unknown): unknown {
  if (Array.isArray(given)) {
    return given.map((each, index) =>
      withValuesOf(each, Array.isArray(example) ? example[index] : undefined),
    );
  }
  if (typeof given !== "object" || given === null) return given;
  const expected = new Map(Object.entries(example ?? {}));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      OF_MACHINE.has(name) && expected.has(name)
        ? expected.get(name)
        : withValuesOf(value, expected.get(name)),
    ]),
  );
}

/** The schema of an answer, by which a field that it does not have is an error. */
function fromDocument(schema: unknown): z.ZodType {
  const whole = { ...(schema as object), $defs: document.components.schemas };
  const text = JSON.stringify(whole, (_key, value) =>
    value?.properties === undefined || value.type !== "object"
      ? value
      : { ...value, additionalProperties: false },
  );
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")));
}
