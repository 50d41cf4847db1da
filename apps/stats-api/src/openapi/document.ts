import { createHash } from "node:crypto";
import manifest from "../../package.json" with { type: "json" };
import type { RouteDescription, RouteGroup } from "../http/route.ts";
import { namedSchemas } from "./json-schema.ts";
import { bodyOf, parametersOf } from "./request.ts";
import { namedResponses, responsesOf } from "./responses.ts";

const ABOUT = `Answers questions about the views of model profiles, and keeps the website's models.

Send a key as \`Authorization: Bearer <key>\`. In development without keys, requests from the same machine need none.
Parameters that a route does not have are refused. Lists answer \`{items, asOf}\`, where \`asOf\` is the time of the answer.
An answer about a period may be some seconds old: see \`asOf\` and the header \`Age\`. Other answers are current. A JSON answer
has an \`ETag\` of its stats: with \`If-None-Match\`, unchanged stats are answered with \`304\`. Errors are problems as in RFC 9457.`;

const SECURITY_SCHEMES = {
  readKey: { type: "http", scheme: "bearer", description: "One of STATS_KEYS: may read" },
  adminKey: { type: "http", scheme: "bearer", description: "One of ADMIN_KEYS: may read and change" },
};

const SECURITY = {
  none: [],
  anyone: [],
  read: [{ readKey: [] }, { adminKey: [] }],
  admin: [{ adminKey: [] }],
};

/** The routes as an OpenAPI 3.1 document. */
export function describeApi(groups: readonly RouteGroup[]) {
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, routes } of groups) {
    for (const route of routes) {
      const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
      paths[path] = { ...paths[path], [route.method]: describeRoute(route, name) };
    }
  }
  const routes = groups.flatMap((group) => group.routes);
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
    components: {
      schemas: namedSchemas(routes),
      responses: namedResponses(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** The document as text, with a strong ETag: unlike answers, it has times in its examples, which are part of the text. */
export function documentText(groups: readonly RouteGroup[]): { text: string; tag: string } {
  const text = JSON.stringify(describeApi(groups));
  return { text, tag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
}

function describeRoute(route: RouteDescription, tag: string): object {
  const { id, summary, description, access } = route;
  const parameters = parametersOf(route);
  const requestBody = bodyOf(route);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(route),
  };
}
