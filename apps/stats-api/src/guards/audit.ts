import { type AdminAction, beginAction } from "@model-views/db/audit/audited.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { hashedSubject } from "@model-views/db/viewers/viewer-hash.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import type { Credentials } from "@model-views/shared/http/credentials.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { Request, RequestHandler, Response } from "express";
import type { CredentialsOf } from "./credentials.ts";

/** What an admin does by a route, and which of its parameters names the model or the viewer; null: it concerns neither. */
export type AuditedAction = { action: string; subject: "modelId" | "viewerIdentifier" | null };

/** Where the response of a request has the text of its outcome. */
const OUTCOME = "outcome";

export type AuditDeps = {
  adminDb: Db;
  credentialsOf: CredentialsOf;
  adminName: (credentials: Credentials) => string;
  logger: Logger;
};

/**
 * Notes an action in `audit_log` before it begins, and the status of its answer. It writes the same to the log, which the
 * owner of the database cannot change. When the action cannot be noted, it does not begin. Comes after the check of keys.
 */
export function createAudit({
  adminDb,
  credentialsOf,
  adminName,
  logger,
}: AuditDeps): (action: AuditedAction) => RequestHandler {
  return ({ action: name, subject }) =>
    async (request, response, next) => {
      const actor = adminName(credentialsOf(request));
      const action: AdminAction = { actor, action: name, subject: subjectOf(request, subject) };
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

      // Writes the outcome before the answer ends, so it is recorded once the admin has the answer.
      const { end: endResponse } = response;
      response.end = (...args: unknown[]) => {
        void note(outcomeOf(response)).then(() => Reflect.apply(endResponse, response, args));
        return response;
      };
      response.once("close", () => void note(`${outcomeOf(response)}, broken off`));
      next();
    };
}

/** Adds to what `audit_log` has about the outcome of an action, before it is answered. Without secrets, and without what could identify a viewer. */
export function describeOutcome(response: Response, text: string): void {
  response.locals[OUTCOME] = text;
}

function outcomeOf({ statusCode, locals }: Response): string {
  const text: unknown = locals[OUTCOME];
  return typeof text === "string" ? `${statusCode}: ${text}` : String(statusCode);
}

/** The parameter is not parsed yet, so it may not be a model's id. */
function subjectOf({ params }: Request, name: AuditedAction["subject"]): string | null {
  if (name === null) return null;
  const given = String(params[name]);
  if (name === "viewerIdentifier") return hashedSubject(given);
  return modelIdSchema.safeParse(given).data ?? "no model's id";
}
