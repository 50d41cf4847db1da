/** Milliseconds in which what is waited for comes, on a machine that has more to do. */
const PATIENCE_MS = 10_000;
/** Milliseconds between two looks. */
const LOOK_MS = 50;

/** Waits until something is so. Throws with a sentence when it does not become so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
