import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../../api/ask.ts";
import { formatCount } from "../../format/numbers.ts";
import styles from "./pipeline-page.module.css";

/** Where the answer says how to go on with what is left. */
type Answer = { next: Readonly<Record<string, string>> | null };

export type PutBackProps<Given extends Answer> = {
  /** Of the button: what it does. */
  label: string;
  path: string;
  body: Readonly<Record<string, unknown>>;
  /** How many an answer has put back. */
  countOf: (answer: Given) => number;
  /** What an answer has left, and why; undefined for nothing. */
  leftOf: (answer: Given) => string | undefined;
  /** What they are, such as `views`. */
  what: string;
};

/** A button of an admin that puts something back on the queue, step by step until nothing is left, and says how much it was. */
export function PutBack<Given extends Answer>({
  label,
  path,
  body,
  countOf,
  leftOf,
  what,
}: PutBackProps<Given>) {
  const client = useQueryClient();
  const [state, setState] = useState<string>();
  const [isRunning, setRunning] = useState(false);

  async function run() {
    setRunning(true);
    let count = 0;
    let left: string | undefined;
    let next: Answer["next"] = {};
    try {
      while (next !== null) {
        const answer: Given = await request<Given>(path, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ ...body, ...next }),
        });
        count += countOf(answer);
        left = leftOf(answer) ?? left;
        setState([`${formatCount(count)} ${what} are on the queue again.`, left].filter(Boolean).join(" "));
        next = answer.next;
      }
    } catch (error) {
      setState(
        `${formatCount(count)} ${what} are on the queue again. It has stopped: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      setRunning(false);
      await client.invalidateQueries({ queryKey: ["/v1/pipeline"] });
    }
  }

  return (
    <p className={styles["putBack"]}>
      <button type="button" disabled={isRunning} onClick={() => void run()}>
        {label}
      </button>
      <span role="status">{state}</span>
    </p>
  );
}
