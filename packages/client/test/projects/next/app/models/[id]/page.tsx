import { modelViews } from "../../../model-views";

export const revalidate = 1;

export function generateStaticParams() {
  return [{ id: "0190aaaa-0000-7000-8000-00000000000a" }];
}

/** A static page that is rebuilt in the background; while there are no counts, the earlier page stays. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { totalViews, lastViewedAt } = await modelViews.orThrow.getModelViewStats((await params).id);
  return <p>{`${totalViews} views, the last one in ${lastViewedAt?.getUTCFullYear()}`}</p>;
}
