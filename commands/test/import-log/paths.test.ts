import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createModelOfPath, modelIdOf } from "../../import-log/models.ts";
import { type FakeServices, openFakeServices } from "./fake-services.ts";
import { aLine, runImport } from "./run-import.ts";

const ANNA = "0190aaaa-0000-7000-8000-000000000001";
const BERTA = "0190aaaa-0000-7000-8000-000000000002";
const none = { include: [], exclude: [], map: undefined };

describe("createModelOfPath", () => {
  test.each([
    ["each path is a model", {}, "/a", modelIdOf("/a")],
    ["a favicon is not viewed", {}, "/favicon.ico", undefined],
    ["nor is robots.txt", {}, "/robots.txt", undefined],
    ["nor are well-known paths", {}, "/.well-known/acme-challenge/x", undefined],
    ["unless --include names it", { include: ["/favicon.*"] }, "/favicon.ico", modelIdOf("/favicon.ico")],
    [
      "a path like one that is included",
      { include: ["/models/*"] },
      "/models/anna",
      modelIdOf("/models/anna"),
    ],
    ["a star stops at a slash", { include: ["/models/*"] }, "/models/anna/photos", undefined],
    [
      "two stars do not",
      { include: ["/models/**"] },
      "/models/anna/photos",
      modelIdOf("/models/anna/photos"),
    ],
    ["a dot is a dot", { include: ["/a.b"] }, "/axb", undefined],
    ["what is excluded is left out", { exclude: ["**.css"] }, "/a/b.css", undefined],
    ["also of what is included", { include: ["/m/*"], exclude: ["/m/x*"] }, "/m/x1", undefined],
  ] as const)("%s", (_name, rules, path, modelId) => {
    const expected = modelId === undefined ? undefined : { modelId, isMapped: false };
    expect(createModelOfPath({ ...none, ...rules })(path)).toEqual(expected);
  });

  const map = [
    "# path, model",
    `/anna ${ANNA}`,
    `/models/with space, ${ANNA.toUpperCase()}`,
    `/berta/** ${BERTA}`,
    "/m/:id/* :id",
    "",
  ].join("\r\n");

  test.each([
    ["/anna", ANNA],
    ["/models/with space", ANNA],
    ["/berta/photos/1", BERTA],
    [`/m/${BERTA}/photos`, BERTA],
    ["/m/no-uuid/photos", undefined],
    ["/m/x", undefined],
    ["/", undefined],
  ])("a map says which model %s is of", (path, modelId) => {
    const expected = modelId === undefined ? undefined : { modelId, isMapped: true };
    expect(createModelOfPath({ ...none, map })(path)).toEqual(expected);
  });

  test.each(["anna 1", `anna ${ANNA}`, "/anna", "/anna anna", "/anna :id"])(
    "refuses a wrong line of a map: %s",
    (line) => {
      expect(() => createModelOfPath({ ...none, map: `\n${line}` })).toThrow("line 2 of the map must be");
    },
  );
});

describe("an import", () => {
  let fake: FakeServices;
  beforeEach(async () => {
    fake = await openFakeServices();
  });
  afterEach(() => fake.close());

  test("leaves out paths that are not imported, counts them, and keeps the ids of the rest", async () => {
    const lines = [aLine("/favicon.ico"), aLine("/a"), aLine("/robots.txt"), aLine("/b")];
    const { totals } = await runImport(fake.url, lines);
    expect(totals).toMatchObject({ lines: 4, views: 2, leftOut: 2, models: 2 });
    const ids = fake.views.splice(0).map(({ id }) => id);
    await runImport(fake.url, lines, { paths: { include: ["/**"] } });
    expect(fake.views.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  });

  test("posts views of the models of a map, makes none of them, and counts those that do not exist", async () => {
    fake.models.set(ANNA, "Anna");
    const map = `/anna ${ANNA}\n/berta ${BERTA}`;
    const { totals } = await runImport(fake.url, [aLine("/anna"), aLine("/berta"), aLine("/")], {
      paths: { map },
    });
    expect(fake.views.map(({ modelId }) => modelId)).toEqual([ANNA, BERTA]);
    expect(totals).toMatchObject({ views: 2, leftOut: 1, models: 0, unknownModels: 1 });
    expect(fake.received.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  test("does not post views of months that retention has removed, asks once for each month, and counts them", async () => {
    fake.monthsRemoved.add("2015-05");
    const lines = [aLine("/a"), aLine("/b"), aLine("/a", { year: "2016" }), aLine("/c", { year: "1980" })];
    const { totals } = await runImport(fake.url, lines);
    expect(totals).toMatchObject({ lines: 4, pastRetention: 2, views: 1, rejected: 1 });
    expect(fake.views).toHaveLength(1);
    expect(fake.received.filter(({ path }) => path.startsWith("/v1/breakdown"))).toHaveLength(2);
  });

  test("two paths that differ in bytes that are not UTF-8 are two models", async () => {
    const line = (byte: string) => Buffer.from(`${aLine(`/m/caf${byte}`)}\n`, "latin1");
    const { totals } = await runImport(fake.url, Buffer.concat([line("\xe9"), line("\xe8"), line("\xe9")]));
    expect(totals).toMatchObject({ views: 3, models: 2 });
    expect([...fake.models.values()].sort()).toEqual(["/m/caf\\xe8", "/m/caf\\xe9"]);
  });

  test("five people behind a virtual host are five viewers", async () => {
    const lines = [1, 2, 3, 4, 5].map((n) =>
      aLine("/a").replace("192.0.2.7", `www.example.org:443 203.0.113.${n}`),
    );
    await runImport(fake.url, lines);
    expect(new Set(fake.views.map(({ viewerId }) => viewerId)).size).toBe(5);
    expect(fake.views[0]).toMatchObject({ ipAddress: "203.0.113.1", path: "https://www.example.org/" });
  });
});
