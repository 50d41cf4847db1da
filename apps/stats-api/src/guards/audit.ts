import { type AdminAction, beginAction } from "@model-views/db/audit/audited.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { hashedSubject } from "@model-views/db/viewers/viewer-hash.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { type Credentials, credentialsOf } from "@model-views/shared/http/credentials.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { Request, RequestHandler } from "express";

/** What admins do here, by method and path below `/v1`. `HEAD` does what `GET` does. */
const ACTIONS: readonly (readonly [
  methods: readonly string[],
  path: RegExp,
  action: string,
  of: "model" | "viewer",
])[] = [
  [["PUT"], /^\/models\/([^/]+)\/?$/i, "put-model", "model"],
  [["DELETE"], /^\/models\/([^/]+)\/?$/i, "delete-model", "model"],
  [["GET", "HEAD"], /^\/viewers\/([^/]+)\/?$/i, "export-viewer", "viewer"],
  [["DELETE"], /^\/viewers\/([^/]+)\/?$/i, "erase-viewer", "viewer"],
];

export type AuditDeps = { adminDb: Db; adminName: (credentials: Credentials) => string; logger: Logger };

/**
 * Notes in `audit_log` what admins do, before it begins, and the status that it was answered with; and the same in the log, which
 * who owns the database cannot change. What cannot be noted is not done. Behind the check of keys.
 */
export function auditAdmins({ adminDb, adminName, logger }: AuditDeps): RequestHandler {
  return async (request, response, next) => {
    const what = actionOf(request);
    if (what === undefined) return next();
    const action = { actor: adminName(credentialsOf(request)), ...what };
    const end = await beginAction(adminDb.$client, action);
    let isNoted = false;

    async function note(outcome: string): Promise<void> {
      if (isNoted) return;
      isNoted = true;
      logger.info({ ...action, outcome }, "an admin's action");
      await end(outcome).catch((error: unknown) =>
        logger.error({ err: error, ...action, outcome }, "the outcome could not be noted in audit_log"),
      );
    }

    // Before the answer is over, so that who has it finds the action noted.
    const { end: endResponse } = response;
    response.end = (...args: unknown[]) => {
      void note(String(response.statusCode)).then(() => Reflect.apply(endResponse, response, args));
      return response;
    };
    response.once("close", () => void note(`${response.statusCode}, broken off`));
    next();
  };
}

function actionOf({ method, path }: Request): Omit<AdminAction, "actor"> | undefined {
  for (const [methods, pattern, action, of] of ACTIONS) {
    const [, given] = methods.includes(method) ? (pattern.exec(path) ?? []) : [];
    if (given !== undefined) return { action, subject: subjectOf(of, given) };
  }
  return undefined;
}

function subjectOf(of: "model" | "viewer", given: string): string {
  let text: string;
  try {
    text = decodeURIComponent(given);
  } catch {
    return "not readable";
  }
  if (of === "viewer") return hashedSubject(text);
  return modelIdSchema.safeParse(text).data ?? "no model's id";
}
