import { findModel } from "../find-model.server";
import { Profile } from "../profile";
import type { Route } from "./+types/passed-on-profile";

export const loader = ({ params }: Route.LoaderArgs) => findModel(params.id);

export default function Page({ loaderData }: Route.ComponentProps) {
  return (
    <main data-model-id={loaderData.model.id}>
      <Profile way="passed-on" {...loaderData} />
    </main>
  );
}
