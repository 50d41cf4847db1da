import { type NextRequest, NextResponse } from "next/server";
import { modelViews } from "@/lib/model-views";
import { categoryOf, modelOf } from "@/lib/models";

/** Sets the cookie of a new visitor before the first page renders, and passes `/model-views.js` on to ingest. */
export function proxy(request: NextRequest) {
  const [, section, slug] = request.nextUrl.pathname.split("/");
  if (slug !== undefined && !pageExists(section, slug)) {
    return NextResponse.rewrite(new URL("/_not-found", request.url), { status: 404 });
  }
  return modelViews.withViewer(request);
}

/** Checked here, because a page with a static shell has sent its status 200 before it looks up the model. */
function pageExists(section: string | undefined, slug: string): boolean {
  if (section === "categories") return categoryOf(slug) !== undefined;
  if (section === "models" || section === "lookbook") return modelOf(slug) !== undefined;
  return true;
}

export const config = {
  // Pages and the script. Not the files that Next.js built, not prefetches, and not the route that takes views.
  matcher: [
    {
      source: "/((?!_next/|v1/|icon.svg).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
