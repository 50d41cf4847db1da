import { type NextRequest, NextResponse } from "next/server";
import { modelViews } from "@/lib/model-views";
import { categoryOf, modelOf } from "@/lib/models";

/** Gives a new visitor the cookie before the first page renders, and passes `/model-views.js` on to ingest. */
export function proxy(request: NextRequest) {
  const [, section, slug] = request.nextUrl.pathname.split("/");
  if (slug !== undefined && !isKnown(section, slug)) {
    return NextResponse.rewrite(new URL("/_not-found", request.url), { status: 404 });
  }
  return modelViews.withViewer(request);
}

/** A page with a static shell has sent 200 when it finds that there is no such model: so it is looked up before. */
function isKnown(section: string | undefined, slug: string): boolean {
  if (section === "categories") return categoryOf(slug) !== undefined;
  if (section === "models" || section === "lookbook") return modelOf(slug) !== undefined;
  return true;
}

export const config = {
  // Pages and the script: not what Next.js built or fetches ahead, and not the route that takes views.
  matcher: [
    {
      source: "/((?!_next/|v1/|icon.svg).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
