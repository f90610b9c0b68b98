/** What decides which rows there are, and where. */
export interface Options {
  /**
   * Address of the database: "postgres://..." or "sqlite:FILE". Left out, it is DATABASE_URL. It reaches the program in its
   * environment, and is in none of its arguments.
   */
  databaseUrl?: string;
  /** Path of a blueprint, or name of a built-in one. Left out, it is inferred from the schema. */
  blueprint?: string;
  /** Rows of each table; or rows by table, "*" for all others. Only without a blueprint. */
  rows?: number | Record<string, number>;
  /** The same seed gives the same rows. 1 where it is left out. */
  seed?: number | bigint;
  /** Parameters of the blueprint by name. */
  parameters?: Record<string, string | number | boolean>;
  /** Further arguments, as on the command line. */
  args?: string[];
  /** Folder that the program runs in. */
  cwd?: string;
  /** Variables beside those of this process. */
  env?: Record<string, string>;
  /** Ends the program. What it had committed stands, and the same call completes it. */
  signal?: AbortSignal;
}

export interface WriteOptions extends Options {
  /** Names of databases that may be written though they do not end in _demo or _test. */
  allowDatabases?: string[];
}

export interface FillOptions extends WriteOptions {
  /** First take away the rows of all earlier runs of sower in this database. */
  fresh?: boolean;
  /** First create the blueprint's tables. */
  createSchema?: boolean;
}

/** What a run came to: the report that `sower generate --report-file` writes. Keys are only ever added. */
export interface Report {
  blueprint: string;
  /** Number of the run in the database's record. */
  run: number;
  state: "complete" | "already complete" | "interrupted" | "failed" | "dry run";
  error?: string;
  seed: number;
  parameters?: Record<string, unknown>;
  tables: { name: string; made: number; stood_before: number; total: number; seconds: number }[];
  notices: string[];
  /** Tables that were left out, and why. */
  skipped: { table: string; reason: string }[];
  rows: number;
  bytes: number;
  seconds: number;
  version: string;
}

/** What a verification found. */
export interface Verdict {
  run: number;
  ok: boolean;
  rules: { table: string; text: string; ok: boolean; detail?: string }[];
  /** Number of rules that do not hold. */
  broken: number;
  /** Number of cells that were compared. */
  cells: number;
}

/** The program said no: `message` is what it printed, `code` its exit code (2: the options or the database's name are wrong). */
export class SowerError extends Error {
  readonly code: number;
  readonly stderr: string;
}

/** Fills the database. Called again with the same options it completes what is missing. */
export function fill(options?: FillOptions): Promise<Report>;

/** Checks every rule and every cell of the run with these options. Broken rules are in the verdict, and no error. */
export function verify(options?: Options): Promise<Verdict>;

/** Rows of a table as `fill` would write them. Nothing is written. */
export function preview(table: string, options?: Options & { first?: number; count?: number }): Promise<Record<string, unknown>[]>;

/** Takes the rows of the run with these options away again. */
export function clean(options?: WriteOptions): Promise<void>;

/**
 * A global set-up for Vitest, Playwright and Jest: it fills the database once before all tests. With `clean` it gives Vitest
 * and Playwright a function that takes the rows away after them; Jest wants `clean` in its globalTeardown.
 */
export function globalSetup(options?: FillOptions & { clean?: boolean }): () => Promise<() => Promise<void>>;

/** Runs the program with any arguments. */
export function run(
  args: string[],
  options?: Pick<Options, "databaseUrl" | "cwd" | "env" | "signal">,
): Promise<{ code: number; stdout: string; stderr: string }>;

/** Path of the program. */
export function binaryPath(): string;
