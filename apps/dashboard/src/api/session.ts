import type { SessionAnswer } from "@model-views/shared/contracts/session.ts";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./ask.ts";

/** `hasLeft`: by signing out, so nothing of the pages is left; otherwise a session has ended. */
export type Session = Extract<SessionAnswer, { isSignedIn: true }> | { isSignedIn: false; hasLeft?: boolean };

/** Who reads, and what every page has to know of the site. */
export const sessionQuestion = queryOptions({
  queryKey: ["/v1/session"],
  queryFn: ({ signal }): Promise<Session> => request<SessionAnswer>("/v1/session", { signal }),
  staleTime: 60_000,
  // A page that stays open learns of the next day, and of a session that has ended.
  refetchInterval: 120_000,
});

/** @throws {AskError} 401 for a wrong key, 429 after too many of them. */
export async function signIn(key: string): Promise<void> {
  await request("/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ key }),
  });
}

export async function signOut(): Promise<void> {
  await request("/v1/session", { method: "DELETE" });
}
