import type { WrongPart } from "../../address/address.ts";
import type { Search } from "../../address/search.ts";

/** Columns of the table, in their order. The name is always shown. */
export const COLUMNS = [
  "name",
  "category",
  "views",
  "viewers",
  "change",
  "trend",
  "viewed",
  "added",
] as const;
export type Column = (typeof COLUMNS)[number];
/** Columns that can be hidden. */
export type HideableColumn = Exclude<Column, "name">;

export const HIDEABLE: readonly HideableColumn[] = COLUMNS.filter((column) => column !== "name");

export type Sort = {
  column: Column;
  /** The other way round than what is usual for the column: least first, or Z to A. */
  isReversed: boolean;
};

/** What the address says about the table. */
export type TableAddress = {
  sort: Sort;
  /** In their order. */
  columns: readonly HideableColumn[];
  /** A part of names. */
  text: string;
};

export const DEFAULT_SORT: Sort = { column: "views", isReversed: false };

/** Stands for no column but the name. */
const NO_COLUMNS = "none";

/** Reads what {@link sortText} and {@link columnsText} write. Wrong parts are left out, and named. */
export function readTableAddress(search: Search): { table: TableAddress; wrong: WrongPart[] } {
  const wrong: WrongPart[] = [];
  const table = {
    sort: readSort(search, wrong),
    columns: readColumns(search, wrong),
    text: search["q"] ?? "",
  };
  return { table, wrong };
}

/** `views`, or `-views` the other way round; undefined for the default. */
export function sortText({ column, isReversed }: Sort): string | undefined {
  if (column === DEFAULT_SORT.column && isReversed === DEFAULT_SORT.isReversed) return undefined;
  return isReversed ? `-${column}` : column;
}

/** The shown columns with commas; undefined for all of them. */
export function columnsText(shown: readonly HideableColumn[]): string | undefined {
  if (shown.length === HIDEABLE.length) return undefined;
  return shown.length === 0 ? NO_COLUMNS : HIDEABLE.filter((column) => shown.includes(column)).join(",");
}

/** What a click on a column's header sorts by. */
export function sortAfterClick({ column, isReversed }: Sort, clicked: Column): Sort {
  return { column: clicked, isReversed: column === clicked && !isReversed };
}

/** Columns that begin with A, or with what is smallest; the others begin with the most or the newest. */
const ASCENDING: ReadonlySet<Column> = new Set<Column>(["name", "category"]);

/** Whether the smallest comes first. */
export function isAscending({ column, isReversed }: Sort): boolean {
  return ASCENDING.has(column) !== isReversed;
}

function readSort({ sort }: Search, wrong: WrongPart[]): Sort {
  if (sort === undefined) return DEFAULT_SORT;
  const isReversed = sort.startsWith("-");
  const column = COLUMNS.find((each) => each === (isReversed ? sort.slice(1) : sort));
  if (column !== undefined) return { column, isReversed };
  wrong.push({ name: "sort", value: sort, why: `is none of ${COLUMNS.join(", ")}` });
  return DEFAULT_SORT;
}

function readColumns({ columns }: Search, wrong: WrongPart[]): readonly HideableColumn[] {
  if (columns === undefined) return HIDEABLE;
  if (columns === NO_COLUMNS) return [];
  const words = columns.split(",");
  const known = HIDEABLE.filter((column) => words.includes(column));
  const shown = known.length === 0 ? HIDEABLE : known;
  const unknown = words.filter((word) => !COLUMNS.some((column) => column === word));
  if (unknown.length > 0) {
    const why = `is none of ${HIDEABLE.join(", ")}, ${NO_COLUMNS}`;
    wrong.push({ name: "columns", value: unknown.join(","), why, instead: columnsText(shown) });
  }
  return shown;
}
