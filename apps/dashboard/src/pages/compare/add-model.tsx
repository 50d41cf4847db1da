import type { ModelList } from "@model-views/shared/contracts/models.ts";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { ask } from "../../api/ask.ts";
import { useSettled } from "../../api/use-settled.ts";
import styles from "./add-model.module.css";

/** Models that are offered; as many more are asked for as can be chosen already. */
const OFFERED = 8;
const TYPING_MS = 150;

/** A field that finds a model by a part of its name, and adds it. */
export function AddModel({ chosen, onAdd }: { chosen: readonly string[]; onAdd: (modelId: string) => void }) {
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const id = useId();
  const asked = useSettled(text.trim(), TYPING_MS);
  const query = useQuery({
    ...ask<ModelList>("/v1/models", { q: asked, limit: OFFERED + chosen.length }),
    enabled: asked !== "",
  });
  const isCurrent =
    asked !== "" && asked === text.trim() && query.data !== undefined && !query.isPlaceholderData;
  const found = isCurrent ? (query.data?.items ?? []) : [];
  const offered = found.filter((model) => !chosen.includes(model.id)).slice(0, OFFERED);
  const at = Math.min(active, offered.length - 1);
  const isShown = isOpen && text.trim() !== "";

  function add(modelId: string) {
    onAdd(modelId);
    setText("");
    setActive(0);
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Escape" && text !== "") setText("");
    else if (event.key === "Enter" && offered[at] !== undefined && !event.nativeEvent.isComposing)
      add(offered[at].id);
    else if (event.key === "ArrowDown") setActive((at + 1) % Math.max(offered.length, 1));
    else if (event.key === "ArrowUp") setActive((at - 1 + offered.length) % Math.max(offered.length, 1));
    else return;
    event.preventDefault();
  }

  return (
    <div className={styles["around"]}>
      <Plus size={15} aria-hidden="true" className={styles["icon"]} />
      <input
        role="combobox"
        aria-label="Add a model by its name"
        aria-expanded={isShown}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={isShown && offered[at] !== undefined ? `${id}-${at}` : undefined}
        placeholder="Add a model…"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={press}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      />
      <div className={styles["found"]} hidden={!isShown}>
        <div id={id} role="listbox" aria-label="Models found">
          {offered.map((model, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
            <div
              key={model.id}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className={styles["option"]}
              // Before the field loses the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => add(model.id)}
            >
              {model.name} <span className="muted">{model.category}</span>
            </div>
          ))}
        </div>
        <p className={styles["state"]} role="status">
          {stateOf(text.trim(), isCurrent, query.error, { found: found.length, offered: offered.length })}
        </p>
      </div>
    </div>
  );
}

function stateOf(
  text: string,
  isCurrent: boolean,
  error: Error | null,
  { found, offered }: { found: number; offered: number },
): string {
  if (text === "") return "";
  if (error !== null) return `Models cannot be searched: ${error.message}`;
  if (!isCurrent) return "Searching…";
  if (found === 0) return `No model’s name contains “${text}”.`;
  if (offered === 0) return "All of them are compared already.";
  return offered === 1 ? "One model" : `${offered} models`;
}
