import { Counter, Histogram, type Registry } from "prom-client";

export type IngestMetrics = {
  accepted: Counter;
  refused: Counter;
  batchViews: Histogram;
};

/** What ingest counts besides Node's own figures. */
export function createIngestMetrics(registers: Registry[]): IngestMetrics {
  return {
    accepted: new Counter({
      name: "model_views_ingest_accepted_views_total",
      help: "Views that were answered with 202: they are durable",
      registers,
    }),
    refused: new Counter({
      name: "model_views_ingest_refused_views_total",
      help: "Views that were answered with 503, because nothing could take them",
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
