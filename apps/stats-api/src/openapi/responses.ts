import { problemSchema } from "@model-views/shared/contracts/problems.ts";
import type { Answer, Example, HeaderName, RouteDescription } from "../http/route.ts";
import { refTo } from "./json-schema.ts";
import { namedExamples, requestLine } from "./request.ts";

const PROBLEM = "application/problem+json";

const RETRY_AFTER = {
  description: "Seconds to wait before another try",
  schema: { type: "integer" },
};
const WWW_AUTHENTICATE = { description: "How to send a key", schema: { type: "string", const: "Bearer" } };

const HEADERS = {
  ETag: {
    description:
      "Of JSON: identifies its stats, without the times of asking. To be sent back as `If-None-Match`",
    schema: { type: "string" },
  },
  Age: {
    description: "Of an answer about a period: whole seconds since `asOf`",
    schema: { type: "integer", minimum: 0 },
  },
  "Model-Views-Incomplete": {
    description:
      "Of CSV, in place of `isIncomplete`: retention has removed views of the period. Absent otherwise",
    schema: { type: "string", const: "true" },
  },
} as const satisfies Record<HeaderName, object>;

const UNCHANGED = "Unchanged";

const PROBLEMS = {
  400: { description: "The body is not JSON in UTF-8" },
  401: { description: "A key is needed, or another one", headers: { "WWW-Authenticate": WWW_AUTHENTICATE } },
  403: { description: "A page of another origin may not do this" },
  404: { description: "There is no such model" },
  408: {
    description: "The request took too long to arrive, or its connection was closed meanwhile: send it again",
  },
  409: { description: "The website's own table of models refuses the change; `detail` has the reason" },
  413: { description: "The body is too large" },
  415: { description: "The body is not `application/json`" },
  422: { description: "Something in the request is not valid; `errors` names each field" },
  429: {
    description: "Too many requests without a valid key from one address",
    headers: { "Retry-After": RETRY_AFTER },
  },
  500: { description: "Something went wrong in the API" },
  503: {
    description:
      "The database is not available or too busy, or too many questions of this kind are being answered",
    headers: { "Retry-After": RETRY_AFTER },
  },
} as const;

type ProblemStatus = keyof typeof PROBLEMS;

/** For `#/components/responses`: problems by names like `Problem404`, and the `304`. */
export function namedResponses(): Record<string, object> {
  const statuses = Object.keys(PROBLEMS).map((status) => Number(status) as ProblemStatus);
  return {
    [UNCHANGED]: { description: "The answer still has the `ETag` of `If-None-Match`" },
    ...Object.fromEntries(statuses.map((status) => [nameOf(status), problemAnswer(status, {})])),
  };
}

/** Every answer of a route, by status. */
export function responsesOf(route: RouteDescription): Record<string, object> {
  const examplesOf = (status: number, isMeant: (example: Example) => boolean = () => true) =>
    namedExamples(
      route.examples,
      (example) => (example.status === status && isMeant(example) ? example.answer : undefined),
      (example) => `\`${requestLine(route, example)}\``,
    );
  const answers = Object.entries(route.answers).map(([status, answer]) => [
    status,
    describeAnswer(answer, (isMeant) => examplesOf(Number(status), isMeant)),
  ]);
  const hasTag = Object.values(route.answers).some(({ headers }) => headers?.includes("ETag"));
  const problems = problemsOf(route).map((status) => {
    const own = examplesOf(status);
    return [status, own.examples === undefined ? refToResponse(nameOf(status)) : problemAnswer(status, own)];
  });
  const unchanged = hasTag ? [["304", refToResponse(UNCHANGED)]] : [];
  return Object.fromEntries([...answers, ...unchanged, ...problems]);
}

function problemsOf({
  access,
  method,
  params,
  query,
  body,
  problems = [],
}: RouteDescription): ProblemStatus[] {
  // A route that needs no key does not read the database, and parses nothing.
  if (access === "none") return [];
  const isChange = method !== "get";
  const hasParameters = params !== undefined || query !== undefined || body !== undefined;
  return [
    ...(body === undefined ? [] : ([400, 413, 415] as const)),
    401,
    ...(isChange ? ([403] as const) : []),
    408,
    ...problems,
    ...(hasParameters ? ([422] as const) : []),
    429,
    500,
    503,
  ];
}

function describeAnswer(
  { description, json, csv, text, headers = [] }: Answer,
  examplesOf: (isMeant?: (example: Example) => boolean) => object,
): object {
  const isCsv = (example: Example) => example.query?.["format"] === "csv";
  const asText = { type: "string" };
  const content = {
    ...(json && { "application/json": { schema: refTo(json), ...examplesOf((example) => !isCsv(example)) } }),
    ...(csv && { "text/csv": { schema: asText, ...examplesOf(isCsv) } }),
    ...(text && { [text]: { schema: asText, ...examplesOf() } }),
  };
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, HEADERS[name]])) }),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

/** The HTTP server itself answers a 408, without a body. */
function problemAnswer(status: ProblemStatus, examples: object): object {
  if (status === 408) return PROBLEMS[status];
  return {
    ...PROBLEMS[status],
    content: { [PROBLEM]: { schema: refTo({ Problem: problemSchema }), ...examples } },
  };
}

function refToResponse(name: string): object {
  return { $ref: `#/components/responses/${name}` };
}

function nameOf(status: ProblemStatus): string {
  return `Problem${status}`;
}
