import type { Answer, Example, Operation } from "../operations/operation.ts";
import { refTo } from "./json-schema.ts";
import { examplesOf } from "./request.ts";

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
  return Object.fromEntries(
    Object.keys(PROBLEMS).map((status) => [nameOf(Number(status)), problemAnswer(status, {})]),
  );
}

/** Every answer of an operation, by status. */
export function responsesOf(operation: Operation): Record<string, object> {
  const { answers, examples } = operation;
  return {
    ...Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [
        status,
        answerOf(answer, ofStatus(examples, status)),
      ]),
    ),
    ...Object.fromEntries(
      problemsOf(operation).map((status) => {
        const told = ofStatus(examples, status);
        const isPlain = Object.keys(told).length === 0;
        const shared = { $ref: `#/components/responses/${nameOf(status)}` };
        return [String(status), isPlain ? shared : problemAnswer(status, told)];
      }),
    ),
  };
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

function answerOf({ description, json, csv, text }: Answer, examples: Record<string, Example>): object {
  const asText = { type: "string" };
  const isCsv = (example: Example) => example.query?.["format"] === "csv";
  const content = {
    ...(json === undefined
      ? {}
      : {
          "application/json": {
            schema: refTo(json),
            ...examplesOf(examples, (example) => (isCsv(example) ? undefined : example.answer)),
          },
        }),
    ...(csv === undefined
      ? {}
      : {
          "text/csv": {
            schema: asText,
            ...examplesOf(examples, (example) => (isCsv(example) ? example.answer : undefined)),
          },
        }),
    ...(text === undefined
      ? {}
      : { [text]: { schema: asText, ...examplesOf(examples, (example) => example.answer) } }),
  };
  return { description, ...(Object.keys(content).length === 0 ? {} : { content }) };
}

function problemAnswer(status: number | string, examples: Record<string, Example>): object {
  const content = {
    [PROBLEM]: { schema: refTo("Problem"), ...examplesOf(examples, (example) => example.answer) },
  };
  return { ...PROBLEMS[Number(status) as ProblemStatus], content };
}

function nameOf(status: number): string {
  return `Problem${status}`;
}

function ofStatus(examples: Record<string, Example>, status: number | string): Record<string, Example> {
  return Object.fromEntries(
    Object.entries(examples).filter(([, example]) => example.status === Number(status)),
  );
}
