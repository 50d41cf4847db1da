/** Views of a model by bucket; null where they are not known. */
export type Values = readonly (number | null)[];

/** The first bucket with views. Undefined where none has any, or where one before it is not known. */
function firstViewed(values: Values): number | undefined {
  const index = values.findIndex((value) => value === null || value > 0);
  return index === -1 || values[index] === null ? undefined : index;
}

export type LinedUp = {
  /** Per series, its values from its first bucket with views on; null after its end. */
  series: (number | null)[][];
  /** Per series, where its first bucket with views was. Undefined without views: the series is all null. */
  firsts: (number | undefined)[];
};

/** Moves each series to its own first bucket with views, so that what began at different times can be compared. */
export function lineUp(series: readonly Values[]): LinedUp {
  const firsts = series.map(firstViewed);
  const length = Math.max(
    0,
    ...series.map((values, index) =>
      firsts[index] === undefined ? 0 : values.length - (firsts[index] ?? 0),
    ),
  );
  return {
    firsts,
    series: series.map((values, index) => {
      const first = firsts[index];
      return Array.from({ length }, (_, step) =>
        first === undefined ? null : (values[first + step] ?? null),
      );
    }),
  };
}

export type Indexed = {
  /** Per series, its values as percents of its base. Null everywhere without a base. */
  series: (number | null)[][];
  /** Per series, the bucket that is 100. */
  bases: (number | undefined)[];
};

/**
 * Each series as percents of its first bucket with views, whose value is 100.
 *
 * @param isWhole whether a bucket is complete. One that begins before the period, or still grows, is a base only where there is no other.
 */
export function toIndex(series: readonly Values[], isWhole: (bucket: number) => boolean): Indexed {
  const bases = series.map((values) => {
    const whole = values.findIndex((value, bucket) => value !== null && value > 0 && isWhole(bucket));
    const any = values.findIndex((value) => value !== null && value > 0);
    const base = whole === -1 ? any : whole;
    return base === -1 ? undefined : base;
  });
  return {
    bases,
    series: series.map((values, index) => {
      const base = bases[index];
      const divisor = base === undefined ? null : (values[base] ?? null);
      return values.map((value) => (value === null || divisor === null ? null : (value / divisor) * 100));
    }),
  };
}
