const WIDTH = 112;
const HEIGHT = 28;
const PAD = 2;

/** The shape of a series, without its numbers: a row's table cells have those. A bucket that is not known leaves a gap. */
export function TrendLine({ values, isOpen }: { values: readonly (number | null)[]; isOpen: boolean }) {
  const top = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 1);
  const x = (index: number) => PAD + (index / Math.max(values.length - 1, 1)) * (WIDTH - 2 * PAD);
  const y = (value: number) => HEIGHT - PAD - (value / top) * (HEIGHT - 2 * PAD);
  const wholeEnd = isOpen ? values.length - 1 : values.length;
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={pathOf(values, 0, wholeEnd, { x, y })} fill="none" stroke="var(--views)" strokeWidth="1.5" />
      {isOpen && (
        <path
          d={pathOf(values, wholeEnd - 1, values.length, { x, y })}
          fill="none"
          stroke="var(--views)"
          strokeWidth="1.5"
          strokeDasharray="2 2"
        />
      )}
    </svg>
  );
}

function pathOf(
  values: readonly (number | null)[],
  from: number,
  end: number,
  { x, y }: { x: (index: number) => number; y: (value: number) => number },
): string {
  let path = "";
  let isDrawing = false;
  for (let index = Math.max(from, 0); index < end; index += 1) {
    const value = values[index] ?? null;
    if (value !== null) path += `${isDrawing ? "L" : "M"}${x(index).toFixed(1)},${y(value).toFixed(1)}`;
    isDrawing = value !== null;
  }
  return path;
}
