import { DISK_BYTES, type OpenDisksOptions } from "../lab/disks.ts";
import { kindOf } from "./faults.ts";
import { endOf, type PlannedFault } from "./plan.ts";

/** Bytes of a view in PostgreSQL, with everything that it is in: some 700, and what is not cleaned up yet. */
const VIEW_BYTES = 1_000;
/** Bytes that PostgreSQL needs without any view: its catalogs, and the write-ahead log. */
const OTHER_BYTES = 600 * 1_024 ** 2;

/**
 * Which disks the faults of a run fill up. They are in memory, so PostgreSQL has none where a run is so long that its views would
 * not have room there.
 */
export function disksFor({
  plan,
  rate,
}: {
  plan: readonly PlannedFault[];
  /** Views per second. */
  rate: number;
}): OpenDisksOptions["wanted"] {
  const views = (endOf(plan) / 1_000) * rate;
  const isTooLong = views * VIEW_BYTES + OTHER_BYTES > DISK_BYTES.postgres;
  const missingBecause = `${Math.round(views).toLocaleString("en")} views have no room on a disk in memory`;
  const wanted: OpenDisksOptions["wanted"] = {};
  for (const { fault } of plan) {
    const { disk } = kindOf(fault);
    if (disk === undefined) continue;
    wanted[disk] = disk === "postgres" && isTooLong ? { missingBecause } : "wanted";
  }
  return wanted;
}
