import { keep, readKept } from "../../keys/kept-settings.ts";

const ID = /^[0-9a-f-]{36}$/;

/** The models that were copied last on this device, by seat. */
export function keptFrontPage(): string[] {
  return (readKept("front-page") ?? "").split(",").filter((id) => ID.test(id));
}

export function keepFrontPage(ids: readonly string[]): void {
  keep("front-page", ids.join(","));
}
