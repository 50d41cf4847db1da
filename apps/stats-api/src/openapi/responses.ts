import type { Answer, Example, Operation } from "../operations/operation.ts";
import { refTo } from "./json-schema.ts";
import { examplesOf, requestLine } from "./request.ts";

const PROBLEM = "application/problem+json";

const RETRY_AFTER = {
  description: "Seconds until another try makes sense",
  schema: { type: "integer" },
};
const WWW_AUTHENTICATE = { description: "How a key is sent", schema: { type: "string", const: "Bearer" } };

/** What goes wrong, wherever it does. */
const PROBLEMS = {
  400: { description: "The body is not JSON in UTF-8" },
  401: { description: "A key is needed, or another one", headers: { "WWW-Authenticate": WWW_AUTHENTICATE } },
  404: { description: "There is no such model" },
  413: { description: "The body is too large" },
  415: { description: "The body is not `application/json`" },
  422: { description: "Something in the request is not valid; `errors` names each field" },
  500: { description: "Something went wrong here" },
  503: {
    description: "The database is away or too busy, or too many ask the same kind of question",
    headers: { "Retry-After": RETRY_AFTER },
  },
} as const;

type ProblemStatus = keyof typeof PROBLEMS;

/** Problem answers for `#/components/responses`, by names like `Problem404`. */
export function namedProblems(): Record<string, object> {
  const statuses = Object.keys(PROBLEMS).map((status) => Number(status) as ProblemStatus);
  return Object.fromEntries(statuses.map((status) => [nameOf(status), problemAnswer(status, {})]));
}

/** Every answer of an operation, by status. */
export function responsesOf(operation: Operation): Record<string, object> {
  const told = (status: number, isTold: (example: Example) => boolean = () => true) =>
    examplesOf(
      operation.examples,
      (example) => (example.status === status && isTold(example) ? example.answer : undefined),
      (example) => `\`${requestLine(operation, example)}\``,
    );
  const answers = Object.entries(operation.answers).map(([status, answer]) => [
    status,
    answerOf(answer, (isTold) => told(Number(status), isTold)),
  ]);
  const problems = problemsOf(operation).map((status) => {
    const own = told(status);
    return [status, own.examples === undefined ? refToProblem(status) : problemAnswer(status, own)];
  });
  return Object.fromEntries([...answers, ...problems]);
}

function problemsOf({ key, params, query, body, mayBeUnknown }: Operation): ProblemStatus[] {
  // What is nobody's secret asks for nothing and parses nothing.
  if (key === "none") return [];
  const takes = params !== undefined || query !== undefined || body !== undefined;
  return [
    ...(body === undefined ? [] : ([400, 413, 415] as const)),
    401,
    ...(mayBeUnknown === true ? ([404] as const) : []),
    ...(takes ? ([422] as const) : []),
    500,
    503,
  ];
}

function answerOf(
  { description, json, csv, text }: Answer,
  told: (isTold?: (example: Example) => boolean) => object,
): object {
  const isCsv = (example: Example) => example.query?.["format"] === "csv";
  const asText = { type: "string" };
  const content = {
    ...(json && { "application/json": { schema: refTo(json), ...told((example) => !isCsv(example)) } }),
    ...(csv && { "text/csv": { schema: asText, ...told(isCsv) } }),
    ...(text && { [text]: { schema: asText, ...told() } }),
  };
  return { description, ...(Object.keys(content).length === 0 ? {} : { content }) };
}

function problemAnswer(status: ProblemStatus, examples: object): object {
  return { ...PROBLEMS[status], content: { [PROBLEM]: { schema: refTo("Problem"), ...examples } } };
}

function refToProblem(status: ProblemStatus): object {
  return { $ref: `#/components/responses/${nameOf(status)}` };
}

function nameOf(status: ProblemStatus): string {
  return `Problem${status}`;
}
