import type { Column } from "./columns.ts";

export type ColumnLook = {
  label: string;
  /** What the header's title explains. */
  about: string;
  /** Pixels at least. */
  width: number;
  isNumber: boolean;
};

/** How the columns look. */
export const LOOKS: Readonly<Record<Column, ColumnLook>> = {
  name: { label: "Name", about: "The model's name", width: 190, isNumber: false },
  category: { label: "Category", about: "The model's category", width: 130, isNumber: false },
  views: { label: "Views", about: "Views in the period", width: 104, isNumber: true },
  viewers: { label: "Viewers", about: "Different viewers in the period", width: 104, isNumber: true },
  change: {
    label: "Change of views",
    about: "Against the period of comparison. Sorted by percent; fewer than 10 views before count as 10",
    width: 190,
    isNumber: true,
  },
  trend: {
    label: "Trend",
    about:
      "Views over the period. Sorted by how many more come with each bucket, without the one that still grows",
    width: 136,
    isNumber: false,
  },
  viewed: { label: "Last view", about: "The last view in the period", width: 152, isNumber: true },
  added: { label: "Added", about: "When the model was added", width: 140, isNumber: true },
};

/** Pixels of the column with the checkboxes. */
export const CHECK_WIDTH = 44;
