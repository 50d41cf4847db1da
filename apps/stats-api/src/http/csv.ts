import { stringify } from "csv-stringify";
import type { Request, Response } from "express";
import { z } from "zod";
import { type BegunRows, sendRows } from "./send-rows.ts";

/** The parameters of every list that say how it is written. */
export const formatShape = {
  format: z.enum(["json", "csv"]).optional().describe("Instead of the header `Accept`; else it is JSON"),
  bom: z
    .enum(["0", "1"])
    .optional()
    .describe("`1`: CSV begins with a byte order mark, by which Excel knows that it is UTF-8"),
};

/** Does the reader want a list as CSV: by `format`, or else by `Accept`? */
export function wantsCsv(
  request: Request,
  response: Response,
  { format }: { format?: "json" | "csv" | undefined },
): boolean {
  response.vary("Accept");
  return (format ?? (request.accepts(["json", "csv"]) === "csv" ? "csv" : "json")) === "csv";
}

/**
 * Says in a header what CSV has no place for: that retention has removed views of the period, which are in no row. HTTP has no
 * header for that (`Warning` is obsolete).
 */
export function tellIncomplete(response: Response, answer: object): void {
  if ("isIncomplete" in answer && answer.isIncomplete === true) {
    response.setHeader("Model-Views-Incomplete", "true");
  }
}

/**
 * Answers with rows as CSV (RFC 4180, in UTF-8, with a header), written as fast as the reader reads: however many there
 * are, only some of them are in memory. A text that a spreadsheet would take for a formula gets a ' in front. Null is empty.
 * A reader who goes away is no error.
 *
 * @param columns the fields to write, in their order.
 * @param question says whether there is a byte order mark.
 * @throws what reading the first row threw; then nothing is sent.
 */
export async function sendCsv<Row extends object>(
  response: Response,
  columns: readonly (keyof Row & string)[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  question: { bom?: "0" | "1" | undefined },
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
    bom: question.bom === "1",
    columns: [...columns],
    escape_formulas: true,
    record_delimiter: "\r\n",
    // A line break alone would begin a new line for a spreadsheet, and a semicolon or a tab a new column where that is
    // what separates them, with the formula that may stand behind it.
    quoted_match: /[\r\n;\t]/,
  });
  await sendRows(response, begunRows, { transform: csv });
}

/** Reads the first row, so that a database that is away is a problem answer and not a broken one. */
async function begun<Row>(rows: Iterable<Row> | AsyncIterable<Row>): Promise<BegunRows<Row>> {
  const rest = eachOf(rows);
  return { first: await rest.next(), rest };
}

async function* eachOf<Row>(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<Row, undefined> {
  for await (const row of rows) yield row;
}
