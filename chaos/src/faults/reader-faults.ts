import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { problemOfAsking } from "../lab/ask-stats.ts";
import { HEAVY_VIEWER } from "../lab/heavy-viewer.ts";
import type { Lab } from "../lab/lab.ts";
import { ADMIN_KEY, STATS_KEY } from "../lab/services.ts";
import type { RunFault } from "./kit.ts";
import { isAlone } from "./totals.ts";

/** More than the stats API has connections to PostgreSQL, of either pool. */
const STALLED_READERS = 24;
const LEAVING_READERS = 150;
/** Milliseconds within which each of them leaves: an export takes some 10, or has to wait for those before it. */
const LEAVING_MS_MAX = 100;
/** Milliseconds after which the readers have got hold of what they can. */
const STALLED_MS = 1_000;
/** Milliseconds that others may then wait for an answer, which takes some 10. */
const QUESTION_MS_MAX = 4_000;

/** Asks for an answer of 12 MB that comes from PostgreSQL as it is read, and for one that never ends; and reads neither. */
export const stallReaders: RunFault = async ({ lab, totals, maker }, planned) => {
  const { target, atMs, durationMs } = planned;
  const port = portOf(lab, target);
  if (port === undefined) return;
  const wasAlone = isAlone(totals, planned);
  const sockets = Array.from({ length: STALLED_READERS }, (_, reader) =>
    ask(port, reader % 3 === 0 ? ["/v1/live", STATS_KEY] : [viewerPath(HEAVY_VIEWER), ADMIN_KEY]),
  );
  for (const socket of sockets) socket.pause();
  try {
    await pause(STALLED_MS);
    const question = {
      path: `/v1/models/${maker.modelIds[0]}/stats`,
      key: STATS_KEY,
      msMax: QUESTION_MS_MAX,
    };
    const problem = await problemOfAsking(port, question);
    // Where PostgreSQL is away as well, no question is answered.
    if (problem !== undefined && wasAlone && isAlone(totals, planned))
      totals.readersHeldUp.push(`a question to ${target} at ${atMs} ms: ${problem}`);
    await pause(Math.max(0, durationMs - STALLED_MS));
  } finally {
    for (const socket of sockets) socket.resetAndDestroy();
  }
};

/** Asks for exports and lists, and leaves at any moment: before the first row most of all. */
export const leaveEarly: RunFault = async ({ lab }, { target }) => {
  const port = portOf(lab, target);
  if (port === undefined) return;
  await Promise.all(
    Array.from({ length: LEAVING_READERS }, async (_, reader) => {
      const socket = ask(port, [
        reader % 3 === 0 ? "/v1/models?format=csv" : viewerPath(`viewer ${reader}`),
        ADMIN_KEY,
      ]);
      await pause((reader * LEAVING_MS_MAX) / LEAVING_READERS);
      if (reader % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }),
  );
};

function ask(port: number, [path, key]: readonly [path: string, key: string]): Socket {
  const socket = connect({ port, host: "127.0.0.1" });
  // It may be cut off.
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: chaos\r\nAuthorization: Bearer ${key}\r\n\r\n`);
  return socket;
}

function viewerPath(viewer: string): string {
  return `/v1/viewers/${encodeURIComponent(viewer)}`;
}

/** Undefined while it is down: then there is nothing to hurt. */
function portOf({ statsApis }: Lab, target: string): number | undefined {
  return statsApis.find(({ name }) => name === target)?.port();
}
