import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ConfigError, parseConfig } from "@model-views/shared/runtime/config.ts";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { countryDatabaseSchema } from "../src/enrichment/country.ts";
import { type MmdbValue, mmdbOf } from "./write-mmdb.ts";

const folder = mkdtempSync(join(tmpdir(), "model-views-country-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, bytes: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const schema = z.object({ COUNTRY_DATABASE: countryDatabaseSchema });
const open = (file: string) => parseConfig(schema, { COUNTRY_DATABASE: file }).COUNTRY_DATABASE;

const NAMES = { de: "Frankreich", en: "France" };

describe("COUNTRY_DATABASE takes the records of", () => {
  test.for<[string, MmdbValue]>([
    [
      "MaxMind's GeoLite2 Country",
      { continent: { code: "EU" }, country: { geoname_id: 3_017_382, iso_code: "FR", names: NAMES } },
    ],
    [
      "MaxMind's GeoLite2 City",
      {
        city: { names: { en: "Lyon" } },
        country: { iso_code: "FR", is_in_european_union: true, names: NAMES },
        location: { time_zone: "Europe/Paris" },
        registered_country: { iso_code: "US" },
      },
    ],
    [
      "MaxMind, where only the place of registration is known",
      { registered_country: { iso_code: "FR", names: NAMES } },
    ],
    ["DB-IP's Lite", { country: { iso_code: "FR", names: NAMES } }],
    ["IP2Location's Lite", { country: { iso_code: "FR", names: { en: "France" } } }],
    ["IPtoASN", { country_code: "FR" }],
    ["ipinfo's", { continent: "EU", country: "FR", country_name: "France" }],
    ["ipinfo's Lite", { asn: "AS3215", continent: "Europe", country: "France", country_code: "FR" }],
    ["somebody who writes it in lower case", { country_code: "fr" }],
  ])("%s", ([, record]) => {
    const bytes = mmdbOf("Some-Country", { "2.0.0.0/12": record, "2a01:c000::/19": record });
    const countryOf = open(written("some.mmdb", bytes));
    expect(countryOf("2.1.2.3")).toBe("FR");
    expect(countryOf("::ffff:2.1.2.3")).toBe("FR");
    expect(countryOf("2a01:cb00::1")).toBe("FR");
    expect(countryOf("8.8.8.8")).toBeUndefined();
    expect(countryOf("2001:db8::1")).toBeUndefined();
  });
});

test("a database of IPv4 alone says nothing about IPv6", () => {
  // The first bits of 2001:: are those of 32.1.0.0.
  const bytes = mmdbOf("Some-Country", { "32.0.0.0/8": { country: { iso_code: "US" } } });
  const countryOf = open(written("four.mmdb", bytes));
  expect(countryOf("32.1.2.3")).toBe("US");
  expect(countryOf("2001:4860::1")).toBeUndefined();
});

test("a network of one address is a database too", () => {
  const bytes = mmdbOf("Some-Country", { "81.2.69.142/32": { country: { iso_code: "GB" } } });
  expect(open(written("one.mmdb", bytes))("81.2.69.142")).toBe("GB");
});

test("what is no country is none", () => {
  const bytes = mmdbOf("Some-Country", {
    "1.0.0.0/24": { country: { iso_code: "AU" } },
    "2.0.0.0/24": { country_code: "ZZ" },
    "3.0.0.0/24": { country_code: "-" },
    "4.0.0.0/24": { country: { names: NAMES } },
    "5.0.0.0/24": "France",
  });
  const countryOf = open(written("gaps.mmdb", bytes));
  expect(["1", "2", "3", "4", "5"].map((first) => countryOf(`${first}.0.0.1`))).toEqual([
    "AU",
    ...[undefined, undefined, undefined, undefined],
  ]);
});

describe("COUNTRY_DATABASE stops the start, with a sentence, when the file", () => {
  const good = mmdbOf("Some-Country", { "1.0.0.0/24": { country: { iso_code: "AU" } } });
  const asn = { autonomous_system_number: 64_496, autonomous_system_organization: "Example" };

  test.for<[string, () => string, RegExp]>([
    ["is missing", () => join(folder, "nowhere.mmdb"), /nowhere\.mmdb cannot be read \(ENOENT\)$/],
    ["is a folder", () => folder, /cannot be read \(EISDIR\)$/],
    ["is empty", () => written("empty.mmdb", ""), /is no database in MaxMind's format \(MMDB\)/],
    [
      "is a text",
      () => written("a.csv", "1.0.0.0,1.0.0.255,AU\n".repeat(500)),
      /is no database in MaxMind's/,
    ],
    ["is packed", () => written("a.mmdb.gz", gzipSync(good)), /is no database .*unpack it if it is packed$/],
    ["was cut off", () => written("cut.mmdb", good.subarray(0, 80)), /is no database .*or is damaged/],
    [
      "has lost its tree",
      () => written("damaged.mmdb", good.subarray(good.length - 200)),
      /is no database .*or is damaged/,
    ],
    [
      "knows no countries",
      () => written("asn.mmdb", mmdbOf("GeoLite2-ASN", { "1.0.0.0/24": asn, "2001:db8::/32": asn })),
      /asn\.mmdb has no countries: it is a database of the type GeoLite2-ASN$/,
    ],
    [
      "holds nothing",
      () => written("nothing.mmdb", mmdbOf("Some-Country", {})),
      /has no countries: it is a database of the type Some-Country$/,
    ],
  ])("%s", ([, file, sentence]) => {
    const opening = () => open(file());
    expect(opening).toThrow(ConfigError);
    expect(opening).toThrow(sentence);
    expect(opening).toThrow(/^ {2}COUNTRY_DATABASE: /m);
  });

  test("knows no countries, however many networks it has", () => {
    const networks = Array.from(
      { length: 2_000 },
      (_, n) => [`${1 + (n >> 8)}.${n & 255}.0.0/16`, asn] as const,
    );
    const file = written("many.mmdb", mmdbOf("GeoLite2-ASN", Object.fromEntries(networks)));
    expect(() => open(file)).toThrow(/has no countries/);
  });
});

test("a damaged place in the file costs a view its country, and not the view", () => {
  const bytes = mmdbOf("Some-Country", {
    "1.0.0.0/24": { country: { iso_code: "AU" } },
    "2.0.0.0/24": { country: { iso_code: "FR" } },
  });
  // The type of the second record: none that there is.
  bytes.writeUInt16BE(0x00_30, bytes.lastIndexOf("country") - 2);
  const countryOf = open(written("place.mmdb", bytes));
  expect(countryOf("1.0.0.1")).toBe("AU");
  expect(countryOf("2.0.0.1")).toBeUndefined();
});
