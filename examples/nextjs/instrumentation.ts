/** Runs once when the site starts, and does not hold it up: the stats API may come later than the site. */
export async function register() {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { storeModels } = await import("@/lib/store-models");
  void storeModels();
}
