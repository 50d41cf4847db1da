import { z } from "zod";

/**
 * Text that PostgreSQL stores unchanged: at most `charsMax` UTF-16 units, no NUL (SQLSTATE 22021) and no lone
 * surrogate (silently replaced on its way through UTF-8, so what is stored would differ from what was sent).
 */
export function storableText(charsMax: number) {
  return z
    .string()
    .max(charsMax)
    .refine((text) => !text.includes("\0"), { error: "must not contain NUL characters" })
    .refine((text) => text.isWellFormed(), { error: "must not contain lone surrogates" });
}
