import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { ensureStatsRole } from "@model-views/db/migrate/stats-role.ts";
import { connect } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { ourService } from "@model-views/lab/service-process.ts";
import { test as onPostgres } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const serviceSchema = z.object({
  command: z.union([z.string(), z.array(z.string())]).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  profiles: z.array(z.string()).optional(),
  networks: z.array(z.string()),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  mem_limit: z.string(),
  pids_limit: z.number(),
  security_opt: z.array(z.string()),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
});
const { services, networks } = z
  .object({
    services: z.record(z.string(), serviceSchema),
    networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()),
  })
  .parse(parse(read("docker-compose.yml"), { merge: true }));
const service = (name: string) => services[name] ?? expect.fail(`there is no service ${name}`);

/** Secrets, by the service that needs them. */
const SECRETS: Record<string, string[]> = {
  postgres: ["POSTGRES_PASSWORD", "STATS_DATABASE_PASSWORD"],
  redis: ["REDISCLI_AUTH"],
  migrate: ["DATABASE_URL", "STATS_DATABASE_URL"],
  ingest: ["REDIS_URL", "VIEWER_ID_SALT", "SERVER_KEYS", "PAGE_TOKEN_SECRETS"],
  worker: ["REDIS_URL", "DATABASE_URL", "ADMIN_KEYS"],
  "stats-api": ["REDIS_URL", "DATABASE_URL", "STATS_DATABASE_URL", "STATS_KEYS", "ADMIN_KEYS"],
  prometheus: [],
  grafana: [],
};
/** What runs only with `--profile observability`. */
const OBSERVABILITY = ["grafana", "prometheus"];
const IS_SECRET = /URL|PASSWORD|AUTH$|SALT|KEYS|SECRETS/;
const APPS = ["ingest", "worker", "stats-api"] as const;

describe("docker-compose.yml", () => {
  test.each(Object.entries(SECRETS))("gives %s the secrets that it uses and no other", (name, secrets) => {
    expect(
      Object.keys(service(name).environment)
        .filter((variable) => IS_SECRET.test(variable))
        .sort(),
    ).toEqual(secrets.toSorted());
  });

  test.each(APPS)("runs %s as its npm script does, with Node's flags", async (name) => {
    const { flags } = await ourService(name);
    expect(flags.length).toBeGreaterThan(0);
    expect(service(name).command).toEqual(["node", ...flags, `apps/${name}/src/main.ts`]);
  });

  test("has no service that this test does not know", () => {
    expect(Object.keys(services).sort()).toEqual(Object.keys(SECRETS).sort());
  });

  test.each(APPS)(
    "gives %s no setting that it does not read, and every one that it reads and .env.example names",
    (name) => {
      const source = read(`apps/${name}/src/config.ts`) + read("packages/shared/src/runtime/config.ts");
      const given = Object.keys(service(name).environment);
      expect(given.filter((variable) => !new RegExp(`\\b${variable}\\b`).test(source))).toEqual([]);
      const ownSource = read(`apps/${name}/src/config.ts`);
      const named = [...read(".env.example").matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(
        ([, variable = ""]) => variable,
      );
      // Ports and folders are those inside the container.
      const fixed = [
        "INGEST_PORT",
        "INGEST_ADMIN_PORT",
        "WORKER_PORT",
        "STATS_PORT",
        "STATS_ADMIN_PORT",
        "HOST",
        "DASHBOARD_DIR",
      ];
      const read_ = named.filter((variable) => new RegExp(`^ {4}${variable}:`, "m").test(ownSource));
      expect(read_.filter((variable) => !given.includes(variable) && !fixed.includes(variable))).toEqual([]);
    },
  );

  test.each(Object.keys(SECRETS))("bounds what %s may take, and lets it gain no rights", (name) => {
    const { mem_limit, pids_limit, security_opt } = service(name);
    expect(mem_limit).toMatch(/\d+[mg]\}?$/);
    expect(pids_limit).toBeGreaterThan(0);
    expect(security_opt).toContain("no-new-privileges:true");
  });

  test.each([...APPS, "migrate", ...OBSERVABILITY])(
    "runs %s without capabilities, on a file system that it cannot write",
    (name) => {
      expect(service(name)).toMatchObject({ cap_drop: ["ALL"], read_only: true });
    },
  );

  test("lets only the services that use Redis and PostgreSQL reach them, and these nothing outside", () => {
    const on = (network: string) =>
      Object.keys(services)
        .filter((name) => service(name).networks.includes(network))
        .sort();
    expect(on("database")).toEqual(["migrate", "postgres", "stats-api", "worker"]);
    expect(on("queue")).toEqual(["ingest", "redis", "stats-api", "worker"]);
    expect(on("outside")).toEqual(["ingest", "stats-api"]);
    // Admin ports have no keys.
    expect(on("metrics")).toEqual(["ingest", "prometheus", "stats-api", "worker"]);
    expect(on("operators")).toEqual(["grafana", "prometheus"]);
    const internal = { internal: true };
    expect(networks).toEqual({
      ...{ outside: null, operators: null },
      ...{ queue: internal, database: internal, metrics: internal },
    });
    for (const name of ["postgres", "redis", "worker", "migrate"])
      expect(service(name).ports).toBeUndefined();
  });

  test("publishes on this machine alone unless PUBLISH_ADDRESS is set", () => {
    for (const name of ["ingest", "stats-api", ...OBSERVABILITY]) {
      for (const port of service(name).ports ?? [])
        expect(port).toMatch(/^\$\{PUBLISH_ADDRESS:-127\.0\.0\.1\}:/);
    }
  });

  test("runs Prometheus and Grafana for those who ask for them alone, on files that are there", () => {
    const asked = Object.keys(services).filter((name) => service(name).profiles !== undefined);
    expect(asked.sort()).toEqual(OBSERVABILITY);
    for (const name of OBSERVABILITY) {
      expect(service(name).profiles).toEqual(["observability"]);
      for (const volume of service(name).volumes ?? []) {
        const [from = ""] = volume.split(":");
        if (from.startsWith("./"))
          expect(existsSync(new URL(`../../${from}`, import.meta.url)), from).toBe(true);
      }
    }
  });

  test("has every variable that must be set in .env.example, and no password in a command", () => {
    const needed = [...read("docker-compose.yml").matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name = ""]) => name);
    for (const name of needed) expect(read(".env.example")).toMatch(new RegExp(`^${name}=`, "m"));
    for (const name of Object.keys(services)) expect(String(service(name).command)).not.toMatch(/\$\{/);
  });
});

onPostgres(
  "the owner that compose makes is no superuser, and can do all that the services do",
  async ({ databaseUrl }) => {
    const name = `compose_${randomUUID().replaceAll("-", "")}`;
    const script = read("docker/postgres-roles.sh");
    const [, sql = ""] = /<<'SQL'\n(.*)\nSQL\n/s.exec(script) ?? [];
    const statements = sql
      .split("\n")
      // The test's own superuser keeps its password.
      .filter((line) => !line.startsWith("\\getenv") && line !== "alter role postgres password null;")
      .map((line) => line.replace(/:'(\w+)'/, "'$1'").replaceAll("model_views", name));
    expect(sql).toContain("alter role postgres password null;");

    const open = (url: string) =>
      connect({
        databaseUrl: url,
        applicationName: "compose test",
        connectionsMax: 2,
        statementTimeoutMs: 20_000,
        onError: () => {},
      });
    const { $client: admin } = open(databaseUrl);
    for (const statement of statements) await admin.query(statement);
    const owned = new URL(databaseUrl);
    owned.pathname = `/${name}`;
    owned.username = name;
    owned.password = "owner_password";
    const db = open(owned.href);
    try {
      const { rows } = await db.$client.query(
        "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles where rolname = current_user",
      );
      expect(Object.values(rows[0])).toEqual([false, false, false, false, false]);
      await migrate(db, { now: new Date() });
      expect(await ensureStatsRole(db.$client, { name: `${name}_stats`, password: "stats_password" })).toBe(
        false,
      );
      expect(await recordViews(db.$client, [aView({ modelId: await aModel(db) })])).toMatchObject({
        inserted: 1,
      });

      owned.username = `${name}_stats`;
      owned.password = "stats_password";
      const { $client: stats } = open(owned.href);
      expect((await stats.query("select from model_views")).rowCount).toBe(1);
      for (const table of ["rejected_views", "erased_viewers", "audit_log"]) {
        await expect(stats.query(`select from ${table}`)).rejects.toMatchObject({ code: "42501" });
      }
      await stats.end();
    } finally {
      await db.$client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.query(`drop role ${name}_stats`);
      await admin.query(`drop role ${name}`);
      await admin.end();
    }
  },
);
