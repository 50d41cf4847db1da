import { modelViews } from "../model-views.server";
import type { Route } from "./+types/views";

export const action = ({ request }: Route.ActionArgs) =>
  modelViews.passViewOn(request, { clientAddress: request.headers.get("x-real-ip") });
