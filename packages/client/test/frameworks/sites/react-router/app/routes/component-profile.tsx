import { TrackView } from "model-views-client/react";
import { findModel } from "../find-model.server";
import { Profile } from "../profile";
import type { Route } from "./+types/component-profile";

export const loader = ({ params }: Route.LoaderArgs) => findModel(params.id);

export default function Page({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <TrackView modelId={loaderData.model.id} />
      <Profile way="component" {...loaderData} />
    </>
  );
}
