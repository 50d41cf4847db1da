import type { ModelsTable as Answer, ModelRow } from "@model-views/shared/contracts/models-table.ts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { readChosenModels, unknownModels, wrongModels } from "../../address/chosen-models.ts";
import type { Search } from "../../address/search.ts";
import { useAddress } from "../../address/use-address.ts";
import { usePeriod } from "../../address/use-period.ts";
import { ask } from "../../api/ask.ts";
import { formatCount } from "../../format/numbers.ts";
import { CsvLink } from "../../parts/csv-link.tsx";
import { Page } from "../../parts/page.tsx";
import { Panel } from "../../parts/panel.tsx";
import { PeriodBar } from "../../parts/period-bar.tsx";
import { readTableAddress } from "./columns.ts";
import { ColumnsMenu } from "./columns-menu.tsx";
import { filterRows } from "./filter-rows.ts";
import { ModelsTable } from "./models-table.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { sortRows } from "./sort-rows.ts";
import { TableFilters } from "./table-filters.tsx";
import { bucketsOf } from "./trend.ts";
import { CHOSEN_MAX } from "./use-selection.ts";

const PATH = "/v1/models/table";
const MIN_HEIGHT = 480;
const INCOMPLETE =
  "Retention has removed views of this period. A model with a dash had views that are not known any more.";
/** Milliseconds: ten thousand rows are read again less often than a few numbers. */
const REFRESH_MS = 60_000;

/** All models in one table: filtered, sorted and chosen by the address. */
export function ModelsPage() {
  const { address, search } = useAddress();
  const period = usePeriod();
  const { isOpen } = period;
  const params = { ...period.comparedParams, ...period.filterParams };
  const question = ask<Answer>(
    PATH,
    { ...params, series: bucketsOf(period.days) },
    isOpen ? { refreshMs: REFRESH_MS } : {},
  );
  // Comparing ten thousand rows with those before costs more than rendering the few that are seen.
  const query = useQuery({ ...question, structuralSharing: false });
  const { table, wrong } = useMemo(() => readTableAddress(search), [search]);
  const all = query.data?.items;
  const selection = useMemo(() => selectionOf(search, all), [search, all]);
  const { text, sort } = table;
  const { category } = address;
  const shown = useMemo(() => filterRows(all ?? [], { text, category }), [all, text, category]);
  const rows = useMemo(() => sortRows(shown, sort, isOpen), [shown, sort, isOpen]);
  return (
    <Page title="Models">
      <PeriodBar has={{ interval: false }} wrong={[...wrong, ...selection.wrong]} />
      <Panel
        title={titleOf(all?.length, rows.length)}
        query={query}
        note={query.data?.isIncomplete === true ? INCOMPLETE : undefined}
        minHeight={MIN_HEIGHT}
        actions={
          <>
            <ColumnsMenu shown={table.columns} />
            <CsvLink path={PATH} params={{ ...params, category }} what={category ?? "all models"} />
          </>
        }
        above={<TableFilters rows={all ?? []} />}
        isEmpty={({ items }) => items.length === 0}
        empty="There are no models yet. They come here as soon as the website has made them known."
      >
        {(answer) => (
          <ModelsTable answer={answer} rows={rows} table={table} chosen={selection.chosen} period={period} />
        )}
      </Panel>
      <SelectionBar chosen={selection.chosen} rows={all} />
    </Page>
  );
}

/** The selected models that exist, as far as is known. */
function selectionOf(search: Search, rows: readonly ModelRow[] | undefined) {
  const { chosen, leftOut } = readChosenModels(search, CHOSEN_MAX);
  const ids =
    rows === undefined || chosen.length === 0 ? undefined : new Set(rows.map(({ modelId }) => modelId));
  const kept = chosen.filter((modelId) => ids?.has(modelId) ?? true);
  const unknown = chosen.filter((modelId) => !kept.includes(modelId));
  return { chosen: kept, wrong: wrongModels([...leftOut, ...unknownModels(unknown)], kept) };
}

function titleOf(all: number | undefined, shown: number): string {
  if (all === undefined) return "All models";
  if (shown === all) return all === 1 ? "1 model" : `${formatCount(all)} models`;
  return `${formatCount(shown)} of ${formatCount(all)} models`;
}
