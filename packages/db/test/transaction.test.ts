import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel } from "@model-views/testing/views.ts";
import { expect } from "vitest";

const options = { statementTimeoutMs: 5_000 };

test("what a failed transaction has locked is free when it has failed", async ({ db }) => {
  await aModel(db);
  for (let round = 0; round < 20; round += 1) {
    const failing = inTransaction(db.$client, options, async (ask) => {
      await ask("select from models for update");
      await ask("select 1 / 0");
    });
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    const { rowCount } = await db.$client.query("select from models for update skip locked");
    expect(rowCount).toBe(1);
  }
});

test("the connection of a failed transaction serves the next one", async ({ db }) => {
  const pids = new Set<number>();
  for (const text of ["select 1 / 0", "select 1"]) {
    const work = inTransaction(db.$client, options, async (ask) => {
      const { rows } = await ask<{ pid: number }>("select pg_backend_pid() as pid");
      pids.add(rows[0]?.pid ?? 0);
      await ask(text);
    });
    await work.catch(() => {});
  }
  expect(pids.size).toBe(1);
});

test("a connection that does not answer any more is not used again", async ({ db }) => {
  const failing = inTransaction(db.$client, options, async (ask) => {
    await ask("select pg_terminate_backend(pg_backend_pid())");
  });
  await expect(failing).rejects.toThrow();
  expect(db.$client.totalCount).toBe(0);
});
