import { table } from "../report.ts";
import { type AskedQuestion, FEW_VIEWS, type StatsResults } from "./compare-stats.ts";
import { missedByAll, reportAll } from "./report-totals.ts";

/** A question may take so many times as long with ten million views as with a hundred thousand, unless it has another limit. */
const GROWTH_MAX = 15;

/** The results as text, for people. */
export function reportStats(results: StatsResults): string {
  const rows = results.asked.map((each) => {
    const { question, fewMs, medianMs, p99Ms, originalMs } = each;
    const { growthMax = GROWTH_MAX } = question;
    return [
      question.name,
      milliseconds(fewMs),
      milliseconds(medianMs),
      milliseconds(p99Ms),
      `< ${question.targetMs}`,
      `${growthOf(each).toFixed(2)} (≤ ${growthMax})${growthOf(each) > growthMax ? " !" : ""}`,
      originalMs === undefined ? "–" : milliseconds(originalMs),
      originalMs === undefined ? "–" : `${Math.round(originalMs / medianMs).toLocaleString("en")}×`,
      missedAnswers(each).length === 0 ? "met" : "MISSED",
    ];
  });
  return [
    `stats: milliseconds of an answer over HTTP, cache off, with ${results.views.toLocaleString("en")} views`,
    "",
    ...table([
      [
        "",
        `at ${FEW_VIEWS.toLocaleString("en")}`,
        "median",
        "p99",
        "target",
        "growth",
        "original design",
        "faster",
        "",
      ],
      ...rows,
    ]),
    "",
    "The original design is measured by SQL alone, on its table with its four indexes and the same views. Where it can answer,",
    "its numbers were the same.",
    "",
    ...reportAll(results),
    "",
  ].join("\n");
}

/** The targets that were missed, in words. */
export function missedStats(results: StatsResults): string[] {
  return [...results.asked.flatMap(missedAnswers), ...missedByAll(results)];
}

function missedAnswers(asked: AskedQuestion): string[] {
  const { question, medianMs } = asked;
  const { name, targetMs, growthMax = GROWTH_MAX } = question;
  const missed: string[] = [];
  if (medianMs >= targetMs)
    missed.push(`"${name}" took ${milliseconds(medianMs)} ms, and should take ${targetMs}`);
  if (growthOf(asked) > growthMax) {
    missed.push(
      `"${name}" takes ${growthOf(asked).toFixed(2)} times as long as with few views, and should ${growthMax} times`,
    );
  }
  return missed;
}

const growthOf = ({ fewMs, medianMs }: AskedQuestion) => medianMs / fewMs;
const milliseconds = (ms: number) => (ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en"));
