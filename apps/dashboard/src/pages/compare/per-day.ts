const DAY_MS = 86_400_000;

/** Views a day in a period. Undefined where views are not known, and in less than a day, which would be a guess about the rest of it. */
export function perDay({
  from,
  to,
  totalViews,
}: {
  from: string;
  to: string;
  totalViews: number | null;
}): number | undefined {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  return totalViews === null || days < 1 ? undefined : totalViews / days;
}
