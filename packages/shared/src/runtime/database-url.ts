import { readFileSync } from "node:fs";
import { parseUrl, readyForUrl, WRITE_ENCODED } from "./connection-url.ts";

/** The URL as pg understands it, or what is wrong with it and what to do. */
export type ReadDatabaseUrl = { url: string } | { wrong: string };

const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"];
const FILES = ["sslrootcert", "sslcert", "sslkey"];

/**
 * Reads a connection string as libpq, and so psql, means it, and gives pg one that means the same: special characters in the
 * user and the password, sockets, and `sslmode`, of which `require` encrypts and verifies nothing unless it is given
 * `sslrootcert`. What pg cannot do is said, with what to do instead. Reads the files of certificates, to see that they are there.
 */
export function readDatabaseUrl(given: string): ReadDatabaseUrl {
  const text = readyForUrl(given);
  if (/^\s*[a-z_]+\s*=/.test(text)) {
    return { wrong: "must be a URL, not words like host=…: postgres://user:password@host:5432/database" };
  }
  if (!/^postgres(ql)?:\/\//.test(text)) {
    return { wrong: "must be a URL that begins with postgres:// or postgresql://" };
  }
  const url = parse(text);
  if (url === undefined) return { wrong: whyNoUrl(text) };
  const parameters = url.searchParams;
  if (url.hostname === "base" && !parameters.has("host")) {
    return { wrong: "names no host: postgres://user@host/database, or ?host=/folder/of/the/socket" };
  }
  const wrong = wrongParameters(parameters);
  if (wrong !== undefined) return { wrong };
  const database = parameters.get("dbname");
  if (database !== null) {
    url.pathname = `/${encodeURIComponent(database)}`;
    parameters.delete("dbname");
  }
  if (parameters.get("sslmode") === "no-verify") parameters.set("sslmode", "require");
  if (parameters.get("sslrootcert") === "system") parameters.delete("sslrootcert");
  if (parameters.has("sslmode")) parameters.set("uselibpqcompat", "true");
  return { url: url.href };
}

/** As a URL with a host in any case: where there is none, a socket's folder follows as a parameter. */
function parse(text: string): URL | undefined {
  const [, scheme = "", user = "", others = ""] = /^([a-z]+:\/\/)([^/?#]*@)?(.*)$/s.exec(text) ?? [];
  return parseUrl(scheme + user + (/^([/?]|$)/.test(others) ? `base${others}` : others));
}

function whyNoUrl(text: string): string {
  if (/:\/\/([^/]*@)?[^/@]*,/.test(text)) return "names several hosts: name one";
  return WRITE_ENCODED;
}

function wrongParameters(parameters: URLSearchParams): string | undefined {
  const sslmode = parameters.get("sslmode");
  const hasRoot = parameters.has("sslrootcert");
  if (parameters.has("service")) return "names a service, whose file is not read: name the host itself";
  if (parameters.get("host")?.includes(",")) return "names several hosts: name one";
  if (sslmode === "prefer" || sslmode === "allow") {
    return `sslmode=${sslmode} is not done here: say require (always encrypted) or disable (never)`;
  }
  if (sslmode !== null && sslmode !== "no-verify" && !SSL_MODES.includes(sslmode)) {
    return `sslmode=${sslmode} is none of ${SSL_MODES.join(", ")}`;
  }
  if (sslmode === "verify-ca" && !hasRoot) {
    return "sslmode=verify-ca needs sslrootcert=/file/of/the/ca.pem; for a public one say verify-full";
  }
  if (parameters.get("sslrootcert") === "system" && sslmode !== "verify-full") {
    return "sslrootcert=system needs sslmode=verify-full";
  }
  for (const name of FILES) {
    const file = parameters.get(name);
    if (file === null || file === "system") continue;
    try {
      readFileSync(file);
    } catch (error) {
      return `${name} cannot be read: ${error instanceof Error ? error.message : error}`;
    }
  }
  return undefined;
}
