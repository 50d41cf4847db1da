import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startMark } from "@model-views/local-services/processes.ts";
import type { GuardMessage } from "./messages.ts";

/** A process that ends the others when the harness is killed. */
export type Guard = {
  /** Adds a process that must not outlive the harness. */
  watch(pid: number): void;
  /** Adds a folder that must not stay mounted. */
  watchMount(folder: string): void;
  /** Makes the guard end what is left and remove the folder; resolves when it has. */
  finish(): Promise<void>;
};

/** Starts the guard of a folder and of what runs in it. */
export function openGuard(folder: string): Guard {
  const child = spawn(process.execPath, [fileURLToPath(new URL("guard-main.ts", import.meta.url))], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const send = (message: GuardMessage) => {
    if (child.connected) child.send(message);
  };
  send({ folder });
  return {
    watch: (pid) => send({ pid, mark: startMark(pid) }),
    watchMount: (mounted) => send({ mounted }),
    async finish() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
