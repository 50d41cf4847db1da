import type { Operation } from "./operation.ts";

/** For load balancers, and this document. None of it takes a key, for none of it is secret. Reasons and metrics are on the admin port. */
export const serviceOperations = {
  alive: {
    id: "getLivez",
    method: "get",
    path: "/livez",
    summary: "Whether the process answers",
    key: "none",
    answers: { 200: { description: "It does", json: "Alive" } },
    examples: { alive: { summary: "It does", status: 200, answer: { status: "ok" } } },
  },
  ready: {
    id: "getReadyz",
    method: "get",
    path: "/readyz",
    summary: "Whether everything works that the service needs",
    key: "none",
    answers: {
      200: { description: "It does", json: "Ready" },
      503: { description: "It does not; the admin port says what and why", json: "Ready" },
    },
    examples: {
      ready: { summary: "It does", status: 200, answer: { status: "ok" } },
    },
  },
  document: {
    id: "getDocument",
    method: "get",
    path: "/openapi.json",
    summary: "This document",
    key: "none",
    answers: { 200: { description: "OpenAPI 3.1", json: "Document", headers: ["ETag"] } },
    examples: {},
  },
} as const satisfies Record<string, Operation>;
