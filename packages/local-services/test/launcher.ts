import { createInterface } from "node:readline";
import { type LocalServicesOptions, openLocalServices } from "../src/open.ts";
import { openLocalPostgres } from "../src/postgres.ts";

/**
 * A process that opens local services as a command would, for tests that kill one. Takes the options as JSON, reports
 * what happens as one JSON object a line, and stops in order when it reads "stop" or its test is gone.
 */
type Given = Omit<LocalServicesOptions, "log"> & { only?: "postgres" };

const report = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const { only, ...options } = JSON.parse(process.argv[2] ?? "{}") as Given;
const given = { ...options, log: (log: string) => void report({ log }) };

process.on("SIGINT", () => void report({ log: "SIGINT" }));

const input = createInterface({ input: process.stdin });
if (only === "postgres") {
  const postgres = await openLocalPostgres(given);
  report({ opened: { databaseUrl: postgres.url, postgresPid: postgres.pid } });
  input.on("line", () => input.close());
  input.on("close", () => void postgres.stop().then(() => process.exit(0)));
} else {
  const { stop, ...opened } = await openLocalServices(given);
  report({ opened });
  input.on("line", () => input.close());
  input.on("close", () => void stop().then(() => process.exit(0)));
}
