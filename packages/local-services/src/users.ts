import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, startMark } from "./processes.ts";

/**
 * Who uses a local server, one small file each, so that nobody stops it under somebody else: `npm start` typed a
 * second time fails on its port and closes again, and must not take the first one's database along.
 *
 * Everything here runs under the server's lock. A user that was killed is recognised by its process and forgotten.
 */
type User = {
  pid: number;
  mark: string | null;
  /** Stops the server when it leaves, whoever started it. */
  own: boolean;
  /** Started the server, or was left it by the one that did: stops it when nobody else is there. */
  answers: boolean;
};

export type Use = {
  /** Ends this use; true when the server is to be stopped now. */
  leave(): Promise<boolean>;
};

export async function use(
  folder: string,
  { own, answers }: { own: boolean; answers: boolean | "when alone" },
): Promise<Use> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const alone = (await liveUsers(folder)).size === 0;
  const file = join(folder, `${process.pid}-${randomBytes(4).toString("hex")}.json`);
  const me: User = {
    pid: process.pid,
    mark: startMark(process.pid),
    own,
    answers: answers === "when alone" ? alone : answers,
  };
  await writeFile(file, JSON.stringify(me), { mode: 0o600 });
  return { leave: () => leave(folder, file, me) };
}

async function leave(folder: string, file: string, joined: User): Promise<boolean> {
  // Read again: another user may have left us the server meanwhile.
  const me = (await readUser(file)) ?? joined;
  await rm(file, { force: true });
  const others = [...(await liveUsers(folder))];
  if (others.some(([, other]) => other.own)) return false;
  if (me.own) return true;
  const [heir] = others;
  if (heir === undefined) return me.answers;
  const [heirFile, heirUser] = heir;
  if (me.answers) await writeFile(heirFile, JSON.stringify({ ...heirUser, answers: true }));
  return false;
}

async function liveUsers(folder: string): Promise<Map<string, User>> {
  const live = new Map<string, User>();
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const user = await readUser(file);
    if (user !== null && isAlive(user.pid) && startMark(user.pid) === user.mark) live.set(file, user);
    else await rm(file, { force: true });
  }
  return live;
}

/** Null for a file that is gone, or was half written by a process killed just then. */
async function readUser(file: string): Promise<User | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as User;
  } catch {
    return null;
  }
}
