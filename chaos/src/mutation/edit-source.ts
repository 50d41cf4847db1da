import type { Edit } from "./mutant.ts";

/**
 * Makes one change to a source.
 *
 * @throws unless its text is there exactly once: a refactoring must not turn a mutant into nothing.
 */
export function editSource(source: string, { file, find, put }: Edit): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} has ${source.split(find).length - 1} times, and not once, the text:\n${find}`);
  }
  return before + put + after;
}
