import { z } from "zod";
import { problemSchema } from "./problems.ts";

/** A part of an answer: its data, or why there are none. */
export function partOf<Data extends z.ZodType>(data: Data) {
  return z.union([z.object({ data }), z.object({ error: problemSchema })]);
}
