/** Runs once when the site starts. The site does not wait for it: the stats API may start later than the site. */
export async function register() {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { storeModels } = await import("@/lib/store-models");
  void storeModels();
}
