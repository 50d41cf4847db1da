import type { Pool } from "pg";

/** Finds the name under which PostgreSQL knows a time zone. */
export type TimeZones = {
  /** The name itself, unless it had to be looked up before. */
  nameOf(tz: string): string;
  /** Another name of the same zone that PostgreSQL knows; undefined when there is none. */
  lookUp(tz: string): Promise<string | undefined>;
};

/** Zones that are remembered; there are some 600. */
const REMEMBERED_MAX = 1_000;

/**
 * Browsers and PostgreSQL take their time zones from different releases, and some systems leave the older names out
 * (Debian's PostgreSQL has Asia/Kolkata, browsers say Asia/Calcutta). JavaScript knows which names are one zone.
 * PostgreSQL is asked for its names (it reads a file of each) only when it did not know one.
 */
export function createTimeZones(pool: Pool): TimeZones {
  const found = new Map<string, string>();
  let names: Promise<Map<string, string>> | undefined;

  async function namesByZone(): Promise<Map<string, string>> {
    const { rows } = await pool.query<{ name: string }>(
      "select name from pg_timezone_names where name ~ '^[A-Za-z_]+/' or name = 'UTC' order by name",
    );
    return new Map(rows.map(({ name }) => [zoneOf(name) ?? name, name]));
  }

  return {
    nameOf: (tz) => found.get(tz) ?? tz,
    async lookUp(tz) {
      names ??= namesByZone();
      const known = await names.catch((error: unknown) => {
        names = undefined;
        throw error;
      });
      const name = known.get(zoneOf(tz) ?? tz);
      if (name === undefined || name === tz) return undefined;
      if (found.size < REMEMBERED_MAX) found.set(tz, name);
      return name;
    },
  };
}

/** The one name by which JavaScript calls a zone of many names; undefined when it has none. */
function zoneOf(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
