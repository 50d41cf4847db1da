export default defineNuxtConfig({
  compatibilityDate: "2026-11-01",
  telemetry: false,
  runtimeConfig: { models: "", public: { ingestUrl: "" } },
  app: { head: { link: [{ rel: "icon", href: "data:," }] } },
  nitro: { compressPublicAssets: false },
});
