// Runs src/*.test.ts by node's own test runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const out = mkdtempSync(join(tmpdir(), "sower-studio-"));
const tests = readdirSync("src").filter((f) => f.endsWith(".test.ts")).map((f) => `src/${f}`);
await build({ entryPoints: tests, outdir: out, bundle: true, platform: "browser", external: ["node:*"], format: "esm", outExtension: { ".js": ".mjs" }, logLevel: "error" });
const ran = spawnSync(process.execPath, ["--test", ...tests.map((f) => join(out, f.slice(4).replace(/\.ts$/, ".mjs")))], { stdio: "inherit" });
rmSync(out, { recursive: true });
process.exit(ran.status ?? 1);
