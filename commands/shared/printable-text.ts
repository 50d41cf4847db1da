/** Characters of a text that are shown. */
const CHARS_MAX = 160;

/** Text of other people, made safe for a terminal: cut to 160 characters, control characters replaced. */
export function printable(text: string): string {
  const short = text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\uFFFD");
}
