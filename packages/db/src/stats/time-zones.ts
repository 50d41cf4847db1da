import type { Pool } from "pg";
import { asking } from "../postgres/sql.ts";

/** Finds the name that PostgreSQL has for a time zone. */
export type TimeZones = {
  /** The name itself, or the other name that a look-up has found before. */
  nameOf(tz: string): string;
  /** Another name of the same zone in PostgreSQL; undefined when there is none. */
  lookUp(tz: string): Promise<string | undefined>;
};

/** Zones in memory; there are some 600. */
const REMEMBERED_MAX = 1_000;

/**
 * Browsers and PostgreSQL take their time zones from different releases, and some systems leave the older names out
 * (Debian's PostgreSQL has Asia/Kolkata, browsers Asia/Calcutta). JavaScript can compare which names are one zone.
 * PostgreSQL is asked for its names (it reads a file for each) only after it refused one.
 */
export function createTimeZones(pool: Pool): TimeZones {
  const found = new Map<string, string>();
  let names: Promise<Map<string, string>> | undefined;

  async function namesByZone(): Promise<Map<string, string>> {
    const { rows } = await asking(pool)<{ name: string }>(
      "select name from pg_timezone_names where name ~ '^[A-Za-z_]+/' or name = 'UTC' order by name",
    );
    return new Map(rows.map(({ name }) => [zoneOf(name) ?? name, name]));
  }

  return {
    nameOf: (tz) => found.get(tz) ?? tz,
    async lookUp(tz) {
      names ??= namesByZone();
      const byZone = await names.catch((error: unknown) => {
        names = undefined;
        throw error;
      });
      const name = byZone.get(zoneOf(tz) ?? tz);
      if (name === undefined || name === tz) return undefined;
      if (found.size < REMEMBERED_MAX) found.set(tz, name);
      return name;
    },
  };
}

/** Are these two names of one zone? */
export function isSameZone(one: string, other: string): boolean {
  return one === other || (zoneOf(one) !== undefined && zoneOf(one) === zoneOf(other));
}

/** The one name that JavaScript has for a zone of many names; undefined when it does not know the zone. */
function zoneOf(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
