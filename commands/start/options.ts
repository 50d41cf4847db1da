import { parseArgs } from "node:util";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** In the order in which they start. */
export const SERVICES = ["ingest", "worker", "stats-api"] as const;

type ServiceName = (typeof SERVICES)[number];

/** Node's own default. */
const DEBUGGER_PORT = 9229;

export type StartOptions = {
  /** Whether services restart when their sources change: `npm run dev`. */
  watch: boolean;
  /** The service to debug, and the port on 127.0.0.1 where a debugger attaches (0: any that is free). */
  inspect: { service: ServiceName; port: number } | undefined;
};

/** @throws {UsageError} when an option or its value is wrong. */
export function startOptions(args: string[]): StartOptions {
  const { watch, inspect } = parseArgs({
    args,
    options: { watch: { type: "boolean", default: false }, inspect: { type: "string" } },
  }).values;
  return { watch, inspect: inspect === undefined ? undefined : parseInspect(inspect) };
}

function parseInspect(value: string): StartOptions["inspect"] {
  const [name, port = String(DEBUGGER_PORT), ...rest] = value.split(":");
  const service = SERVICES.find((known) => known === name);
  if (service === undefined || !/^\d{1,5}$/.test(port) || Number(port) > 65_535 || rest.length > 0) {
    throw new UsageError(
      `--inspect takes ${SERVICES.join(", ")}, and a port if you like (worker:9230): ${value}`,
    );
  }
  return { service, port: Number(port) };
}
