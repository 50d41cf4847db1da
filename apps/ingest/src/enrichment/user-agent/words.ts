/** A pattern in user agents, what it stands for, and an example that matches. */
export type Words = { words: RegExp; of: string; example: string };
