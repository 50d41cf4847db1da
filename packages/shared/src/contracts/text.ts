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

/** The beginning of a text as PostgreSQL stores it: without NUL, and U+FFFD for a lone surrogate. */
export function storableStart(text: string, charsMax: number): string {
  // A pair that the cut halves leaves one behind.
  return text.replaceAll("\0", "").slice(0, charsMax).toWellFormed();
}
