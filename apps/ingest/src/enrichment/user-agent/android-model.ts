/** What stands before or after the model: the language, the kind of window, the processor, the engine's version. */
const NO_MODEL =
  /^(?:U|wv|K|Mobile(?: VR)?|Tablet|TV|HarmonyOS|[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?|rv:.*|arm(?:_64)?)$/;
/** A program's name with its version, or an address: makers give neither to a device. */
const NO_MAKERS_NAME = /\/\d|[@:]|\bcompatible\b/;
/** Shorter names stand in other words too. */
const MODEL_CHARS_MIN = 3;

/**
 * The device that an Android browser names, as its maker wrote it: `XBot_Senior Build/O11019` of
 * `Mozilla/5.0 (Linux; Android 8.1.0; XBot_Senior Build/O11019) …`. Undefined when it names none, as Chrome since 2023,
 * which says `K` of every device.
 */
export function androidModel(userAgent: string): string | undefined {
  const open = userAgent.indexOf("(");
  const android = open === -1 ? -1 : userAgent.slice(open).search(/\bAndroid\b|\bAdr\b/);
  if (android === -1) return undefined;
  const comment = userAgent.slice(open + 1, endOfComment(userAgent, open));
  const model = comment
    .slice(android - 1)
    .split(";")
    .slice(1)
    .map((field) => field.trim())
    .find((field) => field !== "" && !NO_MODEL.test(field));
  if (model === undefined || model.length < MODEL_CHARS_MIN) return undefined;
  return NO_MAKERS_NAME.test(nameOf(model)) ? undefined : model;
}

/** The name without the mark of its software. */
export function nameOf(model: string): string {
  const build = model.indexOf(" Build/");
  return build === -1 ? model : model.slice(0, build);
}

/** Where the comment that opens there ends: models have brackets too, like `Dell Chromebook 11 (3180)`. */
function endOfComment(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return text.length;
}
