import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { hashOfKey } from "@model-views/shared/http/api-keys.ts";

/** Hours after which a session ends that is not used. */
const IDLE_MS = 12 * 3_600_000;
/** Age from which a session in use is renewed: not at each request. */
const RENEW_AGE_MS = 5 * 60_000;
/** A session ends after so long, however much it is used. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

const VERSION = "1";
const SECRET_BYTES = 32;
/** Bytes of the key's id in a session: enough to find it among a few keys. */
const ID_BYTES = 9;

/** A session: which key it was begun with, and until when it is valid. Times are milliseconds since 1970. */
export type Session = { keyHash: Buffer; startedAt: number; endsAt: number; mayBeRenewed: boolean };

export type Sessions = {
  /** The text of a new session; undefined when the key is none of ours. */
  begin(key: string): string | undefined;
  /** The session of a text; undefined when it is forged, too old, or of a key that is valid no more. */
  read(text: string): Session | undefined;
  /** The text of the same session, valid for longer. */
  renew(session: Session): string;
};

/** Sessions by a clock, in milliseconds since 1970. */
export type SessionsAt = (now: () => number) => Sessions;

type SessionKey = { hash: Buffer; secret: Buffer; id: string };

/**
 * Sessions that live in a cookie alone: `1.<key's id>.<start>.<end>.<HMAC-SHA-256>`. Each is signed with a secret that is derived
 * (HKDF, RFC 5869) from the key it was begun with. So it survives a restart, is valid at every replica, and ends when its key is
 * taken out of the settings. Neither the key nor its name can be found out from it. As with any signed session, signing out
 * deletes the cookie; a copy of it is valid until it ends, or until the key is replaced. The keys do not stay in memory.
 */
export function createSessions(keys: readonly string[]): SessionsAt {
  const known = keys.map((key): SessionKey => {
    const secret = Buffer.from(hkdfSync("sha256", key, "", "model-views session", SECRET_BYTES));
    const id = sign(secret, "id").subarray(0, ID_BYTES).toString("base64url");
    return { hash: hashOfKey(key), secret, id };
  });

  return (now) => sessionsAt(known, now);
}

function sessionsAt(known: readonly SessionKey[], now: () => number): Sessions {
  function write({ secret, id }: SessionKey, startedAt: number): string {
    const endsAt = Math.min(now() + IDLE_MS, startedAt + LIFETIME_MS);
    const claims = [VERSION, id, startedAt, endsAt].join(".");
    return `${claims}.${sign(secret, claims).toString("base64url")}`;
  }

  return {
    begin(key) {
      const given = hashOfKey(key);
      // All are compared, so that the time does not depend on which one it is.
      const [found] = known.filter(({ hash }) => timingSafeEqual(hash, given));
      return found && write(found, now());
    },

    read(text) {
      const match = /^(1\.([\w-]+)\.(\d{1,15})\.(\d{1,15}))\.([\w-]+)$/.exec(text);
      if (match === null) return undefined;
      const [, claims = "", id, started, ends, signature = ""] = match;
      const key = known.find((each) => each.id === id);
      if (key === undefined) return undefined;
      const [expected, given] = [sign(key.secret, claims), Buffer.from(signature, "base64url")];
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const [startedAt, endsAt, at] = [Number(started), Number(ends), now()];
      if (at >= endsAt) return undefined;
      const isYoung = endsAt - at > IDLE_MS - RENEW_AGE_MS;
      return {
        keyHash: key.hash,
        startedAt,
        endsAt,
        mayBeRenewed: !isYoung && endsAt < startedAt + LIFETIME_MS,
      };
    },

    renew({ keyHash, startedAt }) {
      const key = known.find(({ hash }) => hash.equals(keyHash));
      if (key === undefined) throw new Error("a session of an unknown key was read");
      return write(key, startedAt);
    },
  };
}

function sign(secret: Buffer, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
