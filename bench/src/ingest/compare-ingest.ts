import type { Comparison } from "../comparison.ts";
import type { Lab } from "../lab.ts";
import { watchPeakMemory } from "../resources.ts";
import { runRounds } from "../rounds.ts";
import { spreadOf } from "../statistics.ts";
import { CONNECTIONS, startLoad } from "./load.ts";
import { postingSide, startBare, startExpress, startOurs } from "./sides.ts";

const ROUNDS = 5;
const OURS = "our ingest";
const EXPRESS = "Express, a job per view";
const BARE = "bare node:http, no queue";
/** More than about 4 is not possible: that is the speed of `node:http` itself, see docs/adr/0007. */
const TARGETS = [
  { against: EXPRESS, ratioMin: 2 },
  { against: BARE, ratioMin: 0.5 },
];
const MEMORY_BYTES_MAX = 200 * 1024 * 1024;

export type CompareIngestOptions = {
  rounds: number | undefined;
  /** Approximate length of a side's turn. */
  seconds: number;
  log: (line: string) => void;
};

/** Compares how many views a second ingest acknowledges with other servers. Every acknowledged view must be on the queue. */
export async function compareIngest(
  lab: Lab,
  { rounds = ROUNDS, seconds, log }: CompareIngestOptions,
): Promise<Comparison> {
  const post = await startLoad(lab);
  const ours = await startOurs(lab, OURS);
  const servers = [ours, await startExpress(lab, EXPRESS), await startBare(lab, BARE)];
  const memory = watchPeakMemory(ours.program.pid);
  const busy = servers.map((): number[] => []);
  const sides = servers.map((server, index) =>
    postingSide(server, { lab, post, seconds, onBusy: (share) => busy[index]?.push(share) }),
  );
  try {
    const measured = await runRounds(sides, { rounds, targets: TARGETS, log });
    return {
      title: `ingest: POST /v1/views over ${CONNECTIONS} connections, ${rounds} rounds, about ${seconds} s a turn`,
      ...measured,
      peakMemory: { name: OURS, bytes: memory.bytes(), bytesMax: MEMORY_BYTES_MAX },
      notes: [
        "Every view that our ingest acknowledged was found on the queue, once.",
        `The load generator kept its core busy for ${servers
          .map(({ name }, index) => `${Math.round(spreadOf(busy[index] ?? []).median * 100)} % (${name})`)
          .join(", ")} of the time; near 100 % the generator is the limit, and the server could do more.`,
      ],
    };
  } finally {
    memory.stop();
    for (const { program } of servers) await program.stop();
  }
}
