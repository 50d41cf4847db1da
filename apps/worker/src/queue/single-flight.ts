/**
 * Runs `work` once at a time however often it is asked for: what is asked meanwhile is one more run behind it. `work` must not
 * reject.
 */
export function singleFlight(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isAskedAgain = false;

  async function run(): Promise<void> {
    isRunning = true;
    try {
      do {
        isAskedAgain = false;
        await work();
      } while (isAskedAgain);
    } finally {
      isRunning = false;
    }
  }

  return () => {
    if (isRunning) isAskedAgain = true;
    else void run();
  };
}
