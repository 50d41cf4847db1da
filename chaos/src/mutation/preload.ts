import { registerHooks } from "node:module";
import { editSource, MUTANT_VARIABLE } from "../lab/mutant.ts";
import { findMutant } from "./mutants.ts";

// Loaded before a service: applies a mutant to its sources while they are loaded. The files stay as they are.
const root = new URL("../../../", import.meta.url).href;
const mutant = findMutant(process.env[MUTANT_VARIABLE] ?? "");
if (mutant === undefined) throw new Error(`${MUTANT_VARIABLE} names no mutant`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const edits = mutant.edits.filter(({ file }) => url === root + file);
    if (edits.length === 0) return loaded;
    const source = edits.reduce(editSource, String(loaded.source));
    for (const { file } of edits) process.send?.({ mutated: file });
    return { ...loaded, source };
  },
});
