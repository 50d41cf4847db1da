import type { Metadata, Viewport } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { siteUrl } from "@/lib/model-views";
import { CATEGORIES } from "@/lib/models";
import "./globals.css";

export const metadata: Metadata = {
  metadataBase: siteUrl(),
  title: { default: "Vesper, model agency", template: "%s · Vesper" },
  description: "Vesper represents models in twelve cities. See who is being looked at today.",
  openGraph: { siteName: "Vesper", type: "website", locale: "en" },
};

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f5f0e8" },
    { media: "(prefers-color-scheme: dark)", color: "#151210" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#content">
          Skip to the content
        </a>
        <header className="masthead">
          <Link className="brand" href="/">
            Vesper
          </Link>
          <nav aria-label="Categories">
            {CATEGORIES.map(({ slug, name }) => (
              <Link key={slug} href={`/categories/${slug}`}>
                {name}
              </Link>
            ))}
          </nav>
        </header>
        <main id="content" tabIndex={-1}>
          {children}
        </main>
        <footer className="colophon">
          <p>Vesper is an example: its models are drawn, its views are counted.</p>
          <Link href="/privacy">What is counted here</Link>
        </footer>
      </body>
    </html>
  );
}
