import type { Ask } from "../postgres/sql.ts";
import { bytesOf, readStored, UNITS, type Unit } from "./read-stored.ts";

/** An hour, day or month of the site that is stored, by its start. */
export type StoredPiece = { unit: Unit; start: string };

/** Audiences that are in memory at once. */
const PIECES_AT_ONCE = 32;

/**
 * Reads audiences of the site, some at a time: those of all time may be more than memory should hold. The result is to be called
 * with each of the pieces, in their order. It answers null where it is not known who viewed, and undefined where there were no views.
 */
export function readInOrder(
  ask: Ask,
  pieces: readonly StoredPiece[],
): (piece: StoredPiece) => Promise<Buffer | null | undefined> {
  let audiences = new Map<string, Buffer | null>();
  let taken = 0;
  return async ({ unit, start }) => {
    if (taken % PIECES_AT_ONCE === 0) {
      const next = pieces.slice(taken, taken + PIECES_AT_ONCE);
      audiences = new Map();
      for (const each of UNITS) {
        for (const [name, audience] of await audiencesOf(ask, each, next)) audiences.set(name, audience);
      }
    }
    taken += 1;
    return audiences.get(`${unit} ${start}`);
  };
}

async function audiencesOf(
  ask: Ask,
  unit: Unit,
  pieces: readonly StoredPiece[],
): Promise<[string, Buffer | null][]> {
  const starts = pieces.filter((piece) => piece.unit === unit).map(({ start }) => start);
  if (starts.length === 0) return [];
  const rows = await readStored(ask, { unit, starts, withAudience: starts });
  return rows.map(({ start, audience }) => [
    `${unit} ${start}`,
    audience === null ? null : bytesOf(audience),
  ]);
}
