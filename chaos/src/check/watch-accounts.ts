import { accounting } from "@model-views/db/pipeline/accounting.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import { readAccounts } from "@model-views/shared/queue/accounts.ts";
import type { Lab } from "../lab/lab.ts";

const LOOK_EVERY_MS = 500;

/** What the accounts were while faults came and went, and what they are in the end. */
export type Accounts = {
  /** How often both stores answered. */
  looks: number;
  /** Whether Redis was killed, or its disk was full: then it may have forgotten its last second. */
  mayForget: boolean;
  /** Whether Redis' user lacked a right: then a job that ingest has queued again under another id may stay on no list, and counts as lost. Reported, and no failure. */
  mayStrand: boolean;
  /** Differences that must not be, with when they were seen. */
  wrong: string[];
  /** Undefined when they could not be read. */
  last: Accounting | undefined;
};

/** Looks at the accounts again and again. `stop` looks once more, when everything is over. */
export function watchAccounts(
  { db, observer }: Pick<Lab, "db" | "observer">,
  may: Pick<Accounts, "mayForget" | "mayStrand">,
): { accounts: Accounts; stop: () => Promise<void> } {
  const accounts: Accounts = { ...may, looks: 0, wrong: [], last: undefined };
  const began = performance.now();
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let look = lookOnce();

  async function lookOnce(): Promise<void> {
    try {
      accounts.last = await accounting(asking(db.$client), () => readAccounts(observer));
      accounts.looks += 1;
      const at = `after ${Math.round((performance.now() - began) / 1_000)} s`;
      const { lost, surplus } = accounts.last;
      if ((lost ?? 0) > 0 && !may.mayStrand) accounts.wrong.push(`${lost} lost ${at}`);
      if ((surplus ?? 0) > 0 && !may.mayForget) accounts.wrong.push(`${surplus} surplus ${at}`);
    } catch {
      // A store is away, which is what faults are for.
      accounts.last = undefined;
    }
    if (!isOver) timer = setTimeout(() => (look = lookOnce()), LOOK_EVERY_MS);
  }

  return {
    accounts,
    async stop() {
      isOver = true;
      clearTimeout(timer);
      await look;
      await lookOnce();
    },
  };
}
