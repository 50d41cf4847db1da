import { Suspense } from "react";
import { refreshStats } from "@/app/actions";
import { RefreshButton } from "@/components/refresh-button";
import { atRequest, statsOf } from "@/lib/stats";
import { ago, count } from "@/lib/words";

/** `1,204 views by 318 people, last seen 5 minutes ago`, and a button to count again. */
export function ViewCount({ modelId }: { modelId: string }) {
  return (
    <form className="view-count" action={refreshStats}>
      <p>
        <Suspense fallback={<span className="skeleton line">Counting…</span>}>
          <Counted modelId={modelId} />
        </Suspense>
      </p>
      <RefreshButton />
    </form>
  );
}

async function Counted({ modelId }: { modelId: string }) {
  const stats = await atRequest(() => statsOf(modelId));
  if (stats === null) return "The count is not here right now.";
  const { totalViews, uniqueViews, lastViewedAt } = stats.data;
  if (lastViewedAt === null) return "You are the first to look.";
  return (
    <>
      <strong>{count(totalViews, "view", "views")}</strong> by {count(uniqueViews, "person", "people")}, last
      seen <time dateTime={lastViewedAt.toISOString()}>{ago(lastViewedAt, new Date())}</time>
    </>
  );
}
