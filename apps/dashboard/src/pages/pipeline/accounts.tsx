import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";
import { formatCount, UNKNOWN } from "../../format/numbers.ts";
import { Part } from "./part.tsx";
import styles from "./pipeline-page.module.css";

/** What became of the views that were queued, and where others are: in the order of their way. */
const PLACES = [
  ["inserted", "Stored", "each once"],
  ["duplicates", "Duplicates", "stored or rejected before"],
  ["rejected", "Rejected", "kept with their reason; redriven ones are queued again"],
  ["unkept", "Not kept", "of models that do not exist, beyond the limit"],
  ["erased", "Erased", "their viewer was erased before they were recorded"],
  ["waiting", "Waiting", "on the queue"],
  ["active", "Being recorded", "taken by workers"],
  ["failed", "Failed", "in batches that could not be read, and are kept"],
  ["removed", "Removed", "by operators, into a file"],
  ["writtenOff", "Written off", "differences that operators have looked into"],
] as const satisfies readonly (readonly [keyof Accounting, string, string])[];

/** Parts that stay out of the table while they are 0. */
const RARE: ReadonlySet<keyof Accounting> = new Set(["unkept", "erased", "failed", "removed", "writtenOff"]);

/** Is every view that was queued recorded, or still there? */
export function Accounts({ accounting }: Pick<PipelineAnswer, "accounting">) {
  return (
    <Part title="Accounting" part={accounting}>
      {(counts) => (
        <>
          <p>{verdict(counts)}</p>
          <table className={styles["table"]}>
            <thead>
              <tr>
                <th scope="col">Since the beginning</th>
                <th scope="col" className="number">
                  Views
                </th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">
                  <strong>Queued</strong>
                  <p className="muted">accepted, and put on the queue</p>
                </th>
                <td className="number">{formatCount(counts.queued)}</td>
              </tr>
              {PLACES.filter(([part]) => counts[part] !== 0 || !RARE.has(part)).map(([part, name, note]) => (
                <tr key={part}>
                  <th scope="row">
                    {name}
                    <p className="muted">{note}</p>
                  </th>
                  <td className="number">{shown(counts[part])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Part>
  );
}

function verdict({ lost, surplus }: Accounting): string {
  if (lost === null || surplus === null) return "Not known while more than 5,000 batches wait.";
  if (lost > 0) return `${formatCount(lost)} views left the queue and were not recorded.`;
  if (surplus > 0) return `${formatCount(surplus)} views were recorded beyond those that were queued.`;
  return "Every view that was queued is recorded, or on its way.";
}

function shown(views: number | null): string {
  return views === null ? UNKNOWN : formatCount(views);
}
