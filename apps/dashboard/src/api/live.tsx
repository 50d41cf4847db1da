import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { createLiveFeed, type LiveFeed, type LiveState } from "./live-feed.ts";
import { sessionQuestion } from "./session.ts";

const LiveContext = createContext<LiveFeed | undefined>(undefined);

/** One connection to the live stream for all parts of the page. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [feed] = useState(() =>
    createLiveFeed({
      open: (url) => new EventSource(url),
      onRefused: () => void client.invalidateQueries(sessionQuestion),
    }),
  );
  useEffect(() => {
    const look = () => feed.setHidden(document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [feed]);
  const isSignedIn = useQuery(sessionQuestion).data?.isSignedIn;
  useEffect(() => {
    if (isSignedIn) feed.retryNow();
  }, [feed, isSignedIn]);
  return <LiveContext value={feed}>{children}</LiveContext>;
}

/**
 * What is viewed now, and whether the stream is connected.
 *
 * @param options `details`: also what is viewed, and from where; the stats API counts it while a page wants it.
 */
export function useLive({ details = false }: { details?: boolean } = {}): LiveState {
  const feed = use(LiveContext);
  if (feed === undefined) throw new Error("useLive is used outside of LiveProvider");
  const subscribe = useCallback((listen: () => void) => feed.subscribe(listen, { details }), [feed, details]);
  return useSyncExternalStore(subscribe, feed.state);
}
