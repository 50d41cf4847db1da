/** Prints a line. */
export function say(...words: string[]): void {
  process.stdout.write(`${words.join(" ")}\n`);
}
