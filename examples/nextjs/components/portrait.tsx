import { useId } from "react";
import type { Look, Model } from "@/lib/models";

type PortraitProps = {
  model: Pick<Model, "name" | "look">;
  /** `bust` for a page, `face` for a list. */
  crop?: "bust" | "face";
  /** Turned the other way than usual: a second picture of the same person. */
  mirrored?: boolean;
  /** Without wall and light: for a page that has its own. */
  cutOut?: boolean;
  /** Hidden from screen readers: the name beside it is enough. */
  decorative?: boolean;
};

/** A poster-like portrait that is drawn from `look`: no picture is loaded. */
export function Portrait({ model, crop = "bust", mirrored, cutOut, decorative }: PortraitProps) {
  const id = useId();
  const { look, name } = model;
  const isTurned = Boolean(look.turned) !== Boolean(mirrored);
  return (
    <svg
      className="portrait"
      viewBox={crop === "bust" ? "0 0 400 500" : "70 62 260 260"}
      preserveAspectRatio="xMidYMid slice"
      role="img"
      aria-label={`Portrait of ${name}`}
      aria-hidden={decorative}
    >
      <defs>
        <linearGradient id={`${id}wall`} x1="0" y1="0" x2="0.6" y2="1">
          <stop offset="0" stopColor={look.light} />
          <stop offset="1" stopColor={look.wall} />
        </linearGradient>
        <clipPath id={`${id}face`}>
          <path d={FACE} />
        </clipPath>
        <clipPath id={`${id}body`}>
          <path d={BODY} />
        </clipPath>
      </defs>
      {!cutOut && <rect width="400" height="500" fill={`url(#${id}wall)`} />}
      <g transform={isTurned ? "translate(400 0) scale(-1 1)" : undefined}>
        {!cutOut && <circle cx="112" cy="158" r="124" fill={look.light} opacity="0.6" />}
        <BackHair look={look} />
        <Body look={look} clip={`url(#${id}body)`} />
        <Face look={look} clip={`url(#${id}face)`} />
        <FrontHair look={look} />
      </g>
    </svg>
  );
}

const FACE =
  "M200 112c48 0 72 34 71 88-1 46-12 74-30 96-13 16-26 26-41 26s-28-10-41-26c-18-22-29-50-30-96-1-54 23-88 71-88z";
const BODY = "M20 512c4-74 42-104 98-120 26-8 44-14 54-24h56c10 10 28 16 54 24 56 16 94 46 98 120z";
const SHADOW = "#1b0d14";

function Body({ look: { skin, clothes, collar }, clip }: { look: Look; clip: string }) {
  return (
    <>
      <path d="M168 280h64l2 96c-8 26-60 26-68 0z" fill={skin} />
      <path d={BODY} fill={collar === "straps" || collar === "boat" ? skin : clothes} />
      <g clipPath={clip}>
        {collar === "straps" && (
          <path
            d="M0 520V452c60-8 96-2 122 10l16-78h14l-6 86c30 8 78 8 108 0l-6-86h14l16 78c26-12 62-18 122-10v68z"
            fill={clothes}
          />
        )}
        {collar === "boat" && (
          <path d="M0 520V400c60-14 86-12 112-8 30 34 146 34 176 0 26-4 52-6 112 8v120z" fill={clothes} />
        )}
        {collar === "shirt" && (
          <>
            <path d="M168 340h64v24l-32 68-32-68z" fill={skin} />
            <path d="M164 362l36 70-38 30-26-74zM236 362l-36 70 38 30 26-74z" fill={clothes} />
            <path d="M164 362l36 70-38 30-26-74zM236 362l-36 70 38 30 26-74z" fill={SHADOW} opacity="0.16" />
            <path d="M199 432h3v90h-3z" fill={SHADOW} opacity="0.35" />
          </>
        )}
        {collar === "coat" && (
          <>
            <path d="M168 340h64v24l-32 112-32-112z" fill={skin} />
            <path
              d="M168 358l32 118-2 30-62-26-32-70 40-30zM232 358l-32 118 2 30 62-26 32-70-40-30z"
              fill={SHADOW}
              opacity="0.22"
            />
          </>
        )}
        <path d="M236 340c30 40 120 40 170 90v90H250c20-60 10-120-14-180z" fill={SHADOW} opacity="0.14" />
      </g>
      {collar === "roll" && (
        <>
          <path d="M160 334c24 14 56 14 80 0l6 52c-24 20-68 20-92 0z" fill={clothes} />
          <path d="M157 352c26 16 60 16 86 0l1 8c-28 16-60 16-88 0z" fill={SHADOW} opacity="0.2" />
        </>
      )}
      {collar !== "roll" && (
        <path d="M168 296c20 34 44 42 66 24l0 30c-22 18-52 12-66-14z" fill={SHADOW} opacity="0.28" />
      )}
    </>
  );
}

function Face({ look: { skin, lips, hair, cut }, clip }: { look: Look; clip: string }) {
  return (
    <>
      <path d="M134 208c-12-4-16 8-13 22 3 16 9 24 17 22z" fill={skin} />
      <path d="M266 208c12-4 16 8 13 22-3 16-9 24-17 22z" fill={skin} />
      <path d="M266 208c12-4 16 8 13 22-3 16-9 24-17 22z" fill={SHADOW} opacity="0.24" />
      <path d={FACE} fill={skin} />
      <g clipPath={clip}>
        <path
          d="M214 100c-6 50-10 74-4 96 4 16 16 34 14 44-2 8-14 10-20 10 0 12 10 14 8 24-2 14-8 30-10 60h110V100z"
          fill={SHADOW}
          opacity="0.2"
        />
      </g>
      <g fill="none" stroke={SHADOW} strokeLinecap="round" opacity="0.85">
        <path d="M151 212c8 8 22 9 32 2" strokeWidth="3.2" />
        <path d="M219 214c10 7 23 6 31-2" strokeWidth="3.2" />
      </g>
      <g fill="none" stroke={cut === "shaved" ? SHADOW : hair} strokeLinecap="round" opacity="0.8">
        <path d="M147 190c10-9 24-11 37-6" strokeWidth="5" />
        <path d="M217 184c12-5 26-3 36 6" strokeWidth="5" />
      </g>
      <path d="M178 278c8-6 16-7 22-3 6-4 14-3 22 3-8 4-36 4-44 0z" fill={lips} />
      <path d="M180 277c12 3 30 3 40 0-6 12-14 15-20 15s-14-3-20-15z" fill={lips} opacity="0.82" />
    </>
  );
}

function BackHair({ look: { hair, cut } }: { look: Look }) {
  const shapes: Partial<Record<Look["cut"], string>> = {
    bob: "M200 88c66 0 90 44 88 104-1 46 4 84 10 112-30 14-60 10-70 6h-56c-10 4-40 8-70-6 6-28 11-66 10-112-2-60 22-104 88-104z",
    fringe:
      "M200 88c64 0 88 42 88 100 0 70 4 150 14 208-30 8-58 6-74 0h-56c-16 6-44 8-74 0 10-58 14-138 14-208 0-58 24-100 88-100z",
    long: "M200 90c66 0 90 46 86 106-3 50 12 130 26 196-32 22-70 18-84 4h-56c-14 14-52 18-84-4 14-66 29-146 26-196-4-60 20-106 86-106z",
    waves:
      "M200 86c74-4 100 48 92 104-4 28 22 46 16 80-5 26 14 42 4 74-8 28-50 40-80 28h-64c-30 12-72 0-80-28-10-32 9-48 4-74-6-34 20-52 16-80-8-56 18-100 92-104z",
    curls:
      "M200 76c30-14 62 0 72 24 26 8 34 36 24 58 10 22 2 44-16 52H120c-18-8-26-30-16-52-10-22-2-50 24-58 10-24 42-38 72-24z",
  };
  const shape = shapes[cut];
  return (
    <>
      {cut === "bun" && <circle cx="200" cy="74" r="38" fill={hair} />}
      {shape !== undefined && <path d={shape} fill={hair} />}
    </>
  );
}

function FrontHair({ look: { hair, cut } }: { look: Look }) {
  const shapes: Record<Look["cut"], string> = {
    bun: "M128 206c-6-64 22-102 72-102s78 38 72 102c-8-34-26-66-72-66s-64 32-72 66z",
    bob: "M126 230c-14-80 16-134 74-134s88 54 74 134c-2-38-22-70-52-92-14 26-60 40-88 46-4 12-6 26-8 46z",
    fringe: "M124 236c-12-84 18-138 76-138s88 54 76 138c-4-18-6-30-8-46-40 10-96 10-136 0-2 16-4 28-8 46z",
    long: "M126 240c-16-84 14-142 74-142s90 58 74 142c-4-40-26-84-70-116-38 30-72 70-78 116z",
    waves:
      "M124 236c-18-84 20-142 80-140 62 2 86 62 70 136-2-36-22-60-54-96-20 34-62 44-88 60-4 12-6 24-8 40z",
    curls:
      "M126 200c-10-50 8-96 74-98 66 2 84 48 74 98-6-20-10-32-22-40-12 4-20-2-26-10-10 8-22 8-32 0-10 8-22 8-30 0-8 10-18 14-26 10-6 10-8 22-12 40z",
    crop: "M128 196c-8-60 20-100 76-100 52 0 76 42 68 100-4-20-8-36-16-46-30 4-70 0-92-16-16 14-30 34-36 62z",
    parted:
      "M128 202c-10-66 20-108 76-106 54 2 78 46 68 106-4-22-10-38-20-52-36 0-64-10-80-24-22 14-38 42-44 76z",
    shaved: "M132 184c-2-48 22-76 68-76s70 28 68 76c-8-30-28-50-68-50s-60 20-68 50z",
  };
  return <path d={shapes[cut]} fill={hair} opacity={cut === "shaved" ? 0.55 : 1} />;
}
