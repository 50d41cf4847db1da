import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { DurableQueue } from "./spool/durable-queue.ts";

export type IngestMetrics = {
  accepted: Counter<"to">;
  refused: Counter;
  refusedRequests: Counter<"status" | "reason">;
  rejectedInBatch: Counter;
  ignored: Counter<"reason">;
  unknownField: Counter;
  suspect: Counter<"reason">;
  batchViews: Histogram;
  doubted: Counter;
};

/** What ingest counts in addition to Node's own metrics. */
export function createIngestMetrics(
  registers: Registry[],
  durable: Pick<DurableQueue, "openBecause" | "spooled" | "spoolBytesLeft">,
): IngestMetrics {
  new Gauge({
    name: "model_views_ingest_breaker_open",
    help: "1 while views go to the spool because Redis cannot take them",
    registers,
    collect() {
      this.set(durable.openBecause() === undefined ? 0 : 1);
    },
  });
  new Gauge({
    name: "model_views_ingest_spool_batches",
    help: "Batches in the spool, of 1 to 500 views each",
    registers,
    collect() {
      this.set(durable.spooled().batches);
    },
  });
  new Gauge({
    name: "model_views_ingest_spool_bytes",
    help: "Bytes of the batches in the spool",
    registers,
    collect() {
      this.set(durable.spooled().bytes);
    },
  });
  new Gauge({
    name: "model_views_ingest_spool_room_bytes",
    help: "Bytes that can still be spooled: what the disk has free or SPOOL_BYTES_MAX leaves, whichever is less",
    registers,
    collect() {
      this.set(durable.spoolBytesLeft());
    },
  });
  return {
    accepted: new Counter({
      name: "model_views_ingest_accepted_views_total",
      help: "Views that were answered with 202: they are durable, queued or spooled",
      labelNames: ["to"],
      registers,
    }),
    refused: new Counter({
      name: "model_views_ingest_refused_views_total",
      help: "Views that were answered with 503, because neither the queue nor the spool took them",
      registers,
    }),
    refusedRequests: new Counter({
      name: "model_views_ingest_refused_requests_total",
      help: "Requests that were answered with a problem, by status and reason",
      labelNames: ["status", "reason"],
      registers,
    }),
    rejectedInBatch: new Counter({
      name: "model_views_ingest_rejected_batch_views_total",
      help: "Views of posted batches that were not valid, and were listed as rejected in the answer",
      registers,
    }),
    ignored: new Counter({
      name: "model_views_ingest_ignored_views_total",
      help: "Views that were understood and left out, by the reason: address is one of IGNORE_ADDRESSES",
      labelNames: ["reason"],
      registers,
    }),
    unknownField: new Counter({
      name: "model_views_ingest_unknown_field_views_total",
      help: "Posted views with a field that the API does not have: the field was dropped, and the view was taken",
      registers,
    }),
    suspect: new Counter({
      name: "model_views_ingest_suspect_views_total",
      help: "Views that were accepted and marked like a bot's, by the limit of an hour that was passed (see SUSPECT_… settings)",
      labelNames: ["reason"],
      registers,
    }),
    doubted: new Counter({
      name: "model_views_ingest_doubted_batches_total",
      help: "Batches that were queued twice, because Redis went away just after it had taken them",
      registers,
    }),
    batchViews: new Histogram({
      name: "model_views_ingest_batch_views",
      help: "Views in each job that was put on the queue",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      registers,
    }),
  };
}
