import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The policy of the pages allows no data: addresses.
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    // `npm run dev` names the stats API's address.
    proxy: { "/v1": { target: process.env["STATS_URL"] ?? "http://127.0.0.1:4002" } },
  },
});
