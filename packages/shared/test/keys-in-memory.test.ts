import { Session } from "node:inspector/promises";
import { createApiKeyCheck, type HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { expect, test } from "vitest";

/** All texts that a function's own variables lead to, as a debugger sees them. */
async function textsReachableFrom(hasKey: HasApiKey): Promise<string[]> {
  const session = new Session();
  session.connect();
  Object.assign(globalThis, { looked: hasKey });
  try {
    const { result } = await session.post("Runtime.evaluate", { expression: "looked" });
    const texts: string[] = [];
    const seen = new Set<string>();
    const look = async (objectId: string | undefined, depth: number) => {
      if (objectId === undefined || depth > 6) return;
      const { result: own, internalProperties = [] } = await session.post("Runtime.getProperties", {
        objectId,
        ownProperties: true,
      });
      for (const { name, value } of [...own, ...internalProperties]) {
        if (name === "__proto__" || name === "[[Prototype]]" || value === undefined) continue;
        // What the whole program shares is no part of this function.
        if (/^(Global|Script|Module|Catch)/.test(value.description ?? "")) continue;
        if (value.type === "string") texts.push(String(value.value));
        const id = `${value.description} ${value.objectId}`;
        if (!seen.has(id)) await look(value.objectId, depth + 1);
        seen.add(id);
      }
    };
    await look(result.objectId, 0);
    return texts;
  } finally {
    session.disconnect();
    Reflect.deleteProperty(globalThis, "looked");
  }
}

test("no key can be read from a check in memory, where a debugger finds whatever it holds", async () => {
  const keys = ["the-first-key-of-two", "the-second-key-of-two"];
  const hasKey = createApiKeyCheck(keys, { isDevelopment: false });
  expect(
    hasKey({
      authorization: "Bearer the-second-key-of-two",
      remoteAddress: undefined,
      isDirect: () => false,
    }),
  ).toBe(true);
  const careless: HasApiKey = ({ authorization }) => keys.some((key) => authorization === `Bearer ${key}`);
  expect(await textsReachableFrom(careless)).toEqual(expect.arrayContaining(keys));
  for (const text of await textsReachableFrom(hasKey)) expect(text).not.toMatch(/key-of-two/);
});
