import manifest from "../../package.json" with { type: "json" };
import type { Group } from "../operations/all.ts";
import type { Operation } from "../operations/operation.ts";
import { namedSchemas } from "./json-schema.ts";
import { bodyOf, parametersOf } from "./request.ts";
import { namedResponses, responsesOf } from "./responses.ts";

const ABOUT = `Answers questions about the views of model profiles, and keeps the website's models.

A key travels as \`Authorization: Bearer <key>\`; while none is set in development, this machine needs none. Parameters
that a route does not know are refused. Lists answer \`{items, asOf}\`, where \`asOf\` is when the question was answered.
An answer about a period may be some seconds old, as \`asOf\` and the header \`Age\` say; others are of now. A JSON answer has
an \`ETag\` of its figures: asked with \`If-None-Match\`, the same ones are a \`304\`. What goes wrong is told as a problem after RFC 9457.`;

const SECURITY_SCHEMES = {
  readKey: { type: "http", scheme: "bearer", description: "One of STATS_KEYS: may read" },
  adminKey: { type: "http", scheme: "bearer", description: "One of ADMIN_KEYS: may read and change" },
};

const SECURITY = { none: [], read: [{ readKey: [] }, { adminKey: [] }], admin: [{ adminKey: [] }] };

/** The API as an OpenAPI 3.1 document. */
export function describeApi(groups: readonly Group[]) {
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, operations } of groups) {
    for (const operation of Object.values(operations)) {
      const path = operation.path.replaceAll(/:(\w+)/g, "{$1}");
      paths[path] = { ...paths[path], [operation.method]: describeOperation(operation, name) };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "model-views: the stats API",
      version: manifest.version,
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
    },
    tags: groups.map(({ name, description }) => ({ name, description })),
    paths,
    components: { schemas: namedSchemas(), responses: namedResponses(), securitySchemes: SECURITY_SCHEMES },
  };
}

function describeOperation(operation: Operation, tag: string): object {
  const { id, summary, description, key } = operation;
  const parameters = parametersOf(operation);
  const requestBody = bodyOf(operation);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[key],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(operation),
  };
}
