import { z } from "zod";

/** A setting that lists origins of pages, separated by commas, each exactly as a browser names it. */
export const originsSchema = z
  .string()
  .transform((list) =>
    list
      .split(",")
      .map((origin) => origin.trim())
      .filter((origin) => origin !== ""),
  )
  .refine((origins) => origins.every(isOrigin), {
    error: "must be origins like https://www.example.org, without a path, separated by commas",
  })
  .default([]);

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
