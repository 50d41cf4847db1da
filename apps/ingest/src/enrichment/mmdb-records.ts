import type { Reader, Response } from "mmdb-lib";

/** Networks without a record that are passed over before giving up: whole files have fewer between two records. */
const GAPS_MAX = 100_000;

/**
 * The records of the first networks of a database, in the order of their addresses: of all, when there are no more
 * than `max`. Some networks share a record, which then comes several times.
 */
export function* someRecords(reader: Reader<Response>, max: number): Generator<unknown> {
  const bits = reader.metadata.ipVersion === 6 ? 128 : 32;
  const end = 1n << BigInt(bits);
  let records = 0;
  let gaps = 0;
  for (let address = 0n; address < end && records < max && gaps < GAPS_MAX; ) {
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
