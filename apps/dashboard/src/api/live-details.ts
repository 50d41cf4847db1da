import type { LiveDetails } from "@model-views/shared/contracts/live.ts";
import { useEffect, useState } from "react";
import type { LiveState } from "./live.ts";

/** What happens now in detail, pushed by the stats API. The stream ends with the component. */
export function useLiveDetails(): { details: LiveDetails | undefined; state: LiveState } {
  const [details, setDetails] = useState<LiveDetails>();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const source = new EventSource("/v1/live?details=true");
    source.addEventListener("details", ({ data }) => {
      setDetails(JSON.parse(data) as LiveDetails);
      setState("live");
    });
    source.addEventListener("unavailable", () => setState("unavailable"));
    // The browser reconnects by itself.
    source.addEventListener("error", () => setState("lost"));
    return () => source.close();
  }, []);
  return { details, state };
}
