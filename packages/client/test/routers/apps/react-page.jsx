import { useEffect } from "react";
import { drawnTag, namingAttributes, putTag } from "./naming.js";

export function Page({ name }) {
  useEffect(() => putTag(name), [name]);
  const tag = drawnTag(name);
  return (
    <main {...namingAttributes(name)}>
      <h1>{name}</h1>
      {tag && <script {...tag} />}
    </main>
  );
}
