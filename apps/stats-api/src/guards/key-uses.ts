import type { NamedKey } from "@model-views/shared/http/api-keys.ts";
import type { Credentials } from "@model-views/shared/http/credentials.ts";

export type KeyUse = { name: string; kind: "stats" | "admin"; lastUsedAt: Date | null };

/** When each key was used last, as far as this process knows. */
export type KeyUses = {
  note(credentials: Credentials): void;
  all(): KeyUse[];
};

export type KeyUsesDeps = {
  keys: readonly { name: NamedKey["name"]; kind: KeyUse["kind"] }[];
  keyName: (credentials: Credentials) => string | undefined;
  now: () => Date;
};

export function createKeyUses({ keys, keyName, now }: KeyUsesDeps): KeyUses {
  const lastUsed = new Map<string, Date>();
  return {
    note(credentials) {
      const name = keyName(credentials);
      if (name !== undefined) lastUsed.set(name, now());
    },
    all: () => keys.map((key) => ({ ...key, lastUsedAt: lastUsed.get(key.name) ?? null })),
  };
}
