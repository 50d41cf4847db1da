import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ourService } from "@model-views/lab/service-process.ts";
import { Queue } from "bullmq";
import { z } from "zod";
import { PER_VIEW_QUEUE, type Side, type Turn } from "../comparison.ts";
import type { Lab } from "../lab.ts";
import type { RunningProgram } from "../launch.ts";
import { cpuPerView, cpuTime } from "../resources.ts";
import { CONNECTIONS, type PostViews } from "./load.ts";
import { countQueuedViews, type QueuedViews } from "./queued-views.ts";
import { PAGE_ORIGIN } from "./view-requests.ts";

/** Posts before the first turn, to measure how many fill the time of a turn. */
const FIRST_REQUESTS = 2_000;
/** A turn that takes this many times as long as planned has a server that hangs. */
const TIMES_LONGER_MAX = 10;
const SECONDS_SPARE = 20;
/** Time for a spool to be drained. */
const SETTLE_MS_MAX = 15_000;
const SETTLE_LOOK_EVERY_MS = 200;
const READY_MS_MAX = 15_000;
const READY_LOOK_EVERY_MS = 50;
const readinessSchema = z.object({ checks: z.record(z.string(), z.string()) });
const SALT = "a salt for the bench, of 32+ characters";

/** A server to post to, and a check that everything it acknowledged is queued. */
export type IngestServer = {
  name: string;
  program: RunningProgram;
  /** Rejects unless exactly this many views are queued. */
  check(acknowledged: number): Promise<void>;
};

/** Our ingest as in production, except that it is behind no proxy and has no limit per address. */
export async function startOurs(lab: Lab, name: string): Promise<IngestServer> {
  const program = await lab.start({
    name,
    ...(await ourService("ingest")),
    env: {
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      INGEST_PORT: "0",
      INGEST_ADMIN_PORT: "0",
      REDIS_URL: lab.redisUrl,
      VIEWER_ID_SALT: SALT,
      ALLOWED_ORIGINS: PAGE_ORIGIN,
      RATE_LIMIT_PER_MINUTE: "0",
      DATA_DIR: lab.folder,
    },
  });
  await untilReady(program.adminPort);
  return {
    name,
    program,
    async check(acknowledged) {
      const { views, different } = await settledViews(lab, acknowledged);
      expectQueued(name, { acknowledged, queued: views });
      expectQueued(name, { acknowledged, queued: different });
    },
  };
}

/**
 * Resolves when each check of the service is "ok". Ingest listens a moment before it has reached Redis; views that are posted
 * before that go through the spool, and would falsify the first turn.
 */
async function untilReady(adminPort: number): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    const { checks } = readinessSchema.parse(await response.json());
    if (Object.values(checks).every((state) => state === "ok")) return;
    if (performance.now() > deadline) throw new Error(`ingest is not ready: ${JSON.stringify(checks)}`);
    await pause(READY_LOOK_EVERY_MS);
  }
}

/** Counts the queued views, again for a while when there are fewer: views that went through the spool come later. */
async function settledViews(lab: Lab, acknowledged: number): Promise<QueuedViews> {
  const deadline = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const counted = await countQueuedViews(lab.redis);
    if (counted.views >= acknowledged || performance.now() > deadline) return counted;
    await pause(SETTLE_LOOK_EVERY_MS);
  }
}

/** Express with a job per view. */
export async function startExpress(lab: Lab, name: string): Promise<IngestServer> {
  const program = await lab.start({
    name,
    main: fileURLToPath(new URL("express-main.ts", import.meta.url)),
    env: { NODE_ENV: "production", REDIS_URL: lab.redisUrl, VIEWER_ID_SALT: SALT },
  });
  const queue = new Queue(PER_VIEW_QUEUE, { connection: lab.redis });
  return {
    name,
    program,
    check: async (acknowledged) =>
      expectQueued(name, { acknowledged, queued: await queue.getJobCountByTypes("waiting") }),
  };
}

/** Node's HTTP server alone, which queues nothing. */
export async function startBare(lab: Lab, name: string): Promise<IngestServer> {
  const main = fileURLToPath(new URL("bare-main.ts", import.meta.url));
  const program = await lab.start({ name, main, env: { NODE_ENV: "production" } });
  return { name, program, check: async () => {} };
}

function expectQueued(
  name: string,
  { acknowledged, queued }: { acknowledged: number; queued: number },
): void {
  if (queued === acknowledged) return;
  throw new Error(`${name} acknowledged ${acknowledged} views, and ${queued} are queued`);
}

/** A side that posts to the server for about `seconds` a turn: its last speed gives the number of views. */
export function postingSide(
  { name, program, check }: IngestServer,
  { lab, post, seconds, onBusy }: PostingSideOptions,
): Side {
  let viewsPerSecond: number | undefined;

  async function postAndCheck(requests: number): Promise<Turn> {
    const url = `http://127.0.0.1:${program.port}/v1/views`;
    const secondsMax = seconds * TIMES_LONGER_MAX + SECONDS_SPARE;
    const before = await cpuTime(program.pid, lab.redis);
    const load = await Promise.race([post(url, { requests, secondsMax }), program.died]);
    const cpu = cpuPerView(before, await cpuTime(program.pid, lab.redis), requests);
    onBusy(load.busy);
    await check(requests);
    await lab.emptyRedis();
    return { viewsPerSecond: load.perSecond, cpu };
  }

  return {
    name,
    async turn() {
      viewsPerSecond ??= (await postAndCheck(FIRST_REQUESTS)).viewsPerSecond;
      const turn = await postAndCheck(Math.max(CONNECTIONS, Math.round(viewsPerSecond * seconds)));
      viewsPerSecond = turn.viewsPerSecond;
      return turn;
    },
  };
}

type PostingSideOptions = {
  lab: Lab;
  post: PostViews;
  seconds: number;
  /** Called with the share of one core that the generator used. */
  onBusy: (busy: number) => void;
};
