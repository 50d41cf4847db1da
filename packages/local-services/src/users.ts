import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, startMark } from "./processes.ts";

/** A command that uses a local server. */
type User = {
  id: string;
  pid: number;
  mark: string | null;
  /** Stops the server when it leaves, whichever command started it. */
  own: boolean;
  /** Stops the server when it is the last user to leave: it started the server, or a user that started it has left. */
  endsIt: boolean;
};

export type Use = {
  /** Ends this use; true when the server is to be stopped now. */
  leave(): Promise<boolean>;
};

/**
 * Adds this process to the users of a local server, so that no command stops it while another uses it: a second
 * `npm start` fails and closes again, and must not stop the first one's database.
 *
 * Must be called, as `leave` must be, under the server's lock. A user that was killed is removed.
 */
export async function addUser(
  file: string,
  { own, endsIt }: { own: boolean; endsIt: boolean | "when alone" },
): Promise<Use> {
  const others = [...(await readUsers(file)), ...(await takeOlderUsers(file.replace(/\.json$/, "")))];
  const me: User = {
    id: randomUUID(),
    pid: process.pid,
    mark: startMark(process.pid),
    own,
    endsIt: endsIt === "when alone" ? others.length === 0 : endsIt,
  };
  await writeUsers(file, [...others, me]);
  return { leave: () => leave(file, me) };
}

async function leave(file: string, joined: User): Promise<boolean> {
  const users = await readUsers(file);
  // Read again: another user may have passed `endsIt` on to this one.
  const me = users.find(({ id }) => id === joined.id) ?? joined;
  const [next, ...others] = users.filter(({ id }) => id !== joined.id);
  if (next === undefined) {
    await rm(file, { force: true });
    return me.own || me.endsIt;
  }
  await writeUsers(file, [{ ...next, endsIt: next.endsIt || me.endsIt }, ...others]);
  return me.own && ![next, ...others].some(({ own }) => own);
}

async function readUsers(file: string): Promise<User[]> {
  try {
    const users = JSON.parse(await readFile(file, "utf8")) as User[];
    return users.filter(isThere);
  } catch {
    // There is no file yet, or a power cut has emptied it. The power cut has also ended every user.
    return [];
  }
}

/** Older versions noted each user in a file of the folder `ID-users`. One may run while its checkout is updated. */
async function takeOlderUsers(folder: string): Promise<User[]> {
  const users: User[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const user = await readOlderUser(join(folder, name));
    if (user !== null && isThere(user)) users.push(user);
  }
  await rm(folder, { recursive: true, force: true });
  return users;
}

/** Null for a file that a killed process has half written. */
async function readOlderUser(file: string): Promise<User | null> {
  try {
    const { answers: endsIt, ...user } = JSON.parse(await readFile(file, "utf8"));
    return { id: randomUUID(), endsIt, ...user };
  } catch {
    return null;
  }
}

function isThere({ pid, mark }: User): boolean {
  return isAlive(pid) && startMark(pid) === mark;
}

async function writeUsers(file: string, users: readonly User[]): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(users), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
