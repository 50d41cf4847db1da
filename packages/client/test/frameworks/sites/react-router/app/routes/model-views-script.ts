import { modelViews } from "../model-views.server";
import type { Route } from "./+types/model-views-script";

export const loader = ({ request }: Route.LoaderArgs) =>
  modelViews.passViewOn(request, { clientAddress: request.headers.get("x-real-ip") });
