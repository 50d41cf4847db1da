import type { ModelsTable } from "@model-views/shared/contracts/models-table.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { placeOf } from "../api/places.ts";
import { formatCount, UNKNOWN } from "../format/numbers.ts";
import styles from "./rank-figure.module.css";

/** The place of a model among all, by the views of the period. */
export function RankFigure({ modelId }: { modelId: string }) {
  const { shared } = useAddress();
  const { params, filterParams, isOpen } = usePeriod();
  const { data, error } = useQuery({
    ...ask<ModelsTable>("/v1/models/table", { ...params, ...filterParams }, { isOpen }),
    structuralSharing: false,
  });
  const rows = data?.items ?? [];
  const category = rows.find((row) => row.modelId === modelId)?.category ?? null;
  const place = placeOf(rows, modelId, "totalViews");
  const ofCategory = category === null ? [] : rows.filter((row) => row.category === category);
  const inCategory = placeOf(ofCategory, modelId, "totalViews");
  return (
    <Link to="/models" search={shared as never} className={styles["figure"]} title={error?.message}>
      <span className="muted">Rank by views</span>
      <span className={styles["value"]}>
        {place === undefined ? UNKNOWN : formatCount(place.rank)}{" "}
        {place !== undefined && <small>of {formatCount(place.of)}</small>}
      </span>
      <span className="muted">
        {inCategory !== undefined &&
          `${formatCount(inCategory.rank)} of ${formatCount(inCategory.of)} in ${category}`}
      </span>
    </Link>
  );
}
