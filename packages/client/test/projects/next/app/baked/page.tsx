import { modelViews } from "../../model-views";

/** A static page whose counts cannot be read while it is built. */
export default async function Page() {
  const stats = await modelViews.getModelViewStats("0190eeee-0000-7000-8000-00000000000e");
  return <p>{stats.success ? stats.data.totalViews : stats.error}</p>;
}
