import { z } from "zod";
import { type ViewEvent, viewEventSchema } from "../contracts/view-event.ts";
import { PAYLOAD_VERSION } from "../contracts/views-queue.ts";

/** The part of a job's data that can be recorded, and what is wrong with the rest. */
export type ReadPayload = {
  views: ViewEvent[];
  wrong: string | undefined;
  /** It has a later version, which a newer worker understands. */
  isNewer: boolean;
};

const envelopeSchema = z.object({ v: z.literal(PAYLOAD_VERSION), views: z.array(z.unknown()).min(1) });

const newerSchema = z.object({ v: z.int().gt(PAYLOAD_VERSION) });

const NO_JSON = "no JSON";

/** Problems to list. The job, which is kept, has all of them. */
const PROBLEMS_MAX = 5;

/**
 * Reads a job as far as possible: an invalid view does not cost the others. A job of an unknown version has no readable
 * part.
 */
export function readPayload(data: unknown): ReadPayload {
  const envelope = envelopeSchema.safeParse(data);
  if (!envelope.success) {
    const isNewer = newerSchema.safeParse(data).success;
    return { views: [], wrong: `not a payload of this version: ${issuesText(envelope.error)}`, isNewer };
  }
  const views: ViewEvent[] = [];
  const problems: string[] = [];
  for (const [index, given] of envelope.data.views.entries()) {
    const view = viewEventSchema.safeParse(given);
    if (view.success) views.push(view.data);
    else problems.push(`view ${index}: ${issuesText(view.error)}`);
  }
  if (problems.length === 0) return { views, wrong: undefined, isNewer: false };
  const named = problems.slice(0, PROBLEMS_MAX).join("; ");
  const others = problems.length > PROBLEMS_MAX ? `; and ${problems.length - PROBLEMS_MAX} others` : "";
  return { views, wrong: `the other views are recorded, but not ${named}${others}`, isNewer: false };
}

/** Does the same for a job's data as text, as it is on the queue. */
export function readPayloadText(text: string): ReadPayload {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { views: [], wrong: NO_JSON, isNewer: false };
  }
  return readPayload(data);
}

/**
 * Why a failed job would only fail again; undefined when it is worth a retry.
 *
 * @param isAnyway leave it to workers that may be newer: then only what is not JSON would fail.
 */
export function wouldFailAgain(text: string, { isAnyway }: { isAnyway: boolean }): string | undefined {
  const { wrong } = readPayloadText(text);
  return isAnyway && wrong !== NO_JSON ? undefined : wrong;
}

function issuesText(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(" ")).join(", ");
}
