import type { FrontPage, FrontPageSeat } from "@model-views/shared/contracts/front-page.ts";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useAddress } from "../../address/use-address.ts";
import { ask } from "../../api/ask.ts";
import { Failure } from "../../parts/failure.tsx";
import styles from "./front-page.module.css";
import { paramsOf, RANKINGS, type Rules, writeRules } from "./rules.ts";
import { RANKING_LABELS } from "./rules-bar.tsx";

/** The same rules with every ranking, side by side. Models of the chosen one are marked. */
export function OtherRankings({
  rules,
  asked,
  chosen,
}: {
  rules: Rules;
  asked: { category: string | undefined; period: object };
  chosen: readonly FrontPageSeat[];
}) {
  const { searchWith } = useAddress();
  const results = useQueries({
    queries: RANKINGS.map((sort) =>
      ask<FrontPage>("/v1/front-page", paramsOf({ ...rules, current: [] }, { ...asked, sort }), {
        isOpen: true,
      }),
    ),
  });
  const isChosen = new Set(chosen.map(({ modelId }) => modelId));
  return (
    <section className={styles["others"]} aria-labelledby="rankings">
      <h2 id="rankings">Every ranking with these rules</h2>
      <div className={styles["columns"]}>
        {RANKINGS.map((sort, index) => {
          const { data, error, refetch } = results[index] ?? {};
          const items = data?.items ?? [];
          const common = items.filter(({ modelId }) => isChosen.has(modelId)).length;
          return (
            <div key={sort} data-chosen={sort === rules.sort || undefined}>
              <h3>
                <Link
                  to="."
                  search={searchWith({}, writeRules({ ...rules, sort })) as never}
                  replace
                  resetScroll={false}
                >
                  {RANKING_LABELS[sort]}
                </Link>
              </h3>
              {error != null && data === undefined && (
                <Failure error={error} onRetry={() => void refetch?.()} />
              )}
              <p className="muted">{sort === rules.sort ? "chosen" : `${common} in common`}</p>
              <ol>
                {items.map(({ modelId, name }) => (
                  <li key={modelId} data-common={isChosen.has(modelId) || undefined}>
                    {name}
                    {isChosen.has(modelId) && sort !== rules.sort && (
                      <span className="hidden-text"> (in common)</span>
                    )}
                  </li>
                ))}
              </ol>
            </div>
          );
        })}
      </div>
    </section>
  );
}
