import { createInterface } from "node:readline";
import { type LocalServicesOptions, openLocalServices } from "../src/open.ts";
import { openLocalPostgres } from "../src/postgres.ts";

/**
 * A process that opens local services as a command would, for tests that kill one. Takes the options as JSON, tells
 * what happens as one JSON object a line, and stops in order when it reads "stop" or its test is gone.
 */
type Given = Omit<LocalServicesOptions, "log"> & { only?: "postgres" };

const tell = (told: object) => process.stdout.write(`${JSON.stringify(told)}\n`);
const { only, ...options } = JSON.parse(process.argv[2] ?? "{}") as Given;
const given = { ...options, log: (log: string) => void tell({ log }) };

process.on("SIGINT", () => void tell({ log: "SIGINT" }));

const input = createInterface({ input: process.stdin });
if (only === "postgres") {
  const postgres = await openLocalPostgres(given);
  tell({ opened: { databaseUrl: postgres.url, postgresPid: postgres.pid } });
  input.on("line", () => input.close());
  input.on("close", () => void postgres.stop().then(() => process.exit(0)));
} else {
  const { stop, ...opened } = await openLocalServices(given);
  tell({ opened });
  input.on("line", () => input.close());
  input.on("close", () => void stop().then(() => process.exit(0)));
}
