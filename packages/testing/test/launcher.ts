import { spawnService } from "@model-views/testing/services.ts";

/** Starts every service as `npm start` does, prints their pids, and waits to be killed. */
const { DATABASE_URL = "", REDIS_URL = "", DATA_DIR = "" } = process.env;
const env = { DATABASE_URL, REDIS_URL, DATA_DIR };
const names = ["ingest", "worker", "stats-api"] as const;
const services = await Promise.all(names.map((name) => spawnService(name, env)));
process.stdout.write(JSON.stringify(services.map(({ pid }) => pid)));
setInterval(() => {}, 60_000);
