import type { BreakdownAnswer } from "@model-views/shared/contracts/breakdown.ts";
import { useQuery } from "@tanstack/react-query";
import { DIMENSIONS } from "../address/address.ts";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { formatCount } from "../format/numbers.ts";
import { DIMENSION_LABELS } from "../format/values.ts";
import styles from "./all-values.module.css";
import { BarList } from "./bar-list.tsx";
import { CsvLink } from "./csv-link.tsx";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./failure.tsx";

const VALUES_MAX = 1_000;
const PATH = "/v1/breakdown";

/** All values of the dimension that the address names in `all`, in a dialog. Closing it takes the name out of the address. */
export function AllValues({ modelId }: { modelId?: string | undefined }) {
  const { search, address, searchWith, go } = useAddress();
  const period = usePeriod();
  const by = DIMENSIONS.find((dimension) => dimension === search["all"]);
  const params = { ...period.params, ...period.filterParams, modelId, by, limit: VALUES_MAX };
  const query = useQuery({
    ...ask<BreakdownAnswer>(PATH, params, { isOpen: period.isOpen }),
    enabled: by !== undefined,
  });
  const close = () => go({}, { all: undefined });
  const { data, error } = query;
  return (
    <Dialog
      isOpen={by !== undefined}
      onClose={close}
      className={styles["dialog"]}
      name={by === undefined ? "" : `All values: ${DIMENSION_LABELS[by]}`}
    >
      {by !== undefined && (
        <div className={styles["content"]}>
          <header className={styles["header"]}>
            <h2>{DIMENSION_LABELS[by]}</h2>
            <button type="button" onClick={close}>
              Close
            </button>
          </header>
          {error !== null && <Failure error={error} onRetry={() => void query.refetch()} />}
          {data !== undefined && data.by === by && (
            <>
              <p className="muted">
                {formatCount(data.items.length)} values, {formatCount(data.totalViews)} views.{" "}
                <CsvLink path={PATH} params={params} what="all values" />
              </p>
              <div className={styles["rows"]}>
                <BarList
                  dimension={by}
                  items={data.items}
                  searchOf={(value) =>
                    searchWith({ filters: { ...address.filters, [by]: value ?? "" } }, { all: undefined })
                  }
                />
              </div>
            </>
          )}
          {data === undefined && error === null && <p role="status">Loading…</p>}
        </div>
      )}
    </Dialog>
  );
}
