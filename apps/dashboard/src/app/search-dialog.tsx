import type { ModelList } from "@model-views/shared/contracts/models.ts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useAddress } from "../address/use-address.ts";
import { ask } from "../api/ask.ts";
import { useSettled } from "../api/use-settled.ts";
import { useShortcut } from "../keys/shortcuts-provider.tsx";
import { Dialog } from "../parts/dialog.tsx";
import styles from "./search-dialog.module.css";
import { nextActive, type SearchResult, searchResults } from "./search-results.ts";

/** Models that are shown. */
const MODELS_SHOWN = 8;
/** Milliseconds without a key before the text is asked for. */
const TYPING_MS = 150;

/** Finds models by name, and pages. `/` opens it, and so does the header. */
export function SearchDialog() {
  const [isOpen, setOpen] = useState(false);
  useShortcut((action) => {
    if (action.do !== "search") return false;
    setOpen(true);
    return true;
  });
  return (
    <Dialog isOpen={isOpen} onClose={() => setOpen(false)} name="Search" className={styles["search"]}>
      <SearchBox close={() => setOpen(false)} />
    </Dialog>
  );
}

function SearchBox({ close }: { close: () => void }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const asked = useSettled(text.trim(), TYPING_MS);
  const models = useQuery({
    ...ask<ModelList>("/v1/models", { q: asked, limit: MODELS_SHOWN }),
    enabled: asked !== "",
  });
  const results = searchResults(text, asked === "" || text.trim() === "" ? [] : (models.data?.items ?? []));
  const open = useOpenResult(close);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const shown = results[Math.min(active, results.length - 1)];

  function press(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = nextActive(active, event.key === "ArrowDown" ? 1 : -1, results.length);
      setActive(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter" && shown !== undefined && !event.nativeEvent.isComposing) {
      event.preventDefault();
      open(shown);
    }
  }

  return (
    <>
      <div className={styles["box"]}>
        <Search size={18} aria-hidden />
        <input
          role="combobox"
          aria-label="Search models and pages"
          aria-expanded={results.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={shown?.id}
          autoComplete="off"
          spellCheck={false}
          placeholder="A model's name, or a page"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={press}
        />
        <button type="button" className={styles["close"]} onClick={close}>
          <kbd>Esc</kbd>
          <span className="hidden-text">Close the search</span>
        </button>
      </div>
      <div ref={list} id={listId} role="listbox" aria-label="Found" className={styles["results"]}>
        {results.map((result) => (
          <button
            key={result.id}
            id={result.id}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={result === shown}
            onClick={() => open(result)}
          >
            <span>{result.label}</span>
            <span className="muted">{result.note}</span>
          </button>
        ))}
      </div>
      <p className={styles["state"]} role="status">
        {stateOf(text.trim(), asked, models)}
      </p>
    </>
  );
}

function stateOf(
  text: string,
  asked: string,
  models: { data: ModelList | undefined; error: Error | null; isFetching: boolean },
): string {
  if (text === "") return "Arrow keys choose, Enter opens.";
  if (models.error !== null) return `Models cannot be searched: ${models.error.message}`;
  if (text !== asked || models.isFetching || models.data === undefined) return "Searching models…";
  const { items, next } = models.data;
  if (items.length === 0) return `No model's name contains “${text}”.`;
  if (next !== null) return "There are more models: type more of the name.";
  return items.length === 1 ? "One model." : `${items.length} models.`;
}

function useOpenResult(close: () => void): (result: SearchResult) => void {
  const navigate = useNavigate();
  const { shared } = useAddress();
  return (result) => {
    close();
    if (result.kind === "page") void navigate({ to: result.to, search: shared as never });
    else
      void navigate({ to: "/models/$modelId", params: { modelId: result.modelId }, search: shared as never });
  };
}
