import { spawnService } from "@model-views/testing/services.ts";

/** Starts every service as `npm start` does, says their pids, and waits to be killed. */
const { DATABASE_URL = "", REDIS_URL = "" } = process.env;
const names = ["ingest", "worker", "stats-api"] as const;
const services = await Promise.all(names.map((name) => spawnService(name, { DATABASE_URL, REDIS_URL })));
process.stdout.write(JSON.stringify(services.map(({ pid }) => pid)));
setInterval(() => {}, 60_000);
