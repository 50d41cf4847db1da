import type { BreakdownAnswer, Dimension } from "@model-views/shared/contracts/breakdown.ts";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { DIMENSIONS } from "../address/address.ts";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { formatCount } from "../format/numbers.ts";
import { DIMENSION_LABELS, nameOfValue } from "../format/values.ts";
import styles from "./period-bar.module.css";
import { Popover } from "./popover.tsx";

/** Values that are suggested: the most viewed ones of the period. */
const SUGGESTIONS = 50;

/** Adds a filter: a dimension, then one of its values. */
export function AddFilter({ modelId }: { modelId: string | undefined }) {
  return (
    <Popover
      name="Add a filter"
      width={320}
      className={styles["add"]}
      button={
        <>
          <Plus size={15} aria-hidden />
          Filter
        </>
      }
    >
      {(close) => <FilterForm modelId={modelId} close={close} />}
    </Popover>
  );
}

function FilterForm({ modelId, close }: { modelId: string | undefined; close: () => void }) {
  const { address, go } = useAddress();
  const [dimension, setDimension] = useState<Dimension>(
    DIMENSIONS.find((each) => address.filters[each] === undefined) ?? "country",
  );
  const [text, setText] = useState("");
  const add = (value: string) => {
    go({ filters: { ...address.filters, [dimension]: value } });
    close();
  };
  return (
    <>
      <form
        className={styles["typed"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") add(text.trim());
        }}
      >
        <select
          aria-label="What to filter by"
          value={dimension}
          data-first
          onChange={(event) => {
            setDimension(event.target.value as Dimension);
            setText("");
          }}
        >
          {DIMENSIONS.map((each) => (
            <option key={each} value={each}>
              {DIMENSION_LABELS[each]}
            </option>
          ))}
        </select>
        <input
          aria-label={dimension === "country" ? "Name, or code such as DE" : "Value"}
          placeholder={dimension === "country" ? "Name, or code such as DE" : "Value"}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" disabled={text.trim() === ""}>
          Add
        </button>
      </form>
      <Suggestions key={dimension} dimension={dimension} modelId={modelId} text={text} onChoose={add} />
    </>
  );
}

function Suggestions({
  dimension,
  modelId,
  text,
  onChoose,
}: {
  dimension: Dimension;
  modelId: string | undefined;
  text: string;
  onChoose: (value: string) => void;
}) {
  const { params, filterParams } = usePeriod();
  const { data, error } = useQuery({
    ...ask<BreakdownAnswer>("/v1/breakdown", {
      by: dimension,
      modelId,
      limit: SUGGESTIONS,
      ...params,
      ...filterParams,
      [dimension]: undefined,
    }),
    // Values of another dimension are no suggestions for this one.
    placeholderData: () => undefined,
  });
  if (error !== null) return <p className={styles["hint"]}>No suggestions: {error.message}</p>;
  if (data === undefined) return <p className={styles["hint"]}>Looking for values…</p>;
  const wanted = text.trim().toLowerCase();
  const found = data.items
    .map(({ value, views }) => ({ value: value ?? "", name: nameOfValue(dimension, value), views }))
    .filter(({ value, name }) => `${value} ${name}`.toLowerCase().includes(wanted));
  if (found.length === 0)
    return <p className={styles["hint"]}>None of the most viewed values of the period.</p>;
  return (
    <ul className={styles["choices"]} aria-label="Values of the period">
      {found.map(({ value, name, views }) => (
        <li key={value}>
          <button type="button" onClick={() => onChoose(value)}>
            <span>{name}</span>
            <span className="number muted">{formatCount(views)}</span>
            <span className="hidden-text"> views</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
