import type { ModelList } from "@model-views/shared/contracts/models.ts";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useId } from "react";
import { useAddress } from "../address/use-address.ts";
import { ask } from "../api/ask.ts";
import styles from "./period-bar.module.css";
import { Popover } from "./popover.tsx";

/** Chooses the category of the models. */
export function CategoryMenu() {
  const { address } = useAddress();
  return (
    <Popover
      name="Category"
      button={
        <>
          {address.category ?? "All categories"}
          <ChevronDown size={16} aria-hidden />
        </>
      }
    >
      {(close) => <Categories close={close} />}
    </Popover>
  );
}

/** Models whose categories are suggested: the most that one answer has. */
const MODELS_ASKED = 1_000;

function Categories({ close }: { close: () => void }) {
  const { address, go } = useAddress();
  const models = useQuery({
    ...ask<ModelList>("/v1/models", { limit: MODELS_ASKED }),
    staleTime: 60_000,
  });
  const id = useId();
  const known = new Set(models.data?.items.flatMap(({ category }) => category ?? []));
  const choose = (category: string | undefined) => {
    go({ category });
    close();
  };
  return (
    <>
      <form
        className={styles["typed"]}
        onSubmit={(event) => {
          event.preventDefault();
          choose(String(new FormData(event.currentTarget).get("category")).trim() || undefined);
        }}
      >
        <label htmlFor={id}>Category</label>
        <input id={id} name="category" defaultValue={address.category ?? ""} data-first />
        <button type="submit">Show</button>
      </form>
      <ul className={styles["choices"]}>
        <li>
          <button
            type="button"
            aria-current={address.category === undefined || undefined}
            onClick={() => choose(undefined)}
          >
            All categories
          </button>
        </li>
        {[...known]
          .sort((one, other) => one.localeCompare(other))
          .map((category) => (
            <li key={category}>
              <button
                type="button"
                aria-current={address.category === category || undefined}
                onClick={() => choose(category)}
              >
                {category}
              </button>
            </li>
          ))}
      </ul>
      {models.error !== null && (
        <p className={styles["hint"]}>The categories cannot be listed: {models.error.message}</p>
      )}
    </>
  );
}
