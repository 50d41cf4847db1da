/** A word that this project does not use. */
type Rule = {
  pattern: RegExp;
  instead: string;
  /** Exceptions: former names that stay as aliases, and names that are not ours. */
  allowed?: RegExp;
  /** Not in documents. */
  onlySource?: boolean;
};

export const RULES: readonly Rule[] = [
  { pattern: /\bwho(m)?ever\b|\bwhatever\b/i, instead: 'the noun: "a client that …", "any error"' },
  {
    pattern: /\b(no|some)body\b/i,
    instead: 'the noun: "no process", "another client"',
    allowed: /[`"']nobody[`"']/g,
  },
  { pattern: /\bof (its|their) own\b/i, instead: '"its", "separate", or leave it out' },
  { pattern: /\bhousekeeping\b|\bkeep(s|ing)? the house\b/i, instead: "maintenance" },
  {
    pattern: /\b(un)?seal(s|ed|ing)?(?![a-z])|(Uns|S)eal(s|ed|ing)?(?![a-z])/,
    instead: "finalize, finalized, open",
    allowed: /seal-viewers/g,
  },
  {
    pattern: /\bt(ake|akes|aken|aking|ook)[ -]back\b|takeBack|takenBack/i,
    instead: "redrive",
    allowed: /[`"']take-back[`"']/g,
  },
  { pattern: /\blet(s|ting)? go\b(?! on)|letGo/i, instead: "release" },
  { pattern: /judg(e|ing|ment)/i, instead: "check, decide" },
  { pattern: /\basker|Asker/, instead: "credentials" },
  { pattern: /\bHasKey/, instead: "API keys" },
  { pattern: /\bstamp(?!File)(s|ed|ing)?(?![a-z])|(?<!Time|time|read)Stamp/, instead: "enrich, enrichment" },
  { pattern: /sabotag/i, instead: "mutation", allowed: /--sabotage|values\.sabotage|sabotage: \{/g },
  { pattern: /\bdefect/i, instead: "bug, mutant, error" },
  { pattern: /\btall(y|ies)\b|\btally[A-Z]|Tally/, instead: "totals" },
  { pattern: /answer-once|answerOnce|AnswerOnce/, instead: "single-flight" },
  { pattern: /\batMost|AtMost/, instead: "concurrency limit" },
  { pattern: /skip-?failing/i, instead: "circuit breaker" },
  { pattern: /allowance/i, instead: "quota" },
  { pattern: /\bfacts\b|Facts/, instead: "enrichment", onlySource: true },
];

const SOURCE = /\.(ts|tsx|js|mjs|cjs|sh)$/;
const TEXT = /\.(md|ya?ml|json)$|(^|\/)(\.env\.example|Dockerfile)$/;
/** Files that tools or other people write, migrations, which never change, and lists of these words. */
const NOT_CHECKED =
  /^(pnpm-|packages\/client\/test\/frameworks\/sites\/|packages\/db\/migrations\/|apps\/ingest\/assets\/|docs\/adr\/0016-|commands\/check-words\/|commands\/test\/check-words\.test\.ts$)/;

/** Whether a file, by its path from the root, must not have these words. */
export function isChecked(file: string): boolean {
  return (SOURCE.test(file) || TEXT.test(file)) && !NOT_CHECKED.test(file);
}

export type Finding = { file: string; line: number; word: string; instead: string };

/** Finds the words in the text of a file. Each rule is reported once a line. */
export function findWords(file: string, text: string): Finding[] {
  const rules = RULES.filter(({ onlySource }) => onlySource !== true || SOURCE.test(file));
  return text.split("\n").flatMap((content, index) =>
    rules.flatMap(({ pattern, allowed, instead }) => {
      const rest = allowed === undefined ? content : content.replaceAll(allowed, "");
      const match = pattern.exec(rest);
      return match === null ? [] : [{ file, line: index + 1, word: wholeWord(rest, match), instead }];
    }),
  );
}

/** The word or identifier around a match. */
function wholeWord(text: string, { 0: found, index }: RegExpExecArray): string {
  const [before] = /\w*$/.exec(text.slice(0, index)) ?? [];
  const [after] = /^\w*/.exec(text.slice(index + found.length)) ?? [];
  return `${before}${found}${after}`;
}
