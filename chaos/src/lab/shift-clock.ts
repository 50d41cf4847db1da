import { clockMessageSchema } from "./messages.ts";

// Loaded before a service: sets its wall clock wrong on demand. Timers and `performance.now()` do not change, as when an operator or
// NTP sets a machine's clock.
const RealDate = Date;
let aheadMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...values: []) {
    if (values.length === 0) super(RealDate.now() + aheadMs);
    else super(...values);
  }
  static override now(): number {
    return RealDate.now() + aheadMs;
  }
} as DateConstructor;

process.on("message", (message) => {
  const set = clockMessageSchema.safeParse(message);
  if (set.success) aheadMs = set.data.clockAheadMs;
});
