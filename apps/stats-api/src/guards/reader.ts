import type { IncomingMessage } from "node:http";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import type { Credentials } from "@model-views/shared/http/credentials.ts";
import type { CredentialsOf } from "./credentials.ts";

/** What a request proves about its reader. */
export type Reader = {
  mayRead: boolean;
  mayChange: boolean;
  /** The name of the key; null where none is needed. */
  name: string | null;
  /** Whether the key is proved by a session. */
  hasSession: boolean;
  canSignIn: boolean;
};

export type ReaderDeps = {
  credentialsOf: CredentialsOf;
  mayRead: HasApiKey;
  mayChange: HasApiKey;
  /** The name of a request's key; undefined without one. */
  keyName: (credentials: Credentials) => string | undefined;
  /** Whether there are any keys. */
  canSignIn: boolean;
};

export function createReader({ credentialsOf, mayRead, mayChange, keyName, canSignIn }: ReaderDeps) {
  return (request: IncomingMessage): Reader => {
    const credentials = credentialsOf(request);
    return {
      mayRead: mayRead(credentials),
      mayChange: mayChange(credentials),
      name: keyName(credentials) ?? null,
      hasSession: credentials.keyHash !== undefined,
      canSignIn,
    };
  };
}
