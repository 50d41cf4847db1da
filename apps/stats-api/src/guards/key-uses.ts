import type { HasApiKey, NamedKey } from "@model-views/shared/http/api-keys.ts";
import type { Credentials } from "@model-views/shared/http/credentials.ts";

export type KeyUse = { name: string; kind: "stats" | "admin"; lastUsedAt: Date | null };

/** When each key was used last, as far as this process knows. */
export type KeyUses = {
  note(credentials: Credentials): void;
  all(): KeyUse[];
};

export type KeyUsesDeps = {
  /** The keys: names may come twice. */
  keys: readonly { name: NamedKey["name"]; kind: KeyUse["kind"]; has: HasApiKey }[];
  now: () => Date;
};

export function createKeyUses({ keys, now }: KeyUsesDeps): KeyUses {
  const uses = keys.map(({ name, kind, has }) => ({ name, kind, has, lastUsedAt: null as Date | null }));
  return {
    note(credentials) {
      const used = uses.find(({ has }) => has(credentials));
      if (used !== undefined) used.lastUsedAt = now();
    },
    all: () => uses.map(({ name, kind, lastUsedAt }) => ({ name, kind, lastUsedAt })),
  };
}
