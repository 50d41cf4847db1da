import { z } from "zod";

const example = z.object({ description: z.string().default(""), value: z.unknown() });
const examples = z.record(z.string(), example).default({});
const content = z.record(z.string(), z.object({ schema: z.unknown(), examples })).default({});
const headers = z.record(z.string(), z.unknown()).default({});
const answer = z.object({ $ref: z.string().optional(), headers, content });
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(["path", "query"]), examples })).default([]),
  requestBody: z.object({ content }).default({ content: {} }),
  responses: z.record(z.string(), answer),
});

/** The parts of the document that its tests read. */
export const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
export type ReadDocument = z.infer<typeof documentSchema>;
export type ReadOperation = z.infer<typeof operation> & { method: string; path: string };

export function operationsOf({ paths }: ReadDocument): ReadOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, read]) => ({ ...read, method: method.toUpperCase(), path })),
  );
}

/** The key that an operation needs, as the document has it. */
export function keyOf({ security }: ReadOperation): "none" | "read" | "admin" {
  if (security.length === 0) return "none";
  return security.some((scheme) => "readKey" in scheme) ? "read" : "admin";
}

/** A request of the document and its answer. */
export type DocumentExample = {
  title: string;
  operation: ReadOperation;
  /** Path and query. */
  target: string;
  body: unknown;
  status: number;
  type?: string;
  schema?: unknown;
  answer?: unknown;
};

/** Every example of an operation. Parts with the same name in parameters, body and answers belong together. */
export function examplesOf(operation: ReadOperation): DocumentExample[] {
  const { parameters, requestBody, responses, operationId } = operation;
  const body = requestBody.content["application/json"]?.examples ?? {};
  const answers = Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content).flatMap(([type, { schema, examples }]) =>
      Object.entries(examples).map(([name, { description, value }]) => ({
        name,
        target: targetIn(description),
        answered: { status: Number(status), type, schema, answer: value },
      })),
    ),
  );
  const names = [...parameters, { examples: body }].flatMap(({ examples }) => Object.keys(examples));
  return [...new Set([...names, ...answers.map(({ name }) => name)])].map((name) => {
    const [answer, ...more] = answers.filter((each) => each.name === name);
    if (more.length > 0) throw new Error(`${operationId}: ${name} is answered twice`);
    const target = pathWith(operation, name);
    return {
      title: `${operationId}, ${name}`,
      operation,
      target: answer?.target ?? target,
      body: body[name]?.value,
      ...(answer?.answered ?? { status: statusWithoutContent(operation) }),
    };
  });
}

/** An answer without content has no place for an example: only its parameters have one. */
function statusWithoutContent({ operationId, responses }: ReadOperation): number {
  const [status] =
    Object.entries(responses).find(([, { $ref, content }]) => !$ref && Object.keys(content).length === 0) ??
    [];
  if (status === undefined) throw new Error(`${operationId}: an example is not answered`);
  return Number(status);
}

/** The target of a description like `GET /v1/models/top?limit=2`. */
function targetIn(description: string): string {
  const [, target] = /^`[A-Z]+ (\/\S*)`$/.exec(description) ?? [];
  if (target === undefined) throw new Error(`no request in "${description}"`);
  return target;
}

function pathWith({ path, parameters }: ReadOperation, example: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((each) => each.in === "path" && each.name === name);
    return encodeURIComponent(String(parameter?.examples[example]?.value));
  });
}
