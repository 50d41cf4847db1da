import { ImageDown } from "lucide-react";
import type { RefObject } from "react";
import linkStyles from "../parts/link-button.module.css";
import type { Line } from "./lines.ts";
import { pictureOf, saveAs, toPng } from "./picture.ts";

/** Saves a chart as SVG or PNG, with its title and legend. */
export function SavePicture({
  svg,
  title,
  lines,
}: {
  svg: RefObject<SVGSVGElement | null>;
  title: string;
  lines: readonly Pick<Line, "label" | "color">[];
}) {
  const draw = () => {
    if (svg.current === null) throw new Error("the chart is not there");
    return pictureOf(svg.current, { title, legend: lines });
  };
  return (
    <>
      <button
        type="button"
        className={linkStyles["button"]}
        onClick={() => saveAs(draw().blob, `${title}.svg`)}
      >
        <ImageDown size={14} aria-hidden />
        SVG
      </button>
      <button
        type="button"
        className={linkStyles["button"]}
        onClick={() => void toPng(draw()).then((blob) => saveAs(blob, `${title}.png`))}
      >
        <ImageDown size={14} aria-hidden />
        PNG
      </button>
    </>
  );
}
