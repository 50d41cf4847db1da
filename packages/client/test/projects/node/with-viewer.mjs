// What `withViewer` of the entry for Next.js does with requests of a real one. Prints what came of each.
import { createNextModelViews } from "model-views-client/next";
import { NextRequest, NextResponse } from "next/server.js";

const modelViews = createNextModelViews({
  viewerIdSalt: "a salt",
  ingestUrl: process.argv[2],
  addressHeader: "x-real-ip",
});

const VIEWER = "viewer_id=0190cccc-0000-4000-8000-00000000000c";
const requests = {
  first: ["/anna", {}],
  returning: ["/anna", { cookie: VIEWER }],
  wrong: ["/anna", { cookie: "viewer_id=admin" }],
  private: ["/anna", { "sec-gpc": "1" }],
  prefetch: ["/anna", { "sec-purpose": "prefetch" }],
  rewritten: ["/anna", {}, NextResponse.rewrite(new URL("http://website/de/anna"))],
  script: ["/model-views.js", { cookie: VIEWER, "x-real-ip": "203.0.113.9" }],
};

const results = {};
for (const [name, [path, headers, response]] of Object.entries(requests)) {
  const answered = await modelViews.withViewer(
    new NextRequest(`http://website${path}`, { headers }),
    response,
  );
  results[name] = { status: answered.status, headers: Object.fromEntries(answered.headers) };
}
process.stdout.write(JSON.stringify(results));
