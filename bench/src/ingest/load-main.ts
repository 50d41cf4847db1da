import { createLogger } from "@model-views/shared/runtime/logger.ts";
import autocannon, { type Result } from "autocannon";
import { type LoadOrder, type LoadResult, loadOrderSchema } from "./load-messages.ts";
import { viewRequests } from "./view-requests.ts";

/** Seconds for one answer, after which the request counts as failed. */
const ANSWER_SECONDS_MAX = 10;
/** How soon autocannon notices that it is done. */
const SAMPLE_MS = 100;

// The load generator: a process of its own, so that it takes no time from the server's event loop.
process.on("message", (message) => {
  void load(loadOrderSchema.parse(message)).then((result) => process.send?.(result));
});
process.once("disconnect", () => process.exit(0));
createLogger({ service: "load generator", level: "info" }).info("ready");

async function load({ url, connections, requests }: LoadOrder): Promise<LoadResult> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let finishedAt = startedAt;
  let answered = 0;
  const { statusCodeStats = {}, errors } = await new Promise<Result>((resolve, reject) => {
    const options = {
      url,
      connections,
      amount: requests,
      requests: viewRequests(),
      timeout: ANSWER_SECONDS_MAX,
      sampleInt: SAMPLE_MS,
      bailout: 1,
    };
    const running = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
    running.on("response", () => {
      answered += 1;
      if (answered === requests) finishedAt = performance.now();
    });
  });
  const milliseconds = (answered < requests ? performance.now() : finishedAt) - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    answers: Object.fromEntries(
      Object.entries(statusCodeStats).map(([code, { count = 0 }]) => [code, count]),
    ),
    errors,
    milliseconds,
    busy: (cpu.user + cpu.system) / 1_000 / milliseconds,
  };
}
