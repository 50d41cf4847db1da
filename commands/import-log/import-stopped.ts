/** Why an import cannot go on, in words for whoever runs it: the world's fault, not a wrong use. */
export class ImportStopped extends Error {
  override name = "ImportStopped";
}

/** Ends every message that comes when something may have been posted. */
export const RUN_AGAIN =
  "It is safe to run the import again: views that were posted before are recognised, nothing is counted twice.";
