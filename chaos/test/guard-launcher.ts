import { spawn } from "node:child_process";
import { join } from "node:path";
import { openDisks } from "../src/lab/disks.ts";
import { openGuard } from "../src/lab/guard.ts";

/** Starts a stopped process and mounts a disk, both watched by the guard, prints the pid, and waits to be killed. */
const [folder = ""] = process.argv.slice(2);
const guard = openGuard(folder);
// Where it cannot be mounted, the folder stays as it is.
await openDisks({
  folders: { redis: join(folder, "disk"), postgres: "", ingest: "" },
  wanted: { redis: "wanted" },
  onMount: guard.watchMount,
});
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"], {
  detached: true,
  stdio: "ignore",
});
child.once("spawn", () => {
  guard.watch(child.pid ?? 0);
  child.kill("SIGSTOP");
  process.stdout.write(`${child.pid}\n`);
});
setInterval(() => {}, 60_000);
