import type { FrontPageSeat } from "@model-views/shared/contracts/front-page.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { keepFrontPage } from "./kept-front-page.ts";

/** Copies the seats for the website: as ids, or as JSON. What was copied last is remembered on this device. */
export function CopySeats({ items }: { items: readonly FrontPageSeat[] }) {
  const ids = items.map(({ modelId }) => modelId);
  const json = items.map(({ seat, modelId, name, category }) => ({ seat, modelId, name, category }));
  const keep = () => keepFrontPage(ids);
  return (
    <>
      <CopyButton text={ids.join("\n")} label="Copy ids" onCopied={keep} />
      <CopyButton text={JSON.stringify(json, null, 2)} label="Copy JSON" onCopied={keep} />
    </>
  );
}
