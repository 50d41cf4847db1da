import { randomUUID } from "node:crypto";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { ensureStatsRole, type StatsRole, statsRoleOf } from "@model-views/db/migrate/stats-role.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

/** Roles belong to the whole server, so each test has another. */
const test = base.extend<{ role: StatsRole; as: (role: StatsRole, readOnly?: boolean) => Db }>({
  role: async ({ db }, use) => {
    const role = { name: `a"role o'b %I ${randomUUID()}`, password: "a'quote, a \\ and an ä%@/:?" };
    await use(role);
    const { rowCount } = await db.$client.query("select from pg_roles where rolname = $1", [role.name]);
    if (rowCount === 0) return;
    const quoted = `"${role.name.replaceAll('"', '""')}"`;
    await db.$client.query(`drop owned by ${quoted} cascade; drop role ${quoted}`);
  },
  as: async ({ databaseUrl }, use) => {
    const opened: Db[] = [];
    await use(({ name, password }, readOnly = false) => {
      const url = new URL(databaseUrl);
      url.username = encodeURIComponent(name);
      url.password = encodeURIComponent(password);
      const db = connect({
        databaseUrl: url.href,
        applicationName: "model-views test",
        connectionsMax: 1,
        statementTimeoutMs: 20_000,
        readOnly,
        onError: () => {},
      });
      opened.push(db);
      return db;
    });
    await Promise.all(opened.map((db) => db.$client.end()));
  },
});

const FORBIDDEN = [
  ["insert", "insert into models (id, name) values (gen_random_uuid(), 'x')"],
  ["change", "update model_totals set total_views = 1"],
  ["delete", "delete from model_views"],
  ["empty a table", "truncate model_days"],
  ["write into a partition", "delete from model_views_default"],
  ["keep writers out", "lock table model_views in share mode"],
  ["create a table", "create table mine (id int)"],
  ["create a schema", "create schema mine"],
  ["create a function", "create function f() returns int language sql as 'select 1'"],
  ["create a role", "create role mine"],
  ["become another", `set role pg_read_all_data`],
  ["drop a table", "drop table model_views"],
  ["read what of the website's models is not ours", "select secret from models"],
  ["read rejected views", "select * from rejected_views"],
  ["read erased viewers", "select * from erased_viewers"],
  ["read passwords", "select * from pg_authid"],
  ["read passwords by another way", "select * from pg_shadow"],
  ["read files", "select pg_read_file('postgresql.conf')"],
  ["run programs", "copy models (id) to program 'cat'"],
  ["read other tables", "select * from model_views_migrations"],
  [
    "end others' connections",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user",
  ],
] as const;

describe("statsRoleOf", () => {
  test.for([
    ["another user", "postgres://stats:p%40ss@db/x", { name: "stats", password: "p@ss" }],
    ["another user without a password", "postgres://stats@db/x", { name: "stats", password: "" }],
    [
      "another user as a parameter",
      "postgres://db/x?user=stats&password=p",
      { name: "stats", password: "p" },
    ],
    ["the same user on a replica", "postgres://own%65r:x@replica/x", undefined],
  ] as const)("%s", ([, statsUrl, expected]) => {
    expect(statsRoleOf("postgres://owner:secret@db/x", statsUrl)).toEqual(expected);
  });
});

describe("ensureStatsRole", () => {
  test("makes a role that can log in, again and by several at once", async ({ db, role, as }) => {
    await Promise.all(Array.from({ length: 4 }, () => ensureStatsRole(db.$client, role)));
    await ensureStatsRole(db.$client, role);
    const { rows } = await as(role).$client.query("select current_user as name");
    expect(rows).toEqual([{ name: role.name }]);
  });

  test("leaves the password of a role that is there as it is", async ({ db, role, as }) => {
    await ensureStatsRole(db.$client, role);
    await ensureStatsRole(db.$client, { ...role, password: "another" });
    await expect(as({ ...role, password: "another" }).$client.query("select 1")).rejects.toMatchObject({
      code: "28P01",
    });
    await as(role).$client.query("select 1");
  });

  test("lets it read what questions read, also of a month whose partition is made later", async ({
    db,
    role,
    as,
  }) => {
    await ensureStatsRole(db.$client, role);
    const modelId = await aModel(db);
    const viewedAt = "2031-05-15T00:00:00.000Z";
    await ensureMonthPartitions(db.$client, { now: new Date(viewedAt) });
    await recordViews(db.$client, [aView({ modelId, viewedAt })]);
    const reader = as(role).$client;
    const { rows } = await reader.query(
      "select tableoid::regclass::text as partition from model_views where viewed_at = $1",
      [viewedAt],
    );
    expect(rows).toEqual([{ partition: "model_views_2031_05" }]);
    await reader.query("begin; lock table only model_views in access share mode; commit");
    for (const table of ["model_viewers", "model_totals", "model_days", "retired_months"]) {
      await reader.query(`select * from ${table}`);
    }
    expect((await reader.query("select id, name, category, created_at from models")).rowCount).toBe(1);
  });

  test("lets it do nothing else", async ({ db, role, as }) => {
    await db.$client.query("alter table models add column secret text");
    await ensureStatsRole(db.$client, role);
    const reader = as(role).$client;
    for (const [what, statement] of FORBIDDEN) {
      // Read-only is a default that any session may change: the role alone must suffice.
      await expect(reader.query(`begin read write; ${statement}`), what).rejects.toMatchObject({
        code: "42501",
      });
      await reader.query("rollback");
    }
  });

  test("reports what to do when the role that migrates may not make it, or may not grant", async ({
    db,
    role,
    as,
  }) => {
    await ensureStatsRole(db.$client, role);
    const limited = as(role).$client;
    const name = "another's role";
    await expect(ensureStatsRole(limited, { name, password: "its-secret" })).rejects.toThrow(
      /There is no role another's role.*\n.*\n {2}create role "another's role" login password '…';$/,
    );
    await db.$client.query(`revoke select on model_days from "${role.name.replaceAll('"', '""')}"`);
    await expect(ensureStatsRole(limited, role)).rejects.toThrow(
      /may not grant .* what questions need(?:.|\n)*\n {2}grant select on public.model_days to "a""role (?:.|\n)*";$/,
    );
  });
});

describe("a read-only pool", () => {
  test.for([
    ["with the owner's role", ""],
    ["with settings in the URL", "?options=-c%20default_transaction_read_only%3Doff"],
    ["with other settings in the URL", "?options=-c%20work_mem%3D8MB"],
  ] as const)("writes nothing, %s", async ([, search], { databaseUrl }) => {
    const db = connect({
      databaseUrl: databaseUrl + search,
      applicationName: "model-views test",
      connectionsMax: 3,
      statementTimeoutMs: 1_234,
      readOnly: true,
      onError: () => {},
    });
    await Promise.all(
      [1, 2, 3].map(() =>
        expect(
          db.$client.query("delete from models where pg_sleep(0.05) is null or true"),
        ).rejects.toMatchObject({
          code: "25006",
        }),
      ),
    );
    await expect(aModel(db)).rejects.toMatchObject({ code: "25006" });
    const { rows } = await db.$client.query("show statement_timeout");
    expect(rows).toEqual([{ statement_timeout: "1234ms" }]);
    if (search.includes("work_mem")) {
      expect((await db.$client.query("show work_mem")).rows).toEqual([{ work_mem: "8MB" }]);
    }
    await db.$client.end();
  });
});
