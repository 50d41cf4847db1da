import { setTimeout as pause } from "node:timers/promises";
import { allAlone } from "../lab/alone.ts";
import type { Service } from "../lab/service.ts";
import { endWorkersConnections } from "./end-connections.ts";
import { holdRecording } from "./hold-recording.ts";
import { type ActiveJob, activeJobs, followJobs, untilJobsInHand } from "./jobs-in-hand.ts";
import type { FaultKit, RunFault } from "./kit.ts";
import { count } from "./totals.ts";
import { untilDone } from "./until-done.ts";

/** Milliseconds to wait for a worker to have jobs in hand before it is killed idle. */
const IN_HAND_MS_MAX = 1_000;
/** A killed worker's jobs are back after 7 s; this is for slow machines. */
const SAME_JOB_MS_MAX = 15_000;

const HOUR_MS = 3_600_000;
/** Milliseconds by which a clock is wrong; the last is more than views are kept for. */
const CLOCK_STEPS_MS = [HOUR_MS, -HOUR_MS, 105 * 24 * HOUR_MS];

/** Sets a worker's clock wrong, and right again. */
export const stepClock: RunFault = async ({ lab }, { target, atMs, durationMs }) => {
  const service = find(lab.workers, target);
  service.setClock({ clockAheadMs: CLOCK_STEPS_MS[atMs % CLOCK_STEPS_MS.length] ?? HOUR_MS });
  await pause(durationMs);
  service.setClock({ clockAheadMs: 0 });
};

export const killIngest: RunFault = ({ lab, totals }, { target, durationMs }) => {
  const service = find(lab.ingests, target);
  return service.alone(async () => {
    await service.end("SIGKILL");
    count(totals.kills, "ingest");
    await pause(durationMs);
    await service.start();
  });
};

export const killWorker: RunFault = (kit, { target, durationMs, isAlone }) => {
  const service = find(kit.lab.workers, target);
  return service.alone(async () => {
    await untilJobsInHand(kit.lab.observer, { areThese: (jobs) => jobs.length > 0, ms: IN_HAND_MS_MAX });
    await killWorkers(kit, [service], isAlone);
    await pause(durationMs);
    await service.start();
  });
};

export const killRecordingWorker: RunFault = (kit, { target, durationMs, isAlone }) => {
  const { lab } = kit;
  const service = find(lab.workers, target);
  return service.alone(async () => {
    await holdRecording(lab.db, async () => {
      const areThese = (jobs: readonly ActiveJob[]) => holders(jobs).size >= lab.workers.length;
      await untilJobsInHand(lab.observer, { areThese, ms: IN_HAND_MS_MAX });
      await killWorkers(kit, [service], isAlone);
    });
    await pause(durationMs);
    await service.start();
  });
};

export const killSameJob: RunFault = async (kit, { durationMs }) => {
  const { lab } = kit;
  await allAlone(lab.workers, async () => {
    const killed = await holdRecording(lab.db, async () => {
      await untilJobsInHand(lab.observer, { areThese: (jobs) => jobs.length > 0, ms: IN_HAND_MS_MAX });
      const jobs = await killWorkers(kit, lab.workers, false);
      // PostgreSQL does not see them die, and would finish what they began. Where it is away, that is ended already.
      await endWorkersConnections(lab.db.$client).catch(() => {});
      return jobs;
    });
    await startAll(lab.workers);
    await haveInHand(kit, new Map(killed.map(({ id, holder }) => [id, holder])), () =>
      killWorkers(kit, lab.workers, false),
    );
    await pause(durationMs);
    await startAll(lab.workers);
  });
};

/**
 * Runs `work` when a worker has one of these jobs in hand again: nothing else is taken from the queue until the jobs of
 * the dead are back on it, where they come first.
 */
async function haveInHand(
  { lab: { observer, db }, pauseQueue }: FaultKit,
  jobs: ReadonlyMap<string, string | undefined>,
  work: () => Promise<unknown>,
): Promise<void> {
  await pauseQueue(true).catch(() => {});
  const areBack = (active: readonly ActiveJob[]) => active.every(({ id }) => !jobs.has(id));
  await untilJobsInHand(observer, { areThese: areBack, ms: SAME_JOB_MS_MAX });
  await holdRecording(db, async () => {
    await untilDone(() => pauseQueue(false));
    const isSame = ({ id, holder }: ActiveJob) =>
      holder !== undefined && jobs.has(id) && jobs.get(id) !== holder;
    await untilJobsInHand(observer, { areThese: (active) => active.some(isSame), ms: IN_HAND_MS_MAX });
    await work();
    await endWorkersConnections(db.$client).catch(() => {});
  });
}

export const stopService: RunFault = ({ lab }, { target, durationMs }) => {
  const service = find([...lab.ingests, ...lab.workers], target);
  return service.alone(async () => {
    service.freeze();
    try {
      await pause(durationMs);
    } finally {
      service.thaw();
    }
  });
};

/** As a deployment does it: one service after the other is asked to end, and started anew. */
export const rollingRestart: RunFault = async ({ lab }) => {
  for (const service of [...lab.workers, ...lab.ingests]) {
    await service.alone(async () => {
      await service.end("SIGTERM");
      await service.start();
    });
  }
};

/** Kills them, and has the jobs that they had in hand followed; answers with all that were in hand. */
async function killWorkers(
  { lab, totals }: FaultKit,
  services: readonly Service[],
  isAlone: boolean,
): Promise<ActiveJob[]> {
  const killedAtMs = performance.now();
  await Promise.all(services.map((service) => service.end("SIGKILL")));
  for (const _ of services) count(totals.kills, "worker");
  const active = await activeJobs(lab.observer).catch(() => []);
  // Those of a later version are never done.
  const jobs = active.filter(({ id }) => !totals.later.has(id));
  const watching = followJobs(lab.observer, { jobs, killedAtMs, isOver: () => totals.isOver })
    .then((done) => {
      if (done.jobs === 0) totals.workerKills.idle += services.length;
      else totals.workerKills.inHand += services.length;
      if (done.jobs > 0) totals.redos.push({ ms: done.ms, jobs: done.jobs, isAlone });
    })
    .finally(() => totals.watching.delete(watching));
  totals.watching.add(watching);
  return jobs;
}

function startAll(services: readonly Service[]): Promise<unknown> {
  return Promise.all(services.map((service) => service.start()));
}

function holders(jobs: readonly ActiveJob[]): Set<string> {
  return new Set(jobs.flatMap(({ holder }) => (holder === undefined ? [] : [holder])));
}

function find(services: readonly Service[], name: string): Service {
  const service = services.find((each) => each.name === name);
  if (service === undefined) throw new Error(`there is no ${name}`);
  return service;
}
