import { Counter, collectDefaultMetrics, Registry } from "prom-client";

/** A registry of its own for one process, with Node's memory, CPU and event loop figures in it. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Counts what goes wrong below the routes, for `listen` and `createRateLimit`. */
export function createHttpMetrics(registers: Registry[]): {
  onUnreadable: (status: number) => void;
  onUnread: () => void;
  onForgotten: () => void;
} {
  const unreadable = new Counter({
    name: "model_views_http_unreadable_requests_total",
    help: "Requests that took too long (408), are no HTTP or came before the answer to the one before (400), or have too large headers (431)",
    labelNames: ["status"],
    registers,
  });
  const unread = new Counter({
    name: "model_views_http_unread_answers_total",
    help: "Answers that were given up, because their reader read nothing of them for 30 s",
    registers,
  });
  const forgotten = new Counter({
    name: "model_views_http_forgotten_addresses_total",
    help: "Addresses whose count of requests was dropped before its minute was over, because too many were counted",
    registers,
  });
  return {
    onUnreadable: (status) => unreadable.inc({ status }),
    onUnread: () => unread.inc(),
    onForgotten: () => forgotten.inc(),
  };
}
