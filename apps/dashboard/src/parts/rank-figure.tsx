import type { ModelsTable } from "@model-views/shared/contracts/models-table.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { ranksOf } from "../api/ranks.ts";
import { formatCount, UNKNOWN } from "../format/numbers.ts";
import styles from "./rank-figure.module.css";

/** The place of a model among all, by the views of the period. */
export function RankFigure({ modelId }: { modelId: string }) {
  const { shared } = useAddress();
  const { params, filterParams, isOpen } = usePeriod();
  const { data, error } = useQuery(
    ask<ModelsTable>("/v1/models/table", { ...params, ...filterParams }, { isOpen }),
  );
  const ranks = data && ranksOf(data.items, modelId);
  const { rank, of } = ranks?.byViews ?? { rank: null, of: 0 };
  const inCategory = ranks?.inCategory;
  return (
    <Link to="/models" search={shared as never} className={styles["figure"]} title={error?.message}>
      <span className="muted">Rank by views</span>
      <span className={styles["value"]}>
        {rank === null ? UNKNOWN : formatCount(rank)} {rank !== null && <small>of {formatCount(of)}</small>}
      </span>
      <span className="muted">
        {inCategory?.byViews.rank != null &&
          `${formatCount(inCategory.byViews.rank)} of ${formatCount(inCategory.byViews.of)} in ${inCategory.category}`}
      </span>
    </Link>
  );
}
