import { findModel } from "../find-model.server";
import { Profile } from "../profile";
import type { Route } from "./+types/script-profile";

export const loader = ({ params }: Route.LoaderArgs) => ({
  ...findModel(params.id),
  pixel: `${process.env.PUBLIC_INGEST_URL}/v1/views/${params.id}.gif`,
});

export default function Page({ loaderData: { pixel, ...shown } }: Route.ComponentProps) {
  return (
    <main data-model-id={shown.model.id}>
      <Profile way="script" {...shown} />
      <noscript>
        <img src={pixel} alt="" />
      </noscript>
    </main>
  );
}
