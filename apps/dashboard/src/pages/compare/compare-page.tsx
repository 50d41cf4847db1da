import type { AudienceAnswer } from "@model-views/shared/contracts/audience.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useMemo } from "react";
import {
  chosenModelsText,
  readChosenModels,
  unknownModels,
  wrongModels,
} from "../../address/chosen-models.ts";
import { useAddress } from "../../address/use-address.ts";
import { usePeriod } from "../../address/use-period.ts";
import { ask } from "../../api/ask.ts";
import { LineKey } from "../../charts/line-reading.tsx";
import { DASHES } from "../../charts/lines.ts";
import { Page } from "../../parts/page.tsx";
import { PeriodBar } from "../../parts/period-bar.tsx";
import { AddModel } from "./add-model.tsx";
import styles from "./compare-page.module.css";
import { ComparedChart } from "./compared-chart.tsx";
import { COMPARED_MAX, type ComparedModel, useComparedModels } from "./compared-models.ts";
import { DifferentViewers } from "./different-viewers.tsx";
import { SharedViewers } from "./shared-viewers.tsx";
import { SideBySide } from "./side-by-side.tsx";

/** Two to five models beside one another, and the viewers that they share. */
export function ComparePage() {
  const { search } = useAddress();
  const { chosen, leftOut } = useMemo(() => readChosenModels(search, COMPARED_MAX), [search]);
  const { models, unknown } = useComparedModels(chosen);
  const kept = models.map(({ modelId }) => modelId);
  const wrong = wrongModels([...leftOut, ...unknownModels(unknown)], kept);
  return (
    <Page title="Compare">
      <PeriodBar wrong={wrong} />
      <Chosen models={models} />
      {models.length < 2 ? <TooFew count={models.length} /> : <Compared models={models} />}
    </Page>
  );
}

function Chosen({ models }: { models: readonly ComparedModel[] }) {
  const { shared, go } = useAddress();
  const ids = models.map(({ modelId }) => modelId);
  const goTo = (next: readonly string[]) => go({}, { m: chosenModelsText(next) });
  return (
    <section className={styles["chosen"]} aria-label="Models that are compared">
      <ul>
        {models.map(({ modelId, name, color }, index) => (
          <li key={modelId}>
            <LineKey color={color} dash={DASHES[index]} />
            <Link to="/models/$modelId" params={{ modelId }} search={shared as never}>
              {name}
            </Link>
            <button
              type="button"
              aria-label={`Take ${name} out`}
              onClick={() => goTo(ids.filter((each) => each !== modelId))}
            >
              <X size={14} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      {models.length < COMPARED_MAX ? (
        <AddModel chosen={ids} onAdd={(modelId) => goTo([...ids, modelId])} />
      ) : (
        <p className="muted">{COMPARED_MAX} are the most.</p>
      )}
    </section>
  );
}

function TooFew({ count }: { count: number }) {
  const { shared } = useAddress();
  return (
    <div className={styles["few"]}>
      <h2>{count === 0 ? "Choose two to five models" : "Add another model"}</h2>
      <p>
        Find them by name above, or{" "}
        <Link to="/models" search={shared as never}>
          select them in the table of all models
        </Link>
        . You see their views beside one another, and how many different viewers saw any of them, or all.
      </p>
    </div>
  );
}

function Compared({ models }: { models: readonly ComparedModel[] }) {
  const period = usePeriod();
  const { params, filterParams, isOpen } = period;
  const ids = models.map(({ modelId }) => modelId);
  const audience = useQuery({
    ...ask<AudienceAnswer>("/v1/audience", { ...params, ...filterParams, models: ids }, { isOpen }),
    // Not the viewers of other models.
    placeholderData: (former) =>
      former?.items.map(({ modelId }) => modelId).join() === ids.join() ? former : undefined,
  });
  return (
    <>
      <DifferentViewers audience={audience} models={models} period={period} />
      <ComparedChart models={models} />
      <SideBySide models={models} />
      <SharedViewers audience={audience} models={models} />
    </>
  );
}
