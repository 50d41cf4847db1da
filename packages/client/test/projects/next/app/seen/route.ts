import { modelViews } from "../../model-views";

export async function POST() {
  return Response.json(await modelViews.trackView("0190aaaa-0000-7000-8000-00000000000a"));
}
