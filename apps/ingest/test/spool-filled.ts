import { openSpool } from "../src/spool/spool.ts";

/**
 * Fills a spool until the disk is full, drains so many batches of it, closes it, and prints how many it took, and whose views it
 * drained.
 */
process.on("SIGXFSZ", () => {});
const [, , file = "", drain = "0"] = process.argv;
const spool = openSpool(file, { bytesMax: () => 100_000_000 });
const padding = "x".repeat(10_000);
let taken = 0;
try {
  for (; taken < 1_000; taken += 1) {
    const view = { id: padding, modelId: "", viewerIdentifier: String(taken), viewedAt: "" };
    spool.put({ jobId: String(taken), payload: { v: 1, views: [view] } });
  }
} catch {
  // Full.
}
const drained: string[] = [];
while (drained.length < Number(drain)) {
  const oldest = spool.oldest();
  if (oldest === undefined) break;
  drained.push(...oldest.payload.views.slice(0, 1).map(({ viewerIdentifier }) => viewerIdentifier));
  spool.remove({ lastSeq: oldest.firstSeq });
}
const { batches, unremovedBecause } = spool.state();
spool.close();
process.stdout.write(JSON.stringify({ taken, drained, batches, unremovedBecause }));
