import { max } from "d3-array";
import { geoNaturalEarth1, geoPath } from "d3-geo";
import { useMemo, useState } from "react";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json" with { type: "json" };
import { formatCount, formatShare } from "../format/numbers.ts";
import { nameOfValue } from "../format/values.ts";
import { LETTERS } from "./countries.ts";
import styles from "./world-map.module.css";

export type WorldMapProps = {
  items: readonly { value: string | null; views: number; uniqueViews: number; share: number }[];
  /** Called with a country that is clicked. The list beside the map has links for the keyboard. */
  onChoose: (code: string) => void;
};

const WIDTH = 800;
const HEIGHT = 400;
/** Steps of the scale, and the countries that the summary names. */
const STEPS = 5;
const NAMED = 5;

const world = atlas as unknown as Topology<{ countries: GeometryCollection }>;

/** Countries by their views. Small ones are missing on the map: the list beside it has all, and the numbers. */
export function WorldMap({ items, onChoose }: WorldMapProps) {
  const [active, setActive] = useState<string>();
  const shapes = useMemo(drawCountries, []);
  const byCode = useMemo(() => new Map(items.map((item) => [item.value, item])), [items]);
  const most = max(items, ({ value, views }) => (value === null ? 0 : views)) ?? 0;
  const shown = active === undefined ? undefined : byCode.get(active);
  return (
    <figure className={styles["map"]}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summaryOf(items)}>
        {shapes.map(({ key, code, path }) => {
          const views = code === undefined ? 0 : (byCode.get(code)?.views ?? 0);
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the list beside it has the same as links, for every reader
            <path
              key={key}
              d={path}
              className={styles["country"]}
              data-step={stepOf(views, most)}
              onPointerEnter={() => setActive(code)}
              onPointerLeave={() => setActive(undefined)}
              onClick={() => code !== undefined && views > 0 && onChoose(code)}
            />
          );
        })}
      </svg>
      <figcaption className={styles["caption"]}>
        {active === undefined ? (
          <Scale most={most} />
        ) : (
          <span>
            <strong>{nameOfValue("country", active)}</strong>{" "}
            {shown === undefined
              ? "no views"
              : `${formatCount(shown.views)} views by ${formatCount(shown.uniqueViews)} viewers, ${formatShare(shown.share)}`}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function Scale({ most }: { most: number }) {
  if (most === 0) return null;
  return (
    <span className={styles["scale"]}>
      1
      {Array.from({ length: STEPS }, (_, index) => (
        <i key={String(index)} data-step={index + 1} />
      ))}
      {formatCount(most)} views
    </span>
  );
}

/** 0 without views, else 1 to {@link STEPS}: by the square root, because a few countries have most of the views. */
export function stepOf(views: number, most: number): number {
  if (views <= 0) return 0;
  return Math.max(1, Math.ceil(Math.sqrt(views / most) * STEPS));
}

function summaryOf(items: WorldMapProps["items"]): string {
  const first = items
    .filter(({ value }) => value !== null)
    .slice(0, NAMED)
    .map(({ value, share }) => `${nameOfValue("country", value)} ${formatShare(share)}`);
  return first.length === 0 ? "World map: no views" : `World map of views: ${first.join(", ")}`;
}

function drawCountries(): { key: string; code: string | undefined; path: string }[] {
  const { features } = feature(world, world.objects.countries);
  // Antarctica would take a fifth of the height.
  const inhabited = features.filter(({ id }) => id !== "010");
  const projection = geoNaturalEarth1().fitSize([WIDTH, HEIGHT], {
    type: "FeatureCollection",
    features: inhabited,
  });
  const pathOf = geoPath(projection).digits(1);
  return inhabited.map((country, index) => ({
    key: String(country.id ?? `region ${index}`),
    code: LETTERS.get(String(country.id)),
    path: pathOf(country) ?? "",
  }));
}
