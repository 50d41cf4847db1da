import { Pool, type PoolClient } from "pg";
import { createCancellation } from "./cancellation.ts";
import { failureOf } from "./failure.ts";
import { sessionSettings, settleSession } from "./session.ts";
import { answerTimeoutMs, inTransaction } from "./transaction.ts";

/** Milliseconds to wait for a connection: for PostgreSQL to answer, or for one of the pool to be free. */
const CONNECT_TIMEOUT_MS = 5_000;

export type PoolOptions = {
  databaseUrl: string;
  /** The schema of our tables; `public` by default. */
  schema?: string | undefined;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  connectionsMax: number;
  /**
   * Milliseconds after which PostgreSQL cancels a statement; 0: never. Without an answer a little later the connection
   * counts as dead.
   */
  statementTimeoutMs: number;
  /** Milliseconds to wait for a connection; 5 s by default. */
  connectTimeoutMs?: number;
  /** Milliseconds to wait for an answer; by default `statementTimeoutMs` and 5 s. */
  answerTimeoutMs?: number;
  /** Every transaction is read-only unless it asks for more, also when the role may write. */
  readOnly?: boolean;
  /** Called for connections that break. Without a listener the error would end the process. */
  onError: (error: Error) => void;
};

/** As pg takes them: text or an object, and values. */
type Given = [statement: string, values: unknown[]];

/** Runs a statement on a connection and releases it, also after a refused value, where pg itself would close it. */
async function askOnce(client: PoolClient, given: Given, signal?: AbortSignal): Promise<unknown> {
  const { run, mayComeLater } = createCancellation(client, signal);
  let isUsable = true;
  try {
    return await run(() => client.query(...given));
  } catch (error) {
    isUsable = signal?.aborted === true && error === signal.reason ? true : failureOf(error).kind === "data";
    throw error;
  } finally {
    client.release(!isUsable || mayComeLater());
  }
}

/** pg's pool, and the schema of our tables. */
export type DatabasePool = Pool & {
  readonly schema: string;
  /** Runs statements on the pool that are cancelled in PostgreSQL when the signal aborts, and reject with its reason. */
  cancelledBy(signal: AbortSignal): Pick<Pool, "query">;
};

/** Opens a pool of connections; connects when first asked. */
export function openPool(options: PoolOptions): DatabasePool {
  const pool = new SettledPool(options);
  const { onError } = options;
  pool.on("error", onError);
  // A connection that breaks while it is checked out reports here, not at the pool; its query rejects as well.
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}

/**
 * A pool whose connections all have the settings of session.ts. They are not in the start-up message, which poolers would
 * refuse. Behind a pooler, each single statement is a transaction with its settings: three round trips instead of one.
 */
class SettledPool extends Pool {
  readonly schema: string;
  readonly #statementTimeoutMs: number;
  /** Undefined until the first connection is made. */
  #isPooled: boolean | undefined;

  constructor(options: PoolOptions) {
    const { databaseUrl, schema = "public", applicationName, connectionsMax } = options;
    const { statementTimeoutMs, readOnly = false, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
    const settings = sessionSettings({ schema, statementTimeoutMs, readOnly });
    super({
      connectionString: databaseUrl,
      application_name: applicationName,
      max: connectionsMax,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: options.answerTimeoutMs ?? answerTimeoutMs(statementTimeoutMs),
      keepAlive: true,
      // As libpq; pg itself does not look for it in the URL.
      enableChannelBinding: URL.parse(databaseUrl)?.searchParams.get("channel_binding") === "require",
      onConnect: (client) => this.#settle(client, { settings, timeoutMs: connectTimeoutMs }),
    });
    this.schema = schema;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  async #settle(...given: Parameters<typeof settleSession>): Promise<void> {
    const isPooled = await settleSession(...given);
    // The caller may be about to use this connection as a direct one; the next try takes the pooler into account.
    const isNew = isPooled && this.#isPooled === false;
    this.#isPooled ||= isPooled;
    if (isNew) throw new Error("Connection terminated: PostgreSQL is behind a pooler now");
  }

  /** All of pg's overloads come here; our callers await what it returns. */
  override query(statement: unknown, ...values: unknown[]): never {
    return this.#ask([statement, ...values] as Given) as never;
  }

  cancelledBy(signal: AbortSignal): Pick<Pool, "query"> {
    const query = (statement: unknown, ...values: unknown[]) =>
      this.#ask([statement, ...values] as Given, signal) as never;
    return { query };
  }

  async #ask(given: Given, signal?: AbortSignal): Promise<unknown> {
    if (this.#isPooled !== true) {
      const client = await this.connect();
      if (this.#isPooled === false) return askOnce(client, given, signal);
      client.release();
    }
    const options = { statementTimeoutMs: this.#statementTimeoutMs, signal };
    return inTransaction(this, options, (_ask, client, run) => run(() => client.query(...given)));
  }
}
