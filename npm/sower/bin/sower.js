#!/usr/bin/env node
// Runs the program, with this process's input, output, signals and exit code.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { binaryPath } from "../binary.js";

let path;
try {
  path = binaryPath();
} catch (e) {
  console.error(`sower: ${e.message}`);
  process.exit(1);
}
const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (e) => {
  console.error(`sower: ${path}: ${e.message}`);
  process.exit(1);
});
child.on("close", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
