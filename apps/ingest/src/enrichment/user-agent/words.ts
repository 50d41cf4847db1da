/** Words by which a user agent tells something: what says them, and an example of it. */
export type Words = { words: RegExp; of: string; example: string };
