import { createModelViews } from "model-views-client";

export const revalidate = 1;

const modelViews = createModelViews(() => ({
  statsUrl: process.env.STATS_URL,
  statsKey: process.env.STATS_KEY,
}));

/** One is built, and every other at its first visit. */
export function generateStaticParams() {
  return [{ id: "00000000-0000-4000-8000-000000000001" }];
}

export default async function Page({ params }) {
  const { id } = await params;
  const stats = await modelViews.getModelViewStats(id);
  return <p>{stats.success ? `${stats.data.totalViews} views` : stats.error}</p>;
}
