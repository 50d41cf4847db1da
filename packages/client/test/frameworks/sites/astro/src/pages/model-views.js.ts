import type { APIRoute } from "astro";
import { modelViews } from "../lib/model-views";

export const GET: APIRoute = ({ request }) =>
  modelViews.passViewOn(request, { clientAddress: request.headers.get("x-real-ip") });
