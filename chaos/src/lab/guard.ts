import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startMark } from "@model-views/local-services/processes.ts";
import type { GuardMessage } from "./guard-messages.ts";

/** A process that ends the others when this one is killed. */
export type Guard = {
  /** Names a process that must not outlive this one. */
  watch(pid: number): void;
  /** Names a folder that must not stay mounted. */
  watchMount(folder: string): void;
  /** Lets the guard go; it ends what is still there, and removes the folder. */
  release(): Promise<void>;
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
  const tell = (message: GuardMessage) => {
    if (child.connected) child.send(message);
  };
  tell({ folder });
  return {
    watch: (pid) => tell({ pid, mark: startMark(pid) }),
    watchMount: (mounted) => tell({ mounted }),
    async release() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
