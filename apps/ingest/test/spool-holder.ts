import { writeSync } from "node:fs";
import { openSpool } from "../src/spool/spool.ts";

/** Spools batches until it is killed, and prints each that the spool has taken. */
const spool = openSpool(process.argv[2] ?? "", { bytesMax: () => 10_000_000 });
for (let count = 0; ; count += 1) {
  const view = { id: "", modelId: "", viewerIdentifier: String(count), viewedAt: "" };
  spool.put({ jobId: String(count), payload: { v: 1, views: [view] } });
  writeSync(1, `${count}\n`);
}
