import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { AskError } from "../api/ask.ts";
import { sessionQuestion, signIn } from "../api/session.ts";
import styles from "./sign-in.module.css";

/** Signing in with a key of the stats API. */
export function SignIn() {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key") ?? "").trim();
    setIsAsking(true);
    setProblem(undefined);
    try {
      await signIn(key);
      await client.invalidateQueries();
    } catch (error) {
      setProblem(reasonOf(error));
      await client.invalidateQueries(sessionQuestion);
    } finally {
      setIsAsking(false);
    }
  }

  return (
    <main className={styles["page"]}>
      <form className={styles["form"]} onSubmit={(event) => void submit(event)}>
        <h1>model-views</h1>
        <label htmlFor="key">Your key</label>
        <input
          id="key"
          name="key"
          type="password"
          autoComplete="current-password"
          required
          aria-invalid={problem !== undefined}
          aria-describedby="key-note"
        />
        {problem !== undefined && (
          <p className={styles["problem"]} role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="primary" disabled={isAsking}>
          Sign in
        </button>
        <p id="key-note" className="muted">
          One of STATS_KEYS to read, or of ADMIN_KEYS to change things too. The operator of this system has
          them.
        </p>
      </form>
    </main>
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof AskError)) throw error;
  if (error.status === 401) return "This key is not known here.";
  if (error.status === 429) {
    const minutes = Math.ceil((error.retryAfterSeconds ?? 60) / 60);
    return `Too many wrong keys. Try again in ${minutes} minutes.`;
  }
  return error.message;
}
