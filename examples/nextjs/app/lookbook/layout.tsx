import Script from "next/script";
import type { ReactNode } from "react";

/** The pages below name their model by `data-model-id`; the script notices when it changes. */
export default function LookbookLayout({ children }: { children: ReactNode }) {
  return (
    <>
      {children}
      <Script src="/model-views.js" />
    </>
  );
}
