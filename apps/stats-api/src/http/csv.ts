import { stringify } from "csv-stringify";
import type { Request, Response } from "express";
import { z } from "zod";
import { type BegunRows, sendRows } from "./send-rows.ts";

/** The parameters of every list that choose its format. */
export const formatShape = {
  format: z
    .enum(["json", "csv"])
    .optional()
    .describe("Takes precedence over the header `Accept`. With neither, the answer is JSON"),
  bom: z
    .enum(["0", "1"])
    .optional()
    .describe("`1`: CSV begins with a byte order mark, by which Excel recognizes UTF-8"),
};

type Format = { format?: "json" | "csv" | undefined; bom?: "0" | "1" | undefined };

/** Whether to answer with CSV: by `format`, or else by `Accept`. */
export function wantsCsv(request: Request, response: Response, { format }: Format): boolean {
  response.vary("Accept");
  return (format ?? (request.accepts(["json", "csv"]) === "csv" ? "csv" : "json")) === "csv";
}

type Exchange<Answer> = { request: Request; response: Response<Answer>; query: Format };

/**
 * Answers a list as JSON or as CSV, as the request asks.
 *
 * @param columns the fields of each item to write as CSV, in their order.
 */
export function sendList<Answer, Item extends object>(
  exchange: Exchange<Answer>,
  answer: NoInfer<Answer> & { items: readonly Item[] },
  columns: readonly (keyof Item & string)[],
): Promise<void> {
  return sendListAs(exchange, answer, { columns, rows: answer.items });
}

/** The same for a list whose rows of CSV are not its items. */
export async function sendListAs<Answer, Row extends object>(
  { request, response, query }: Exchange<Answer>,
  answer: NoInfer<Answer> & object,
  { columns, rows }: { columns: readonly (keyof Row & string)[]; rows: readonly Row[] },
): Promise<void> {
  if (!wantsCsv(request, response, query)) return void response.json(answer);
  setIncomplete(response, answer);
  await sendCsv(response, columns, rows, query);
}

/**
 * `isIncomplete` of a JSON answer, as a header of the CSV: retention has removed views of the period, and no row shows
 * that. HTTP has no header for it (`Warning` is obsolete).
 */
export function setIncomplete(response: Response, answer: object): void {
  if ("isIncomplete" in answer && answer.isIncomplete === true) {
    response.setHeader("Model-Views-Incomplete", "true");
  }
}

/**
 * Answers with rows as CSV (RFC 4180, in UTF-8, with a header), written as fast as the reader reads: only some of the rows
 * are in memory at a time. A text that a spreadsheet would take for a formula gets a ' in front. Null is empty.
 * A reader who leaves is no error.
 *
 * @param columns the fields to write, in their order.
 * @throws what reading the first row threw; then nothing is sent.
 */
export async function sendCsv<Row extends object>(
  response: Response,
  columns: readonly (keyof Row & string)[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  { bom }: Format,
): Promise<void> {
  const begunRows = await begun(rows);
  response.setHeader("Content-Type", "text/csv; charset=utf-8; header=present");
  if (response.req.method === "HEAD") {
    await begunRows.rest.return(undefined);
    response.end();
    return;
  }
  const csv = stringify({
    header: true,
    bom: bom === "1",
    columns: [...columns],
    escape_formulas: true,
    // `escape_formulas` does not escape a text that begins with a line feed, which spreadsheets may read as a formula
    // too (OWASP, CSV injection).
    cast: { string: (text) => (text.startsWith("\n") ? `'${text}` : text) },
    record_delimiter: "\r\n",
    // To a spreadsheet, a line break alone begins a line, and a semicolon or a tab may begin a column. What follows
    // could then be a formula.
    quoted_match: /[\r\n;\t]/,
  });
  await sendRows(response, begunRows, { transform: csv });
}

/** Reads the first row, so that a failing database is answered with a problem and not with half an answer. */
async function begun<Row>(rows: Iterable<Row> | AsyncIterable<Row>): Promise<BegunRows<Row>> {
  const rest = eachOf(rows);
  return { first: await rest.next(), rest };
}

async function* eachOf<Row>(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Row, undefined> {
  for await (const row of rows) yield row;
}
