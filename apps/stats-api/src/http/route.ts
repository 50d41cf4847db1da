import { readJson, refuseBody } from "@model-views/shared/http/read-json.ts";
import type { IRouter, Request, RequestHandler, Response } from "express";
import { z } from "zod";
import type { AuditedAction } from "../guards/audit.ts";
import type { RequireKey } from "../guards/require-key.ts";
import { parse } from "./problems.ts";

/**
 * The key that a route needs: one that may read (an admin's may too), an admin's, or none. `anyone` is for routes below `/v1` that
 * answer by themselves to a reader without a key.
 */
export type Access = "none" | "anyone" | "read" | "admin";

/** Schemas by the names that generated clients give them. One name means one schema in all routes. */
export type NamedSchemas = Readonly<Record<string, z.ZodType>>;

export type HeaderName = "ETag" | "Age" | "Model-Views-Incomplete";

export type Answer = {
  description: string;
  /** JSON of this schema, or of one of these. */
  json?: NamedSchemas;
  /** Schemas inside the answer that get a name too. */
  nested?: NamedSchemas;
  /** The route answers CSV too, for `format=csv`. */
  csv?: true;
  /** Headers that describe the answer. An answer with an ETag may also be a `304`. */
  headers?: readonly HeaderName[];
  /** Text of this media type. */
  text?: "text/event-stream";
};

type Answers = Readonly<Record<number, Answer>>;

/** A request and its answer, as the document shows them. A test sends each request and compares the answer. */
export type Example = {
  summary: string;
  params?: Readonly<Record<string, string>>;
  /** Lists as arrays. */
  query?: Readonly<Record<string, string | number | readonly string[]>>;
  body?: unknown;
  status: number;
  /** A string for CSV and event streams. Left out for an answer without a body. */
  answer?: unknown;
};

/** What the document at `/openapi.json` has about a route. */
export type RouteDescription = {
  /** Unique. Generated clients use it as the function's name. */
  id: string;
  method: "get" | "post" | "put" | "delete";
  /** As Express writes it: `/v1/models/:modelId`. */
  path: string;
  summary: string;
  description?: string;
  access: Access;
  params?: z.ZodObject;
  /** Without it, query parameters are ignored. */
  query?: z.ZodObject;
  /** The JSON body, with its name: at most 32 KB. */
  body?: NamedSchemas;
  answers: Answers;
  /** Problems besides those that follow from `access`, `params`, `query` and `body`: no such model, or its table refuses the change. */
  problems?: readonly (404 | 409)[];
  /** For what admins do: noted in `audit_log` before the handler runs. */
  audit?: AuditedAction;
  /** By names of one word. */
  examples: Readonly<Record<string, Example>>;
};

/** A route whose handler waits for its dependencies. Made by {@link defineRoute}. */
export type Route<Deps> = RouteDescription & { handlerWith: (deps: Deps) => RequestHandler };

/** Routes under one heading of the document. */
export type RouteGroup<R extends RouteDescription = RouteDescription> = {
  name: string;
  description: string;
  routes: readonly R[];
};

type NoParameters = z.ZodObject<Record<never, never>>;
const noParameters: NoParameters = z.object({});

/** What `response.json` takes: one of the schemas of the answers. */
type JsonOf<All extends Answers> = {
  [Status in keyof All]: All[Status] extends { json: infer Json extends NamedSchemas }
    ? z.infer<Json[keyof Json]>
    : never;
}[keyof All];

type Declaration<
  Deps,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends NamedSchemas,
  All extends Answers,
> = RouteDescription & {
  params?: Params;
  query?: Query;
  body?: Body;
  answers: All;
  /** Called with parsed parameters, after the checks of keys. A `ProblemError` that it throws is the answer. */
  handle(
    request: {
      params: z.infer<Params>;
      query: z.infer<Query>;
      body: z.infer<Body[keyof Body]>;
      request: Request;
      response: Response<JsonOf<All>>;
    },
    deps: Deps,
  ): void | Promise<void>;
};

/** Bytes of a JSON body. */
const BODY_BYTES_MAX = 32 * 1024;

/**
 * Declares a route: Express serves it, and the document and the test of examples read it. Add it to `routes/all.ts`.
 *
 * @example
 * export const livenessRoute = defineRoute({
 *   id: "getLivez",
 *   method: "get",
 *   path: "/livez",
 *   summary: "Whether the process answers",
 *   access: "none",
 *   answers: { 200: { description: "It does", json: { Alive: aliveSchema } } },
 *   examples: { alive: { summary: "It does", status: 200, answer: { status: "ok" } } },
 *   handle: ({ response }) => void response.json({ status: "ok" }),
 * });
 */
export function defineRoute<
  const All extends Answers,
  Params extends z.ZodObject = NoParameters,
  Query extends z.ZodObject = NoParameters,
  Body extends NamedSchemas = Record<never, never>,
  Deps = unknown,
>({ handle, ...description }: Declaration<Deps, Params, Query, Body, All>): Route<Deps> {
  const { params = noParameters, query = noParameters, body = {} } = description;
  const [bodySchema] = Object.values<z.ZodType>(body);
  return {
    ...description,
    handlerWith: (deps) => async (request, response) => {
      const read = bodySchema && (await readJson(request, BODY_BYTES_MAX));
      if (read?.ok === false) return refuseBody(request, response, read.problem);
      const given = {
        params: parse(params, request.params),
        query: parse(query, request.query),
        body: bodySchema && parse(bodySchema, read?.value),
      };
      // The schemas are those of the type parameters, or `noParameters`, which is their default.
      const parsed = given as {
        params: z.infer<Params>;
        query: z.infer<Query>;
        body: z.infer<Body[keyof Body]>;
      };
      await handle({ ...parsed, request, response }, deps);
    },
  };
}

/** What runs before a route's handler. */
export type RouteGuards = { requireKey: RequireKey; audit: (action: AuditedAction) => RequestHandler };

/** Serves the routes. Where two paths match a request, the first one in the list is used. */
export function mountRoutes<Deps>(
  app: IRouter,
  routes: readonly Route<Deps>[],
  { deps, guards }: { deps: Deps; guards: RouteGuards },
): void {
  for (const { method, path, access, audit, handlerWith } of routes) {
    if (access === "none" && path.startsWith("/v1/")) throw new Error(`${path} is below /v1 and needs a key`);
    app[method](
      path,
      ...(access === "none" || access === "anyone" ? [] : [guards.requireKey(access)]),
      ...(audit === undefined ? [] : [guards.audit(audit)]),
      handlerWith(deps),
    );
  }
}
