/** Pixels around the chart in a picture, and for the lines of its title and legend. */
const MARGIN = 16;
const LINE = 22;
/** Pixels of a PNG for each pixel on the screen. */
const SCALE = 2;
/** What the style sheets say of an element, and a picture by itself needs. */
const PROPERTIES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-family",
  "font-weight",
] as const;

export type Picture = { blob: Blob; width: number; height: number };

/** A chart as an SVG file by itself: its colors are those that the reader sees, and it has its title and legend. */
export function pictureOf(
  chart: SVGSVGElement,
  { title, legend }: { title: string; legend: readonly { label: string; color: string }[] },
): Picture {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copyStyles(chart, copy);
  const style = getComputedStyle(document.documentElement);
  const colorOf = (color: string) => {
    const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
    return name === undefined ? color : style.getPropertyValue(name).trim();
  };
  const [width, height] = [chart.clientWidth + 2 * MARGIN, chart.clientHeight + 2 * MARGIN + 2 * LINE];
  const picture = element("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  picture.append(element("rect", { width, height, fill: colorOf("var(--surface)") }));
  const ink = { fill: colorOf("var(--ink)"), "font-family": style.fontFamily };
  picture.append(
    element("text", { x: MARGIN, y: MARGIN + 14, "font-size": 15, "font-weight": 600, ...ink }, title),
  );
  let x = MARGIN;
  for (const { label, color } of legend) {
    picture.append(element("rect", { x, y: MARGIN + LINE + 6, width: 14, height: 4, fill: colorOf(color) }));
    picture.append(element("text", { x: x + 20, y: MARGIN + LINE + 12, "font-size": 13, ...ink }, label));
    x += 20 + label.length * 8 + 24;
  }
  const moved = element("g", { transform: `translate(${MARGIN} ${MARGIN + 2 * LINE})` });
  moved.append(...copy.childNodes);
  picture.append(moved);
  const text = new XMLSerializer().serializeToString(picture);
  return { blob: new Blob([text], { type: "image/svg+xml" }), width, height };
}

/** Draws it with twice as many pixels as it has on the screen. */
export async function toPng({ blob, width, height }: Picture): Promise<Blob> {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const { promise, resolve } = Promise.withResolvers<Blob | null>();
    canvas.toBlob(resolve, "image/png");
    const png = await promise;
    if (png === null) throw new Error("this browser cannot make a PNG");
    return png;
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replaceAll(/[^\w .-]+/g, "_");
  link.click();
  URL.revokeObjectURL(url);
}

function copyStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const property of PROPERTIES) to.setAttribute(property, style.getPropertyValue(property));
  to.removeAttribute("class");
  for (const [index, child] of [...from.children].entries()) {
    const twin = to.children[index];
    if (twin !== undefined) copyStyles(child, twin);
  }
}

function element(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== "") made.textContent = text;
  return made;
}
