import { SEATS_MAX } from "@model-views/shared/contracts/front-page.ts";
import { halfLifeSchema, type TopSort, topSortSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { categoryQuery, limitQuery, optionalLimitQuery } from "../http/parameters.ts";
import { periodShape } from "../http/periods.ts";

const LOCKED_ERROR = `must be ids of different models, each with a different seat of the page, like <id>:1, separated by commas`;
const IDS_ERROR = `must be at most ${SEATS_MAX} ids of different models, separated by commas`;

const PERIOD_ERROR = "is for sort=total and sort=unique";
const hasPeriodSort = (sort: TopSort) => sort === "total" || sort === "unique";

/** A list in one parameter; an empty text is an empty list. */
function emptyOrList<List extends z.ZodType>(list: List) {
  const split = (text: unknown) =>
    typeof text !== "string" ? text : text === "" ? [] : text.split(",").map((each) => each.trim());
  return z.preprocess(split, list).optional();
}

const idsQuery = emptyOrList(
  z
    .array(modelIdSchema, { error: IDS_ERROR })
    .refine((ids) => ids.length <= SEATS_MAX && new Set(ids).size === ids.length, { error: IDS_ERROR }),
);

/** The model and the seat of `<id>:<seat>`; undefined when it is not one. */
function lockedOf(text: string): { modelId: string; seat: number } | undefined {
  const [id, seat = ""] = text.split(":");
  const modelId = modelIdSchema.safeParse(id);
  if (!modelId.success || !/^[1-9]\d{0,2}$/.test(seat)) return undefined;
  return { modelId: modelId.data, seat: Number(seat) };
}

/** The locked seats of a checked question. */
export function lockedSeats(texts: readonly string[] = []): { modelId: string; seat: number }[] {
  return texts.map(lockedOf).filter((seat) => seat !== undefined);
}

function areLocks(texts: readonly string[], limit: number): boolean {
  const seats = lockedSeats(texts);
  const areDifferent = (values: readonly unknown[]) => new Set(values).size === texts.length;
  return (
    areDifferent(seats.map(({ modelId }) => modelId)) &&
    areDifferent(seats.map(({ seat }) => seat)) &&
    seats.every(({ seat }) => seat <= limit)
  );
}

/** The parameters of the front page. */
export const frontPageQuery = z
  .strictObject({
    ...periodShape,
    sort: topSortSchema.default("hot"),
    halfLife: halfLifeSchema.optional().describe("Only with `sort=hot`, by default `1d`"),
    limit: limitQuery({ max: SEATS_MAX, otherwise: 12 }).describe("Seats of the page"),
    category: categoryQuery,
    perCategory: optionalLimitQuery(SEATS_MAX)
      .optional()
      .describe(
        "The most models of one category. Locked ones count, and stay if they are more. Models without a category count as one category",
      ),
    locked: emptyOrList(z.array(z.string(), { error: LOCKED_ERROR })).describe(
      "Models that keep a seat, in any ranking: `<id>:<seat>`, seats from 1 on, separated by commas",
    ),
    excluded: idsQuery.describe("Models that get no seat, separated by commas"),
    current: idsQuery.describe(
      "The models on the front page now, by seat, separated by commas: the answer says which are new, and why others leave",
    ),
  })
  .refine(({ sort, halfLife }) => halfLife === undefined || sort === "hot", {
    error: "is for sort=hot",
    path: ["halfLife"],
  })
  .refine(({ sort, from }) => from === undefined || hasPeriodSort(sort), {
    error: PERIOD_ERROR,
    path: ["from"],
  })
  .refine(({ sort, to }) => to === undefined || hasPeriodSort(sort), { error: PERIOD_ERROR, path: ["to"] })
  .refine(({ locked = [], limit }) => areLocks(locked, limit), { error: LOCKED_ERROR, path: ["locked"] })
  .refine(
    ({ locked, excluded = [] }) => !lockedSeats(locked).some(({ modelId }) => excluded.includes(modelId)),
    { error: "has a model that is locked", path: ["excluded"] },
  );

export type FrontPageQuestion = z.infer<typeof frontPageQuery>;
