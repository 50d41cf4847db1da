import type { Ask } from "../postgres/sql.ts";
import { type StoredRow, storedRows } from "./stored-audiences.ts";

/** A day or month of the site that is stored, by its first day. */
export type StoredPiece = { unit: "day" | "month"; start: string };

/** Audiences that are in memory at once. */
const PIECES_AT_ONCE = 32;

/**
 * Reads audiences of the site, some at a time: those of all time may be more than memory should hold. The result is to be called
 * with each of the pieces, in their order. It answers null where it is not known who viewed, and undefined for a day without views.
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
      audiences = new Map([
        ...(await audiencesOf(ask, "month", next)),
        ...(await audiencesOf(ask, "day", next)),
      ]);
    }
    taken += 1;
    return audiences.get(`${unit} ${start}`);
  };
}

async function audiencesOf(
  ask: Ask,
  unit: StoredPiece["unit"],
  pieces: readonly StoredPiece[],
): Promise<[string, Buffer | null][]> {
  const starts = pieces.filter((piece) => piece.unit === unit).map(({ start }) => start);
  if (starts.length === 0) return [];
  const { rows } = await ask<StoredRow>(storedRows({ unit, starts, withAudience: starts }));
  return rows.map(({ start, audience }) => [`${unit} ${start}`, audience]);
}
