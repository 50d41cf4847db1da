import { useQueryClient } from "@tanstack/react-query";
import { AskError } from "../api/ask.ts";
import { sessionQuestion } from "../api/session.ts";
import styles from "./panel.module.css";

/** Why a part has no figures, or old ones, and what to do. */
export function Failure({
  error,
  onRetry,
  isOutdated = false,
}: {
  error: Error;
  onRetry: () => void;
  /** Whether figures are shown beside it. */
  isOutdated?: boolean;
}) {
  const client = useQueryClient();
  const isSignedOut = error instanceof AskError && error.status === 401;
  return (
    <div className={styles["failure"]} role="alert">
      <p>
        {isOutdated && <strong>These figures are not renewed. </strong>}
        {isSignedOut ? "You are not signed in any more." : error.message}
      </p>
      {isSignedOut ? (
        <button type="button" onClick={() => void client.invalidateQueries(sessionQuestion)}>
          Sign in
        </button>
      ) : (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
