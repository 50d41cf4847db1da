import { expect, test } from "vitest";
import { isPageToken } from "../../shared/src/contracts/page-token.ts";
import { signPageToken } from "../src/sign-page-token.ts";
import { ANNA, BELLA } from "./models.ts";

const secret = "a secret of page tokens: ä€😀";
const now = new Date("2026-11-22T12:00:00.000Z");
const expiresAt = new Date("2026-11-22T13:00:00.900Z");

test("ingest accepts a token for its model only, until it expires", async () => {
  const token = await signPageToken(ANNA.toUpperCase(), { secret, expiresAt });
  expect(isPageToken(token, { modelId: ANNA, secrets: [secret], now })).toBe(true);
  expect(isPageToken(token, { modelId: BELLA, secrets: [secret], now })).toBe(false);
  expect(isPageToken(token, { modelId: ANNA, secrets: ["another"], now })).toBe(false);
  expect(isPageToken(token, { modelId: ANNA, secrets: [secret], now: expiresAt })).toBe(false);
});

test("tokens of many models are in the alphabet that ingest accepts", async () => {
  for (let i = 0; i < 100; i += 1) {
    const modelId = `0190aaaa-0000-7000-8000-${String(i).padStart(12, "0")}`;
    const token = await signPageToken(modelId, { secret, expiresAt });
    expect(isPageToken(token, { modelId, secrets: [secret], now }), token).toBe(true);
  }
});
