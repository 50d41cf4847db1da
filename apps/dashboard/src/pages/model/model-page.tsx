import type { ModelAnswer } from "@model-views/shared/contracts/models.ts";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useAddress } from "../../address/use-address.ts";
import { AskError, ask } from "../../api/ask.ts";
import { Breakdowns } from "../../parts/breakdowns.tsx";
import { Failure } from "../../parts/failure.tsx";
import grid from "../../parts/grid.module.css";
import { HoursOfWeek } from "../../parts/hours-of-week.tsx";
import { NewViewers } from "../../parts/new-viewers.tsx";
import { Page } from "../../parts/page.tsx";
import { PeriodBar } from "../../parts/period-bar.tsx";
import { RankFigure } from "../../parts/rank-figure.tsx";
import { ViewsOverTime } from "../../parts/views-over-time.tsx";

/** One model: the same as the overview, its rank, new and returning viewers, and when it is viewed. */
export function ModelPage() {
  const { modelId } = useParams({ from: "/models/$modelId" });
  // Figures of another model do not stay while those of this one are asked for.
  return <OneModel key={modelId} modelId={modelId} />;
}

function OneModel({ modelId }: { modelId: string }) {
  const { shared } = useAddress();
  const query = useQuery(ask<ModelAnswer>(`/v1/models/${encodeURIComponent(modelId)}`));
  const { data: model, error } = query;
  if (error instanceof AskError && (error.status === 404 || error.status === 422)) {
    return (
      <Page title="No such model">
        <p>
          There is no model with the id {modelId}.{" "}
          <Link to="/models" search={shared as never}>
            All models
          </Link>
        </p>
      </Page>
    );
  }
  return (
    <Page
      title={model?.name ?? "Model"}
      beside={
        <p className="muted">
          {model?.category ?? ""}{" "}
          <Link to="/compare" search={{ ...shared, m: modelId } as never}>
            Compare with others
          </Link>
        </p>
      }
    >
      {error !== null && <Failure error={error} onRetry={() => void query.refetch()} />}
      <PeriodBar modelId={modelId} />
      <ViewsOverTime modelId={modelId} figures={<RankFigure modelId={modelId} />} />
      <div className={grid["grid"]}>
        <NewViewers modelId={modelId} />
        <HoursOfWeek modelId={modelId} />
        <Breakdowns modelId={modelId} />
      </div>
    </Page>
  );
}
