import { registerHooks } from "node:module";
import { DEFECT_VARIABLE } from "./mutant.ts";
import { findDefect } from "./mutants.ts";
import { editSource } from "./edit-source.ts";

// Loaded before a service: builds a defect into its sources while they are read, and nowhere else.
const root = new URL("../../../", import.meta.url).href;
const defect = findDefect(process.env[DEFECT_VARIABLE] ?? "");
if (defect === undefined) throw new Error(`${DEFECT_VARIABLE} names no defect`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const edits = defect.edits.filter(({ file }) => url === root + file);
    if (edits.length === 0) return loaded;
    const source = edits.reduce(editSource, String(loaded.source));
    for (const { file } of edits) process.send?.({ sabotaged: file });
    return { ...loaded, source };
  },
});
