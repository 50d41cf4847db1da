"use client";

/** Shown in place of a page that failed. Counts never make one fail: see lib/stats.ts. */
export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <section className="text">
      <h1>That went wrong.</h1>
      <p>It is our fault, and we have noted it.</p>
      <button className="button" type="button" onClick={reset}>
        Try again
      </button>
    </section>
  );
}
