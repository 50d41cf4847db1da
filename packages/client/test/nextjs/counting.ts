import { expect } from "vitest";
import { MODELS } from "../../../../examples/nextjs/lib/models.ts";
import { USER_AGENT } from "../browser-fixtures.ts";
import type { Agency } from "./agency.ts";

/** Views by the slug of the model; models without any are left out. */
export type Views = Record<string, number>;

/** No test opens this model. */
const WITNESS = "sasha-petrov";

/**
 * Starts to count. The returned function expects exactly these views since its last call: it waits for them, and then
 * for a view that was posted after them, so that it misses no view that ingest accepted before.
 */
export async function startCounting(
  { modelViews: { orThrow } }: Pick<Agency, "modelViews">,
  { withinMs = 15_000 }: { withinMs?: number } = {},
): Promise<(what: string, added: Views) => Promise<void>> {
  let before = await read();
  return async (what, added) => {
    await expect
      .poll(async () => since(before, await read()), { message: what, timeout: withinMs })
      .toEqual(added);
    const witnessed = (await orThrow.getModelViewStats(idOf(WITNESS))).totalViews;
    await orThrow.trackModelView(idOf(WITNESS), "0".repeat(64), { userAgent: USER_AGENT });
    await expect
      .poll(async () => (await orThrow.getModelViewStats(idOf(WITNESS))).totalViews)
      .toBe(witnessed + 1);
    const now = await read();
    expect(since(before, now), what).toEqual(added);
    before = now;
  };

  async function read(): Promise<Views> {
    const shown = MODELS.filter(({ slug }) => slug !== WITNESS);
    const stats = await orThrow.getStats(shown.map(({ id }) => id));
    return Object.fromEntries(shown.map(({ slug }, place) => [slug, stats[place]?.totalViews ?? 0]));
  }
}

function since(before: Views, now: Views): Views {
  const added = Object.entries(now).map(([slug, views]): [string, number] => [
    slug,
    views - (before[slug] ?? 0),
  ]);
  return Object.fromEntries(added.filter(([, views]) => views !== 0));
}

export function idOf(slug: string): string {
  return MODELS.find((model) => model.slug === slug)?.id ?? expect.fail(`no model ${slug}`);
}
