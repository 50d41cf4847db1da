import { type ViewEvent, viewEventSchema } from "@model-views/shared/contracts/view-event.ts";
import { sql } from "../postgres/sql.ts";

/** Columns of `rejected_views r` from which the view can be made again. */
export const REJECTED_COLUMNS = sql`r.payload::text as payload,
  case when isfinite(r.viewed_at) then to_char(r.viewed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end
    as viewed_at, r.viewed_at::text as key_time, r.id`;

/** `key_time` and `id` are its key, with the model. */
export type RejectedRow = { payload: string; viewed_at: string | null; key_time: string; id: string };

/**
 * The view as it was rejected. Its time is exactly that of the key; only a time that PostgreSQL refuses is taken from the
 * payload.
 *
 * @throws {SyntaxError | ZodError} when the payload is not a view.
 */
export function viewOf({ payload, viewed_at: viewedAt }: RejectedRow): ViewEvent {
  const given: unknown = JSON.parse(payload);
  return viewEventSchema.parse(
    viewedAt === null ? given : Object.assign({}, given, { viewedAt: withoutSpareDigits(viewedAt) }),
  );
}

/** Microseconds only where there are any: everywhere else a view's time has milliseconds. */
function withoutSpareDigits(instant: string): string {
  return instant.replace(/000Z$/, "Z");
}
