import { createHash, timingSafeEqual } from "node:crypto";
import { BlockList } from "node:net";

/** Who is asking: the header `Authorization`, and the address of the other end of the connection. */
export type Asker = { authorization: string | undefined; remoteAddress: string | undefined };

/** Says whether the asker holds one of the keys. */
export type HasKey = (asker: Asker) => boolean;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Checks `Authorization: Bearer <key>` against several valid keys. Only their hashes stay in memory, and every one
 * is compared in constant time, so neither a memory dump nor the time of an answer tells a key.
 *
 * With no keys at all: nobody is let in, but in development whoever asks from this machine.
 */
export function createKeyCheck(
  keys: readonly string[],
  { isDevelopment }: { isDevelopment: boolean },
): HasKey {
  const hashes = keys.map(hash);
  if (hashes.length === 0) {
    return ({ remoteAddress }) => isDevelopment && remoteAddress !== undefined && isLoopback(remoteAddress);
  }
  return ({ authorization }) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (key === undefined) return false;
    const given = hash(key);
    let found = false;
    for (const valid of hashes) if (timingSafeEqual(valid, given)) found = true;
    return found;
  };
}

function isLoopback(address: string): boolean {
  return loopback.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

function hash(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
