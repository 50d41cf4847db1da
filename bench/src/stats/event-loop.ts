const P99 = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m;

/**
 * The 99th percentile of the delay of a service's event loop since this was last read, in milliseconds, by the metrics of its
 * admin port. They are cached for a second. A timer of 10 ms measures it, so an idle process has some 10 ms.
 *
 * @throws when the service has no such metric.
 */
export async function readEventLoopP99Ms(adminPort: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  return eventLoopP99Ms(await response.text());
}

/** The same, from the text of the metrics. */
export function eventLoopP99Ms(metrics: string): number {
  const seconds = Number(P99.exec(metrics)?.[1]);
  if (Number.isNaN(seconds)) throw new Error("the metrics lack the delay of the event loop");
  return seconds * 1_000;
}
