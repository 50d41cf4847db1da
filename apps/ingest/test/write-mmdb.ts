import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** Values of a record, as far as country databases need them. */
export type MmdbValue = string | number | boolean | { [name: string]: MmdbValue };

const RECORD_BITS = 24;
const DATA_SEPARATOR = Buffer.alloc(16);
const METADATA_MARKER = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from("MaxMind.com")]);

/** A node's two branches. Each is the number of another node, a record, or nothing. */
type Branch = { node: number } | { record: number } | undefined;

/**
 * The bytes of a small database in MaxMind's format (MMDB 2.0) with a record for each network (CIDR). With an IPv6
 * network in it, IPv4 ones are below `::/96`, as the format asks.
 */
export function mmdbOf(databaseType: string, networks: Record<string, MmdbValue>): Buffer {
  const ipVersion = Object.keys(networks).some((network) => isIPv6(network.split("/")[0] ?? "")) ? 6 : 4;
  const nodes: [Branch, Branch][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  for (const [network, value] of Object.entries(networks)) {
    const { bits, length } = bitsOf(network, ipVersion);
    let node = 0;
    for (let depth = 0; depth < length - 1; depth++) {
      const branches = nodes[node] ?? [undefined, undefined];
      const bit = bits[depth] ?? 0;
      const next = branches[bit];
      if (next !== undefined && "node" in next) node = next.node;
      else {
        branches[bit] = { node: nodes.push([undefined, undefined]) - 1 };
        node = nodes.length - 1;
      }
    }
    const last = nodes[node];
    if (last !== undefined) last[bits[length - 1] ?? 0] = { record: Buffer.concat(data).length };
    data.push(encode(value));
  }
  const tree = Buffer.alloc((nodes.length * RECORD_BITS) / 4);
  for (const [number, branches] of nodes.entries()) {
    for (const [bit, branch] of branches.entries()) {
      tree.writeUIntBE(numberOf(branch, nodes.length), number * 6 + bit * 3, 3);
    }
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_790_000_000,
    database_type: databaseType,
    description: { en: "made by a test" },
    ip_version: ipVersion,
    node_count: nodes.length,
    record_size: RECORD_BITS,
  });
  return Buffer.concat([tree, DATA_SEPARATOR, ...data, METADATA_MARKER, metadata]);
}

function numberOf(branch: Branch, nodeCount: number): number {
  if (branch === undefined) return nodeCount;
  return "node" in branch ? branch.node : nodeCount + DATA_SEPARATOR.length + branch.record;
}

function bitsOf(network: string, ipVersion: 4 | 6): { bits: number[]; length: number } {
  const [address, length] = ipaddr.parseCIDR(network);
  const bytes = address.toByteArray();
  const isShort = ipVersion === 6 && bytes.length === 4;
  const all = isShort ? [...Array<number>(12).fill(0), ...bytes] : bytes;
  const bits = all.flatMap((byte) => [...byte.toString(2).padStart(8, "0")].map(Number));
  return { bits, length: isShort ? length + 96 : length };
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === "string") {
    const text = Buffer.from(value);
    return Buffer.concat([control(2, text.length), text]);
  }
  if (typeof value === "number") {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  // A boolean is of an extended type, and its size is its value.
  if (typeof value === "boolean") return Buffer.from([value ? 1 : 0, 14 - 7]);
  const fields = Object.entries(value);
  return Buffer.concat([
    control(7, fields.length),
    ...fields.flatMap(([name, field]) => [encode(name), encode(field)]),
  ]);
}

/** The byte before a value: its type, and its size up to 28; one more byte for sizes up to 284. */
function control(type: number, size: number): Buffer {
  return Buffer.from(size < 29 ? [(type << 5) | size] : [(type << 5) | 29, size - 29]);
}
