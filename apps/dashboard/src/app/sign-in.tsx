import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { AskError } from "../api/ask.ts";
import { sessionQuestion, signIn } from "../api/session.ts";
import styles from "./sign-in.module.css";

/** The key is right, and no session came back. */
const NOT_KEPT =
  "The key is right, but the browser has not kept the session. Allow cookies for this address, and open it as its proxy serves it: with https, or without.";

/** Signing in with a key of the stats API. The address stays, so the page that was asked for comes afterwards. */
export function SignIn() {
  useEffect(() => {
    document.title = "Sign in · model-views";
  }, []);
  return (
    <main className={styles["page"]}>
      <SignInForm>
        <h1 className={styles["brand"]}>
          <img src="/icon.svg" alt="" width={36} height={36} />
          model-views
        </h1>
      </SignInForm>
    </main>
  );
}

/** Signing in after a session has ended: above the page, which stays as it was, and hides its figures. */
export function SignInAgain() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles["again"]}
      aria-labelledby="sign-in-again"
      closedby="none"
      onCancel={(event) => event.preventDefault()}
      // Some browsers close a dialog all the same, at the second Escape.
      onClose={() => dialog.current?.showModal()}
    >
      <SignInForm>
        <h1 id="sign-in-again">Your session has ended</h1>
        <p>Sign in to go on where you were. What you have typed is still there.</p>
      </SignInForm>
    </dialog>
  );
}

function SignInForm({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setIsAsking(true);
    setProblem(undefined);
    try {
      await signIn((field.current?.value ?? "").trim());
      const session = await client.fetchQuery({ ...sessionQuestion, staleTime: 0 });
      if (!session.isSignedIn) return setProblem(NOT_KEPT);
      await client.invalidateQueries();
    } catch (error) {
      setProblem(reasonOf(error));
      field.current?.select();
    } finally {
      setIsAsking(false);
    }
  }

  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)}>
      {children}
      <label htmlFor="key">Your key</label>
      <input
        ref={field}
        id="key"
        name="key"
        type="password"
        autoComplete="current-password"
        maxLength={1_024}
        required
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? "key-note" : "key-problem key-note"}
      />
      <p id="key-problem" className={styles["problem"]} role="alert" hidden={problem === undefined}>
        {problem}
      </p>
      <button type="submit" className="primary" aria-disabled={isAsking}>
        {isAsking ? "Signing in…" : "Sign in"}
      </button>
      <p id="key-note" className="muted">
        One of <code>STATS_KEYS</code> to read, or of <code>ADMIN_KEYS</code> to change things too. The
        operator of this system has them.
      </p>
    </form>
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof AskError)) return `Signing in has failed: ${error}`;
  if (error.status === 401) return "This key is not known here.";
  if (error.status === 429) {
    const minutes = Math.ceil((error.retryAfterSeconds ?? 60) / 60);
    return `${error.message}. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
  }
  return error.message;
}
