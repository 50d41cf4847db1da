import { setTimeout as pause } from "node:timers/promises";
import type { Disks } from "../lab/disks.ts";
import { type FaultName, kindOf } from "../plan/faults.ts";
import type { PlannedFault } from "../plan/plan.ts";
import { pipelineRequests, stallClients } from "./client-faults.ts";
import { addBadView, addGarbageJob, addLaterJobs, deleteOneModel, eraseOneViewer } from "./data-faults.ts";
import { postgresDiskFull, redisDiskFull, spoolDiskFull } from "./disk-faults.ts";
import type { FaultKit, RunFault } from "./kit.ts";
import { blackHoleLink, halfOpenLink, resetLink, slowDatabase, slowLink } from "./proxy-faults.ts";
import { leaveEarly, stallReaders } from "./reader-faults.ts";
import {
  killIngest,
  killRecordingWorker,
  killSameJob,
  killWorker,
  rollingRestart,
  stepClock,
  stopService,
} from "./service-faults.ts";
import {
  exhaustConnections,
  fillRedis,
  killPostgres,
  killRedis,
  postgresImmediateStop,
  postgresMissingRight,
  postgresReadOnly,
  redisMissingRight,
  redisReadOnly,
  stopPostgres,
  stopRedis,
  terminateBackends,
} from "./store-faults.ts";
import { count } from "./totals.ts";

const RUN: Record<FaultName, RunFault> = {
  "kill-ingest": killIngest,
  "kill-worker": killWorker,
  "kill-recording-worker": killRecordingWorker,
  "kill-same-job": killSameJob,
  "stop-ingest": stopService,
  "stop-worker": stopService,
  "clock-step": stepClock,
  "rolling-restart": rollingRestart,
  "kill-redis": killRedis,
  "stop-redis": stopRedis,
  "fill-redis": fillRedis,
  "redis-read-only": redisReadOnly,
  "redis-missing-right": redisMissingRight,
  "redis-disk-full": redisDiskFull,
  "spool-disk-full": spoolDiskFull,
  "kill-postgres": killPostgres,
  "stop-postgres": stopPostgres,
  "postgres-immediate-stop": postgresImmediateStop,
  "terminate-backends": terminateBackends,
  "postgres-read-only": postgresReadOnly,
  "postgres-disk-full": postgresDiskFull,
  "postgres-missing-right": postgresMissingRight,
  "exhaust-connections": exhaustConnections,
  "slow-link": slowLink,
  "black-hole-link": blackHoleLink,
  "slow-database": slowDatabase,
  "reset-link": resetLink,
  "half-open-link": halfOpenLink,
  "delete-model": deleteOneModel,
  "erase-viewer": eraseOneViewer,
  "bad-view": addBadView,
  "garbage-job": addGarbageJob,
  "later-version-jobs": addLaterJobs,
  "pipelined-requests": pipelineRequests,
  "stalled-clients": stallClients,
  "stalled-readers": stallReaders,
  "leaving-readers": leaveEarly,
};

/** Why such a fault is not possible on this machine; undefined where it is. */
export function missingFor(fault: FaultName, disks: Pick<Disks, "get">): string | undefined {
  const { disk } = kindOf(fault);
  const found = disk === undefined ? undefined : disks.get(disk);
  return found !== undefined && "missingBecause" in found ? `${fault}: ${found.missingBecause}` : undefined;
}

/** Causes every fault at its time; resolves when the last one is over. */
export async function runFaults(kit: FaultKit, plan: readonly PlannedFault[]): Promise<void> {
  const began = performance.now();
  const running: Promise<void>[] = [];
  // A store may take longer than planned to be back: the next fault of a store waits for it.
  let stores: Promise<void> = Promise.resolve();
  for (const planned of plan) {
    await pause(Math.max(0, began + planned.atMs - performance.now()));
    const isOfStore = kindOf(planned.fault).track === "stores";
    const fault = isOfStore ? stores.then(() => runOne(kit, planned)) : runOne(kit, planned);
    if (isOfStore) stores = fault;
    running.push(fault);
  }
  await Promise.all(running);
}

async function runOne(kit: FaultKit, planned: PlannedFault): Promise<void> {
  const { totals, lab } = kit;
  const missing = missingFor(planned.fault, lab.disks);
  if (missing !== undefined) {
    totals.leftOut.add(missing);
    return;
  }
  totals.underWay.add(planned);
  try {
    await RUN[planned.fault](kit, planned);
    count(totals.ran, planned.fault);
  } catch (error) {
    // Another fault may have prevented it; what is left of it is undone at the end.
    const reason = error instanceof Error ? error.message : String(error);
    totals.failed.push(`${planned.fault} of ${planned.target} at ${planned.atMs} ms: ${reason}`);
  } finally {
    totals.underWay.delete(planned);
  }
}
