import { z } from "zod";
import { type ViewEvent, viewEventSchema } from "../contracts/view-event.ts";
import { PAYLOAD_VERSION } from "../contracts/views-queue.ts";

/** What of a job's data can be recorded, and what is wrong with the rest. */
export type ReadPayload = {
  views: ViewEvent[];
  wrong: string | undefined;
  /** It is of a later version, which a newer worker understands. */
  isNewer: boolean;
};

const envelopeSchema = z.object({ v: z.literal(PAYLOAD_VERSION), views: z.array(z.unknown()).min(1) });

const newerSchema = z.object({ v: z.int().gt(PAYLOAD_VERSION) });

/** Problems that are named; the job itself, which is kept, has them all. */
const PROBLEMS_MAX = 5;

/**
 * Reads a job as far as it can be understood: a view that is none does not cost the others. Of a version that this
 * one does not know, nothing is understood.
 */
export function readPayload(data: unknown): ReadPayload {
  const envelope = envelopeSchema.safeParse(data);
  if (!envelope.success) {
    const isNewer = newerSchema.safeParse(data).success;
    return { views: [], wrong: `not a payload of this version: ${said(envelope.error)}`, isNewer };
  }
  const views: ViewEvent[] = [];
  const problems: string[] = [];
  for (const [index, given] of envelope.data.views.entries()) {
    const view = viewEventSchema.safeParse(given);
    if (view.success) views.push(view.data);
    else problems.push(`view ${index}: ${said(view.error)}`);
  }
  if (problems.length === 0) return { views, wrong: undefined, isNewer: false };
  const named = problems.slice(0, PROBLEMS_MAX).join("; ");
  const others = problems.length > PROBLEMS_MAX ? `; and ${problems.length - PROBLEMS_MAX} others` : "";
  return { views, wrong: `the other views are recorded, but not ${named}${others}`, isNewer: false };
}

/** The same of a job's data as it stands on the queue. */
export function readPayloadText(text: string): ReadPayload {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { views: [], wrong: "no JSON", isNewer: false };
  }
  return readPayload(data);
}

function said(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(" ")).join(", ");
}
