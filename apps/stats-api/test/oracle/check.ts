import { expect } from "vitest";
import type { Api } from "../api.ts";
import type { Question } from "./question.ts";
import { settle } from "./within.ts";

/** The fields of a list that are read here. */
type ListAnswer = {
  items: (object & { isIncomplete?: boolean })[];
  previous?: { items?: object[] };
  isIncomplete?: boolean;
};

/** Asks as a reader does, and compares the whole answer, as JSON and as CSV. */
export async function check(api: Api, { path, expected, csv }: Question): Promise<void> {
  const response = await api.ask(path);
  const answer = (await response.json()) as ListAnswer;
  const right = typeof expected === "function" ? expected(answer) : expected;
  expect({ path, status: response.status, answer }).toEqual({
    path,
    status: 200,
    answer: settle(right, answer),
  });
  if (csv === undefined) return;
  const asCsv = await api.ask(`${path}&format=csv`);
  const incomplete = [answer, ...answer.items].some(({ isIncomplete }) => isIncomplete) ? "true" : null;
  // The items of the JSON answer, which has been compared above.
  const rows = [
    ...(answer.previous?.items ?? []).map((item) => ({ period: "previous", ...item })),
    ...(csv.rowsOf?.(answer.items) ?? answer.items).map((item) => ({ period: "asked", ...item })),
  ];
  const columns = answer.previous?.items === undefined ? csv.columns : ["period", ...csv.columns];
  expect({
    path,
    incomplete: asCsv.headers.get("model-views-incomplete"),
    csv: await asCsv.text(),
  }).toEqual({ path, incomplete, csv: csvOf(columns, rows) });
}

/** Nothing in these tests needs quotes. */
function csvOf(columns: readonly string[], rows: readonly object[]): string {
  const lines = rows.map((row) => {
    const fields: Record<string, unknown> = { ...row };
    return columns.map((column) => fields[column] ?? "").join();
  });
  return [columns.join(), ...lines].map((line) => `${line}\r\n`).join("");
}

/** The first stats that a listener of `GET /v1/live` gets. */
export async function askLive(api: Api): Promise<unknown> {
  const leave = new AbortController();
  const response = await api.ask("/v1/live", { signal: leave.signal });
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const data = /event: figures\n(?:.+\n)*data: (.+)\n\n/.exec(text)?.[1];
      if (data !== undefined) return JSON.parse(data);
    }
    throw new Error(`the stream ended: ${text}`);
  } finally {
    leave.abort();
  }
}
