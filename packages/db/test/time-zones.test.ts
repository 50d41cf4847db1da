import { createTimeZones } from "@model-views/db/stats/time-zones.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { expect } from "vitest";

/** A browser's name, the names of a PostgreSQL that leaves the older ones out or is older itself, and the one to be found. */
const CASES = [
  ["Asia/Calcutta", ["Asia/Kolkata", "UTC"], "Asia/Kolkata"],
  ["Asia/Kolkata", ["Asia/Calcutta", "UTC"], "Asia/Calcutta"],
  ["Europe/Kyiv", ["Europe/Kiev", "UTC"], "Europe/Kiev"],
  ["America/Buenos_Aires", ["America/Argentina/Buenos_Aires"], "America/Argentina/Buenos_Aires"],
  ["Asia/Saigon", ["Asia/Ho_Chi_Minh"], "Asia/Ho_Chi_Minh"],
  ["Etc/UTC", ["Europe/Berlin", "UTC"], "UTC"],
  ["Europe/Berlin", ["Europe/Paris", "UTC"], undefined],
] as const;

test.for(CASES)("%s among %j is %s", async ([asked, names, expected], { db }) => {
  // A view before pg_catalog's own.
  const list = names.map((name) => `('${name}')`).join(", ");
  await db.$client.query(`create view pg_timezone_names as select name from (values ${list}) names(name)`);
  const client = await db.$client.connect();
  try {
    await client.query("set search_path = public, pg_catalog");
    const zones = createTimeZones({ query: client.query.bind(client) } as unknown as typeof db.$client);
    expect(zones.nameOf(asked)).toBe(asked);
    expect(await zones.lookUp(asked)).toBe(expected);
    expect(zones.nameOf(asked)).toBe(expected ?? asked);
  } finally {
    client.release(true);
  }
});
