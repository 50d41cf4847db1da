import { spawn } from "node:child_process";
import { openGuard } from "../src/lab/guard.ts";

/** Starts a process that nothing would end, has it guarded, says its pid, and waits to be killed. */
const [folder = ""] = process.argv.slice(2);
const guard = openGuard(folder);
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
