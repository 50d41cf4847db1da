import { useEffect } from "react";
import { findModel } from "../find-model.server";
import { modelViews } from "../model-views.server";
import { Profile } from "../profile";
import type { Route } from "./+types/server-profile";

export async function loader({ params }: Route.LoaderArgs) {
  const stats = await modelViews.getModelViewStats(params.id);
  return { ...findModel(params.id), viewers: stats.success ? stats.data.uniqueViews : null };
}

export default function Page({ loaderData: { viewers, ...shown } }: Route.ComponentProps) {
  const { id } = shown.model;
  useEffect(() => {
    fetch(`/server/models/${id}/view`, { method: "POST", keepalive: true }).catch(() => {});
  }, [id]);
  return (
    <>
      <Profile way="server" {...shown} />
      {viewers === null ? null : <p>Seen by {viewers}</p>}
    </>
  );
}
