import {
  createContext,
  type ReactNode,
  type RefObject,
  use,
  useCallback,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from "react";
import { keep, readKept } from "./kept-settings.ts";
import { decideShortcut, PREFIX_MS, type ShortcutAction } from "./shortcuts.ts";

/** Returns whether it has done something. */
type Handle = (action: ShortcutAction) => boolean;
type RowList = { element: HTMLElement; move: (by: -1 | 1) => void };

type Shortcuts = {
  isOn: boolean;
  setOn: (isOn: boolean) => void;
  /** Does what a key would do; for buttons. Returns whether a part has done it. */
  perform: Handle;
  handles: Set<Handle>;
  rowLists: Set<RowList>;
};

const ShortcutsContext = createContext<Shortcuts | undefined>(undefined);

/** Listens to the keys of the whole page, and passes what they mean to the parts that want it. */
export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [isOn, setIsOn] = useState(() => readKept("shortcuts") !== "off");
  const handles = useRef(new Set<Handle>()).current;
  const rowLists = useRef(new Set<RowList>()).current;
  const prefixAt = useRef(Number.NEGATIVE_INFINITY);

  const perform = useCallback(
    (action: ShortcutAction) =>
      action.do === "row"
        ? moveRow(rowLists, action.by)
        : // What came last is closest to the reader.
          [...handles].reverse().some((handle) => handle(action)),
    [handles, rowLists],
  );
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]") !== null)
      return;
    const now = performance.now();
    const action = decideShortcut(pressedKey(event), {
      isOn,
      afterPrefix: now - prefixAt.current < PREFIX_MS,
    });
    prefixAt.current = action === "prefix" ? now : Number.NEGATIVE_INFINITY;
    if (action === undefined || action === "prefix") return;
    if (perform(action)) event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);

  const value = useMemo(
    () => ({
      isOn,
      setOn(next: boolean) {
        keep("shortcuts", next ? undefined : "off");
        setIsOn(next);
      },
      perform,
      handles,
      rowLists,
    }),
    [isOn, perform, handles, rowLists],
  );
  return <ShortcutsContext value={value}>{children}</ShortcutsContext>;
}

/** @throws outside of {@link ShortcutsProvider}. */
export function useShortcuts(): Shortcuts {
  const shortcuts = use(ShortcutsContext);
  if (shortcuts === undefined) throw new Error("useShortcuts is used outside of ShortcutsProvider");
  return shortcuts;
}

/** Does what keys mean, while the component is shown. */
export function useShortcut(handle: Handle): void {
  const { handles } = useShortcuts();
  const current = useEffectEvent(handle);
  useEffect(() => {
    const each: Handle = (action) => current(action);
    handles.add(each);
    return () => void handles.delete(each);
  }, [handles]);
}

/**
 * Moves through rows with `j` and `k`: the list that has the focus, or the first one of the page.
 *
 * @public Pages with lists and tables use it.
 * @param move what a key does. Left out: the focus goes to the first link or button of the next `[data-row]` in the list.
 * @example const rows = useRowKeys<HTMLTableSectionElement>(); … <tbody ref={rows}><tr data-row>
 */
export function useRowKeys<Element extends HTMLElement>(
  move?: (by: -1 | 1) => void,
): RefObject<Element | null> {
  const { rowLists } = useShortcuts();
  const ref = useRef<Element>(null);
  const current = useEffectEvent((by: -1 | 1) => {
    if (move !== undefined) move(by);
    else if (ref.current !== null) focusRow(ref.current, by);
  });
  useEffect(() => {
    if (ref.current === null) return;
    const list: RowList = { element: ref.current, move: (by) => current(by) };
    rowLists.add(list);
    return () => void rowLists.delete(list);
  }, [rowLists]);
  return ref;
}

function moveRow(rowLists: ReadonlySet<RowList>, by: -1 | 1): boolean {
  const [first, ...others] = [...rowLists].sort(({ element: one }, { element: other }) =>
    one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
  );
  if (first === undefined) return false;
  const focused = others.find(({ element }) => element.contains(document.activeElement));
  (focused ?? first).move(by);
  return true;
}

function focusRow(list: HTMLElement, by: -1 | 1): void {
  const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at === -1 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  (next?.querySelector<HTMLElement>("a[href], button") ?? next)?.focus();
}

const FIELDS = "input, select, textarea, [contenteditable]";
const WITH_ARROWS =
  '[tabindex="0"], [role="slider"], [role="tab"], [role="radio"], [role="option"], [role="grid"], [role="menuitem"]';

function pressedKey(event: KeyboardEvent): Parameters<typeof decideShortcut>[0] {
  const target = event.target instanceof Element ? event.target : document.body;
  return {
    key: event.key,
    hasModifier: event.ctrlKey || event.metaKey || event.altKey,
    isTyping: target.closest(FIELDS) !== null,
    usesArrows: target.closest(WITH_ARROWS) !== null,
  };
}
