import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { modelViews } from "@/lib/model-views";

export const metadata: Metadata = { title: "What is counted here" };

/** Every page that counts reads the hash of its address. */
const ANY_MODEL = "/models/anais-okafor";

export default function PrivacyPage() {
  return (
    <article className="text">
      <h1>What is counted here</h1>
      <p>
        When you look at a model, we note which one, and when. We know that two views are of one visitor by a
        cookie with a random number, of which we keep a hash. We keep neither your address nor what your
        browser calls itself.
      </p>
      <h2>Your number</h2>
      <Suspense fallback={<p className="skeleton line">Looking…</p>}>
        <OwnNumber />
      </Suspense>
      <h2>If you would rather not</h2>
      <p>
        A browser that sends <code>Sec-GPC</code> or <code>DNT</code> is counted without a cookie, for a day.
        You work here, and your visits should not count?{" "}
        <Link href={`${ANY_MODEL}#model-views=ignore`}>Leave out this browser</Link>, or{" "}
        <Link href={`${ANY_MODEL}#model-views=count`}>count it again</Link>.
      </p>
    </article>
  );
}

/** Reads the viewer while a page renders. proxy.ts has set the cookie before, at the first visit too. */
async function OwnNumber() {
  const viewer = await modelViews.viewerIdentifier();
  if (viewer === null) return <p>You have none: your browser asked us not to give it one.</p>;
  return (
    <p>
      <code className="number">{viewer}</code>
      Send us this number, and we send you what is stored under it, or erase it.
    </p>
  );
}
