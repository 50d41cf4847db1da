import { useMemo } from "react";
import { useSite } from "../api/site.tsx";
import { type AskedPeriod, periodOf } from "./period.ts";
import { useAddress } from "./use-address.ts";

export type { AskedPeriod };

/** The period of the address, in its time zone. */
export function usePeriod(): AskedPeriod {
  const { address } = useAddress();
  const site = useSite();
  return useMemo(() => periodOf(address, site), [address, site]);
}
