import { randomUUID } from "node:crypto";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { test } from "./api.ts";

const put = (name: string) => ({
  method: "PUT",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ name, category: "women" }),
});

/** Changes of the website's table, and the error that PostgreSQL then answers to our statement. */
const CHANGES = [
  [
    "a column that must not be null",
    "alter table models add column slug text not null",
    /null value in column "slug" .*\(SQLSTATE 23502\)/,
  ],
  [
    "a generated name",
    "alter table models drop name, add column name text not null generated always as ('x') stored",
    /428C9/,
  ],
  ["a short name", "alter table models alter name type varchar(3)", /value too long .*22001/],
  ["a check", "alter table models add check (category <> 'women')", /violates check constraint .*23514/],
  [
    "a trigger",
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'ask the agency'; end $$;
     create trigger refuse before insert or update on models execute function refuse()`,
    /ask the agency .*P0001/,
  ],
] as const;

describe("the website's own table of models", () => {
  test.for(CHANGES)("with %s refuses a PUT with the reason", async ([, change, reason], { db, api }) => {
    await db.$client.query(change);
    const response = await api.ask(`/v1/models/${randomUUID()}`, put("Annabella"));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      type: "urn:model-views:problem:models-refused",
      detail: expect.stringMatching(reason),
    });
  });

  test("that needs more than a name still has its views counted", async ({ db, api }) => {
    await db.$client.query("alter table models add column slug text not null");
    const id = randomUUID();
    await db.$client.query("insert into models (id, name, slug) values ($1, 'Anna', 'anna')", [id]);
    await recordViews(db.$client, [aView({ modelId: id })]);
    expect(await api.json(`/v1/models/${id}/stats`)).toMatchObject({ totalViews: 1 });
    expect(await api.json(`/v1/models/${id}`)).toMatchObject({ name: "Anna" });
  });

  test("that other tables refer to refuses a DELETE with the reason, and the views stay", async ({
    db,
    api,
  }) => {
    const id = randomUUID();
    expect((await api.ask(`/v1/models/${id}`, put("Anna"))).status).toBe(201);
    await recordViews(db.$client, [aView({ modelId: id })]);
    await db.$client.query(
      "create table bookings (model_id uuid references models); insert into bookings select id from models",
    );
    const response = await api.ask(`/v1/models/${id}`, { method: "DELETE" });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/"bookings" .*23503/) });
    expect(await api.json(`/v1/models/${id}/stats`)).toMatchObject({ totalViews: 1 });
  });
});
