import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { FaultKit, RunFault } from "./kit.ts";

/** As many as end an ingest that takes them all. */
const PIPELINE = { connections: 4, requests: 20_000 };
/** Milliseconds in which no answer is read, and after which such a connection is given up. */
const PIPELINE_MS = { unread: 2_000, max: 8_000 };
const STALLED_CONNECTIONS = 300;

/** A request whose answer comes from memory, and one that is never whole. */
const SCRIPT_REQUEST = "GET /model-views.js HTTP/1.1\r\nHost: chaos\r\n\r\n";
const HALF_A_REQUEST =
  'POST /v1/views HTTP/1.1\r\nHost: chaos\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"modelId":';

/** Sends requests without waiting for their answers, and reads none. */
export const pipelineRequests: RunFault = async ({ lab, totals }, { target, atMs }) => {
  const sockets = open(portOf(lab, target), PIPELINE.connections);
  const requests = SCRIPT_REQUEST.repeat(PIPELINE.requests);
  for (const socket of sockets) {
    socket.pause();
    socket.write(requests);
  }
  await pause(PIPELINE_MS.unread);
  // Only who reads sees that the connection was cut off.
  for (const socket of sockets) socket.resume();
  await Promise.race([Promise.all(sockets.map(closed)), pause(PIPELINE_MS.max - PIPELINE_MS.unread)]);
  const left = sockets.filter(({ closed }) => !closed).length;
  if (left > 0) totals.notCutOff.push(`${left} connections to ${target} at ${atMs} ms`);
  for (const socket of sockets) socket.destroy();
};

/** Begins requests and does not go on; ingest ends what takes too long, and this fault the others. */
export const stallClients: RunFault = async ({ lab }, { target, durationMs }) => {
  const sockets = open(portOf(lab, target), STALLED_CONNECTIONS);
  for (const socket of sockets) socket.write(HALF_A_REQUEST);
  await pause(durationMs);
  for (const socket of sockets) socket.destroy();
};

/** Undefined while that ingest is down: then there is nothing to hurt. */
function portOf({ ingests }: FaultKit["lab"], target: string): number | undefined {
  return ingests.find(({ name }) => name === target)?.port();
}

function open(port: number | undefined, count: number): Socket[] {
  if (port === undefined) return [];
  return Array.from({ length: count }, () => {
    const socket = connect({ port, host: "127.0.0.1" });
    // It is cut off, or that ingest is killed meanwhile.
    socket.on("error", () => {});
    return socket;
  });
}

const closed = (socket: Socket) =>
  socket.closed ? undefined : new Promise<void>((resolve) => socket.once("close", () => resolve()));
