import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { describeApi } from "../../src/openapi/document.ts";
import { routeGroups } from "../../src/routes/all.ts";
import { ANNA, UNKNOWN_ID } from "../../src/routes/example-data.ts";
import { test as base } from "../api.ts";
import { recordExampleData } from "./example-data.ts";

const run = promisify(execFile);
const folderOf = (manifest: string) => dirname(fileURLToPath(manifest));
const generator = join(folderOf(import.meta.resolve("openapi-typescript/package.json")), "bin", "cli.js");
const openapiFetch = folderOf(import.meta.resolve("openapi-fetch/package.json"));
/** The TypeScript of the project. The one next to this package is for the generator, which needs its JavaScript API. */
const tsc = fileURLToPath(new URL("../../../../node_modules/typescript/bin/tsc", import.meta.url));

const BEGINNING = `
import createClient from "openapi-fetch";
import type { paths } from "./api.ts";

const client = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: process.argv[2] ?? "",
  querySerializer: { array: { style: "form", explode: false } },
});
const modelId = "${ANNA}";
`;

const PROGRAM = `${BEGINNING}
const stats = await client.GET("/v1/models/{modelId}/stats", { params: { path: { modelId } } });
const totalViews: number | null | undefined = stats.data?.totalViews;

const many = await client.GET("/v1/models/stats", { params: { query: { ids: [modelId, "${UNKNOWN_ID}"] } } });
const unknown: string[] | undefined = many.data?.unknown;

const query = { by: "country", from: "2026-11-20", to: "2026-11-23", limit: 1 } as const;
const breakdown = await client.GET("/v1/breakdown", { params: { query } });
const country: string | null | undefined = breakdown.data?.items[0]?.value;

const week = { interval: "week", compare: "previous", from: "2026-11-16", to: "2026-11-23" } as const;
const timeseries = await client.GET("/v1/timeseries", { params: { query: week } });
const before: number | null | undefined = timeseries.data?.previous?.items[0]?.views;

const path = { modelId: "${UNKNOWN_ID}" };
const put = await client.PUT("/v1/models/{modelId}", { params: { path }, body: { name: "Dora" } });
const name: string | undefined = put.data?.name;
const gone: number = (await client.DELETE("/v1/models/{modelId}", { params: { path } })).response.status;
const problem = (await client.GET("/v1/models/{modelId}", { params: { path } })).error;
const detail: string | undefined = problem?.detail;

console.log(JSON.stringify({ totalViews, unknown, country, before, name, gone, detail }));
`;

/** Each line is wrong. */
const WRONG = [
  `await client.GET("/v1/models/{modelId}/stats", { params: {} });`,
  `await client.GET("/v1/models/top", { params: { query: { sort: "best" } } });`,
  `await client.GET("/v1/models/top", { params: { query: { limit: "ten" } } });`,
  `await client.GET("/v1/breakdown", { params: { query: {} } });`,
  `await client.GET("/v1/models/stats", { params: { query: { ids: modelId } } });`,
  `await client.PUT("/v1/models/{modelId}", { params: { path: { modelId } }, body: {} });`,
  `await client.POST("/v1/models");`,
  `await client.GET("/v1/views");`,
  `(await client.GET("/v1/models")).data?.items[0]?.title;`,
  `(await client.GET("/v1/timeseries")).data?.items[0]?.views.toFixed();`,
];

type Project = {
  write: (file: string, text: string) => Promise<void>;
  /** The lines with errors of tsc. */
  errorsOf: (file: string) => Promise<{ line: number; text: string }[]>;
  start: (file: string, ...args: string[]) => Promise<string>;
};

const test = base.extend<{ project: Project }>({
  project: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-generated-"));
    const inFolder = { cwd: folder };
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    await writeFile(join(folder, "openapi.json"), JSON.stringify(describeApi(routeGroups)));
    await run(process.execPath, [generator, "openapi.json", "--output", "api.ts"], inFolder);
    await linkPackages(folder);
    await use({
      write: (file, text) => writeFile(join(folder, file), text),
      errorsOf: async (file) => {
        const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit"];
        const node = ["--target", "es2024", "--module", "nodenext", "--types", "node"];
        const args = [tsc, "--ignoreConfig", ...strict, ...node, "--allowImportingTsExtensions", file];
        const { stdout } = await run(process.execPath, args, inFolder).catch((error) => error);
        return [...String(stdout).matchAll(/\((\d+),\d+\): (error .*)/g)].map(([, line, text]) => ({
          line: Number(line),
          text: text ?? "",
        }));
      },
      start: async (file, ...args) => (await run(process.execPath, [file, ...args], inFolder)).stdout,
    });
    await rm(folder, { recursive: true });
  },
});

test("a client that is generated from the document type-checks, and gets what its types declare", async ({
  db,
  api,
  project,
}) => {
  await recordExampleData(db);
  await project.write("program.ts", PROGRAM);
  expect(await project.errorsOf("program.ts")).toEqual([]);
  const { origin } = new URL((await api.ask("/livez")).url);
  expect(JSON.parse(await project.start("program.ts", origin))).toEqual({
    totalViews: 3,
    unknown: [UNKNOWN_ID],
    country: "DE",
    before: 0,
    name: "Dora",
    gone: 204,
    detail: `There is no model ${UNKNOWN_ID}`,
  });
});

test("a request that the API refuses, or a field that it does not answer, does not type-check", async ({
  project,
}) => {
  await project.write("wrong.ts", BEGINNING + WRONG.join("\n"));
  const errors = await project.errorsOf("wrong.ts");
  const first = BEGINNING.split("\n").length;
  const wrong = new Set(errors.map(({ line }) => WRONG[line - first]));
  expect([...wrong]).toEqual(WRONG);
});

/** Links them in the folder's node_modules, as if they were installed there. */
async function linkPackages(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "@types"), { recursive: true });
  await symlink(openapiFetch, join(modules, "openapi-fetch"), "dir");
  const nodeTypes = fileURLToPath(new URL("../../../../node_modules/@types/node", import.meta.url));
  await symlink(nodeTypes, join(modules, "@types", "node"), "dir");
}
