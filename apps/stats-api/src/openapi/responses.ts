import type { Answer, Example, HeaderName, Operation } from "../operations/operation.ts";
import { refTo } from "./json-schema.ts";
import { examplesOf, requestLine } from "./request.ts";

const PROBLEM = "application/problem+json";

const RETRY_AFTER = {
  description: "Seconds until another try makes sense",
  schema: { type: "integer" },
};
const WWW_AUTHENTICATE = { description: "How a key is sent", schema: { type: "string", const: "Bearer" } };

const HEADERS = {
  ETag: {
    description: "Of JSON: of its figures, without the times of asking. To be sent back as `If-None-Match`",
    schema: { type: "string" },
  },
  Age: {
    description: "Of an answer about a period: whole seconds since `asOf`",
    schema: { type: "integer", minimum: 0 },
  },
  "Model-Views-Incomplete": {
    description:
      "Of CSV, where JSON says `isIncomplete`: retention has removed views of the period. Else it is not there",
    schema: { type: "string", const: "true" },
  },
} as const satisfies Record<HeaderName, object>;

const UNCHANGED = "Unchanged";

/** What goes wrong, wherever it does. */
const PROBLEMS = {
  400: { description: "The body is not JSON in UTF-8" },
  401: { description: "A key is needed, or another one", headers: { "WWW-Authenticate": WWW_AUTHENTICATE } },
  404: { description: "There is no such model" },
  408: {
    description: "The request took too long to arrive, or its connection was closed meanwhile: send it again",
  },
  409: { description: "The website's own table of models does not take the change; `detail` says why" },
  413: { description: "The body is too large" },
  415: { description: "The body is not `application/json`" },
  422: { description: "Something in the request is not valid; `errors` names each field" },
  429: {
    description: "Too many requests from one address that brought no key that is right",
    headers: { "Retry-After": RETRY_AFTER },
  },
  500: { description: "Something went wrong here" },
  503: {
    description: "The database is away or too busy, or too many ask the same kind of question",
    headers: { "Retry-After": RETRY_AFTER },
  },
} as const;

type ProblemStatus = keyof typeof PROBLEMS;

/** For `#/components/responses`: problems by names like `Problem404`, and what is the same as before. */
export function namedResponses(): Record<string, object> {
  const statuses = Object.keys(PROBLEMS).map((status) => Number(status) as ProblemStatus);
  return {
    [UNCHANGED]: { description: "The answer is still the one whose `ETag` is in `If-None-Match`" },
    ...Object.fromEntries(statuses.map((status) => [nameOf(status), problemAnswer(status, {})])),
  };
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
  const hasTag = Object.values(operation.answers).some(({ headers }) => headers?.includes("ETag"));
  const problems = problemsOf(operation).map((status) => {
    const own = told(status);
    return [status, own.examples === undefined ? refToResponse(nameOf(status)) : problemAnswer(status, own)];
  });
  const unchanged = hasTag ? [["304", refToResponse(UNCHANGED)]] : [];
  return Object.fromEntries([...answers, ...unchanged, ...problems]);
}

function problemsOf({ key, params, query, body, mayBeUnknown, mayBeRefused }: Operation): ProblemStatus[] {
  // What is nobody's secret asks for nothing and parses nothing.
  if (key === "none") return [];
  const takes = params !== undefined || query !== undefined || body !== undefined;
  return [
    ...(body === undefined ? [] : ([400] as const)),
    401,
    ...(mayBeUnknown === true ? ([404] as const) : []),
    408,
    ...(mayBeRefused === true ? ([409] as const) : []),
    ...(body === undefined ? [] : ([413, 415] as const)),
    ...(takes ? ([422] as const) : []),
    429,
    500,
    503,
  ];
}

function answerOf(
  { description, json, csv, text, headers = [] }: Answer,
  told: (isTold?: (example: Example) => boolean) => object,
): object {
  const isCsv = (example: Example) => example.query?.["format"] === "csv";
  const asText = { type: "string" };
  const content = {
    ...(json && { "application/json": { schema: refTo(json), ...told((example) => !isCsv(example)) } }),
    ...(csv && { "text/csv": { schema: asText, ...told(isCsv) } }),
    ...(text && { [text]: { schema: asText, ...told() } }),
  };
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, HEADERS[name]])) }),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

/** Below the routes, where a 408 comes from, there is nobody to write a body. */
function problemAnswer(status: ProblemStatus, examples: object): object {
  if (status === 408) return PROBLEMS[status];
  return { ...PROBLEMS[status], content: { [PROBLEM]: { schema: refTo("Problem"), ...examples } } };
}

function refToResponse(name: string): object {
  return { $ref: `#/components/responses/${name}` };
}

function nameOf(status: ProblemStatus): string {
  return `Problem${status}`;
}
