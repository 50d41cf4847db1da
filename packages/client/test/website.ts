import type { RequestListener } from "node:http";
import { type Served, serve } from "./serve.ts";

type PageOfSite = { html: string; headers?: Record<string, string> };

/** A website: the pages that a test gives it, by path. */
export type Website = Served & {
  page: (path: string, html: string, headers?: Record<string, string>) => void;
  /** Answers a path by hand. */
  answer: (path: string, listener: RequestListener) => void;
};

export async function startWebsite(): Promise<Website> {
  const pages = new Map<string, PageOfSite>();
  const answers = new Map<string, RequestListener>();
  const served = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://website");
    const answer = answers.get(pathname);
    if (answer !== undefined) return void answer(request, response);
    const page = pages.get(pathname);
    // Without this, Chromium requests an icon, and logs on the console that there is none.
    const icon = `<link rel="icon" href="data:,">`;
    response.writeHead(page === undefined ? 404 : 200, { "Content-Type": "text/html", ...page?.headers });
    response.end(page === undefined ? "" : `<!doctype html>${icon}${page.html}`);
  });
  return {
    ...served,
    page: (path, html, headers = {}) => void pages.set(path, { html, headers }),
    answer: (path, listener) => void answers.set(path, listener),
  };
}

/** The tag that a website installs. */
export function scriptTag(ingestUrl: string, attributes: Record<string, string>): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<script async src="${ingestUrl}/tracker.js"${written.join("")}></script>`;
}
