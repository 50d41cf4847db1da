import { CategoryMenu } from "../../parts/category-menu.tsx";
import styles from "./front-page.module.css";
import { RANKINGS, type Rules } from "./rules.ts";

export const RANKING_LABELS: Readonly<Record<Rules["sort"], string>> = {
  hot: "Hot: viewed most now",
  rising: "Rising: more than usual today",
  trending: "Trending: views of all time, if seen lately",
  total: "Most viewed of a period",
  unique: "Most viewers of a period",
};

const HALF_LIFE_LABELS: Readonly<Record<Rules["halfLife"], string>> = {
  "1h": "a view counts half after an hour",
  "1d": "a view counts half after a day",
  "7d": "a view counts half after a week",
};

/** The rules by which seats are chosen. */
export function RulesBar({
  rules,
  change,
  hasCategory,
}: {
  rules: Rules;
  change: (part: Partial<Rules>) => void;
  hasCategory: boolean;
}) {
  const { sort, halfLife, seats, perCategory } = rules;
  return (
    <form
      className={`${styles["rules"]} screen-only`}
      aria-label="How seats are chosen"
      onSubmit={(event) => event.preventDefault()}
    >
      <label>
        Ranking
        <select value={sort} onChange={({ target }) => change({ sort: target.value as Rules["sort"] })}>
          {RANKINGS.map((each) => (
            <option key={each} value={each}>
              {RANKING_LABELS[each]}
            </option>
          ))}
        </select>
      </label>
      {sort === "hot" && (
        <label>
          Half-life
          <select
            value={halfLife}
            onChange={({ target }) => change({ halfLife: target.value as Rules["halfLife"] })}
          >
            {Object.entries(HALF_LIFE_LABELS).map(([each, label]) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Seats
        <input
          type="number"
          min={1}
          max={100}
          value={seats}
          onChange={({ target }) =>
            target.validity.valid && target.value !== "" && change({ seats: target.valueAsNumber })
          }
        />
      </label>
      <label>
        At most per category
        <input
          type="number"
          min={1}
          max={100}
          placeholder="any"
          value={perCategory ?? ""}
          onChange={({ target }) =>
            target.validity.valid &&
            change({ perCategory: target.value === "" ? undefined : target.valueAsNumber })
          }
        />
      </label>
      {hasCategory && (
        <div>
          Category
          <CategoryMenu />
        </div>
      )}
    </form>
  );
}
