import type { FrontPage } from "@model-views/shared/contracts/front-page.ts";
import styles from "./front-page.module.css";
import { keptFrontPage } from "./kept-front-page.ts";
import type { Rules } from "./rules.ts";

/** Who is on the front page now and leaves, and why; and who is left out by hand. */
export function Leaving({
  items,
  leaving,
  rules,
  change,
}: Pick<FrontPage, "items" | "leaving"> & { rules: Rules; change: (part: Partial<Rules>) => void }) {
  const kept = keptFrontPage();
  const entering = items.filter(({ isNew }) => isNew).length;
  return (
    <div className={styles["stack"]}>
      {rules.current.length === 0 ? (
        <>
          <p>
            Which models are on the website’s front page now? Once that is known, this says who enters, who
            leaves, and why.
          </p>
          <div className={styles["buttons"]}>
            <button type="button" onClick={() => change({ current: items.map(({ modelId }) => modelId) })}>
              These seats are on the page now
            </button>
            {kept.length > 0 && (
              <button type="button" onClick={() => change({ current: kept })}>
                Compare with the {kept.length} that were copied last
              </button>
            )}
          </div>
        </>
      ) : (
        <p>
          Compared with the {rules.current.length} of now, {entering} enter and {leaving.length} leave.{" "}
          <button type="button" className={styles["quiet"]} onClick={() => change({ current: [] })}>
            Compare with none
          </button>
        </p>
      )}
      {leaving.length > 0 && (
        <ul className={styles["leaving"]}>
          {leaving.map(({ modelId, name, category, wasSeat, text }) => (
            <li key={modelId}>
              <strong>{name ?? modelId}</strong> <span className="muted">{category}</span>
              <p className="muted">
                Was on seat {wasSeat}. {text}
              </p>
            </li>
          ))}
        </ul>
      )}
      {rules.excluded.length > 0 && (
        <p>
          {rules.excluded.length === 1 ? "One model is" : `${rules.excluded.length} models are`} left out by
          hand.{" "}
          <button type="button" className={styles["quiet"]} onClick={() => change({ excluded: [] })}>
            Leave none out
          </button>
        </p>
      )}
    </div>
  );
}
