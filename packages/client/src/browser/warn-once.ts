let hasWarned: true | undefined;

/** Says on the console why views are not counted: once, because it is so at every navigation. */
export function warnOnce(cause: string): void {
  // biome-ignore lint/suspicious/noConsole: the developer of the page looks there and nowhere else
  if (!hasWarned) console.warn(`model-views: ${cause}`);
  hasWarned = true;
}
