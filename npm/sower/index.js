// Calls of the program for tests: see index.d.ts.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryPath } from "./binary.js";

export { binaryPath };

/** Exit code of a run that filled the database but for tables that were left out. */
const partial = 4;

export class SowerError extends Error {
  constructor(args, code, stderr) {
    super(stderr.replace(/^sower: database: .*\n/m, "").trim() || `sower ${args[0]} ended with exit code ${code}`);
    this.name = "SowerError";
    this.code = code;
    this.stderr = stderr;
  }
}

export function run(args, options = {}) {
  const { databaseUrl, cwd, env, signal } = options;
  return new Promise((resolve, reject) => {
    const given = { ...process.env, ...env };
    if (databaseUrl !== undefined) given.DATABASE_URL = databaseUrl; // not as an argument: others see those
    const child = spawn(binaryPath(), args, { cwd, env: given, signal, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "", stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

async function must(args, options, fine = [0]) {
  const done = await run(args, options);
  if (!fine.includes(done.code)) throw new SowerError(args, done.code, done.stderr);
  return done;
}

/** The arguments that decide which rows there are. */
function asked(o) {
  const args = o.blueprint === undefined ? [] : [o.blueprint];
  if (typeof o.rows === "number") args.push("--rows", String(o.rows));
  else for (const [table, n] of Object.entries(o.rows ?? {})) args.push("--rows", table === "*" ? String(n) : `${table}=${n}`);
  if (o.seed !== undefined) args.push("--seed", String(o.seed));
  for (const [name, value] of Object.entries(o.parameters ?? {})) args.push(`--${name.replaceAll("_", "-")}=${value}`);
  return [...args, ...(o.args ?? [])];
}

export async function fill(options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "sower-"));
  try {
    const file = join(folder, "report.json");
    const args = ["generate", ...asked(options), "--progress", "none", "--report-file", file];
    if (options.fresh) args.push("--fresh", "--yes");
    if (options.createSchema) args.push("--create-schema");
    for (const name of options.allowDatabases ?? []) args.push("--allow-database", name);
    await must(args, options, [0, partial]);
    return JSON.parse(await readFile(file, "utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function verify(options = {}) {
  const args = ["verify", ...asked(options), "--format", "json"];
  const done = await run(args, options);
  if (done.stdout === "") throw new SowerError(args, done.code, done.stderr);
  return JSON.parse(done.stdout);
}

export async function preview(table, options = {}) {
  const args = ["preview", ...asked(options), table, "--row", String(options.first ?? 0), "--count", String(options.count ?? 10), "--format", "json"];
  const { stdout } = await must(args, options);
  return stdout.trim() === "" ? [] : JSON.parse(stdout);
}

export async function clean(options = {}) {
  const args = ["clean", ...asked(options), "--yes"];
  for (const name of options.allowDatabases ?? []) args.push("--allow-database", name);
  await must(args, options);
}

export function globalSetup(options = {}) {
  return async () => {
    await fill(options);
    return options.clean ? () => clean(options) : () => Promise.resolve();
  };
}
