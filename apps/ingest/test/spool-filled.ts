import { openSpool } from "../src/spool/spool.ts";

/** Fills a spool until the disk is full, removes what it can, closes it, and says how many it took and removed. */
process.on("SIGXFSZ", () => {});
const spool = openSpool(process.argv[2] ?? "", { bytesMax: 100_000_000 });
const padding = "x".repeat(10_000);
let taken = 0;
let removed = 0;
try {
  for (; taken < 1_000; taken += 1) {
    const view = { id: padding, modelId: "", viewerIdentifier: "", viewedAt: "" };
    spool.put({ jobId: String(taken), payload: { v: 1, views: [view] } });
  }
} catch {
  // Full.
}
try {
  for (let oldest = spool.oldest(); oldest !== undefined && removed < taken; oldest = spool.oldest()) {
    const one = { firstSeq: oldest.firstSeq, lastSeq: oldest.firstSeq };
    spool.remove(one);
    removed += 1;
  }
} catch {
  // Too full to remove anything.
}
try {
  spool.close();
} catch {
  // Whatever closing could not do, the file is still there.
}
process.stdout.write(JSON.stringify({ taken, removed }));
