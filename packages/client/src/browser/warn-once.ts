let hasWarned: true | undefined;

/** Logs on the console why views are not counted: once, because the cause is the same at each navigation. */
export function warnOnce(cause: string): void {
  // biome-ignore lint/suspicious/noConsole: the developer of the page looks there first
  if (!hasWarned) console.warn(`model-views: ${cause}`);
  hasWarned = true;
}
