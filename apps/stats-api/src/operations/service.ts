import type { Operation } from "./operation.ts";

/** For whoever runs the service, and this document. None of it takes a key, for none of it is secret. */
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
      200: { description: "It does", json: "Readiness" },
      503: { description: "It does not; `checks` says what and why", json: "Readiness" },
    },
    examples: {
      ready: { summary: "It does", status: 200, answer: { status: "ok", checks: { postgres: "ok" } } },
    },
  },
  metrics: {
    id: "getMetrics",
    method: "get",
    path: "/metrics",
    summary: "What the process counted, for Prometheus",
    key: "none",
    answers: { 200: { description: "Prometheus' text format", text: "text/plain" } },
    examples: {},
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
