// Made of the server's types: go test ./internal/studio -run TestTypeScript -update

export interface Column {
  name: string;
  type: string;
  numeric: boolean;
  key: boolean;
  unique: boolean;
  nullable: boolean;
  parent: string;
  generators: string[];
  parts: string[];
  why: string;
  confidence: number;
  inputs: string[];
}

export interface Table {
  name: string;
  rows: number;
  standing: boolean;
  holds: boolean;
  cyclic: boolean;
  step: number;
  parents: string[];
  children: string[];
  columns: Column[];
  comment: string;
}

export interface Parameter {
  name: string;
  value: string;
  help: string;
  given: boolean;
}

export interface Problem {
  line: number;
  column: number;
  message: string;
  hint: string;
  table: string;
}

export interface Model {
  version: number;
  planned: number;
  state: number;
  shown: number;
  outside: number;
  pending: boolean;
  title: string;
  database: string;
  file: string;
  text: string;
  unsaved: boolean;
  canFill: boolean;
  whyNot: string;
  seed: string;
  names: string[];
  tables: Table[];
  parameters: Parameter[];
  problems: Problem[];
  notices: string[];
  plannedIn: number;
}

export interface Rows {
  shown: number;
  table: string;
  first: number;
  columns: string[];
  cells: ((string | null)[])[];
  parents: number[][];
}

export interface Bar {
  label: string;
  count: number;
  found: number;
}

export interface Plot {
  title: string;
  kind: string;
  bars: Bar[];
}

export interface Reading {
  generator: string;
  why: string;
  confidence: number;
  failed: boolean;
}

export interface Profile {
  shown: number;
  table: string;
  column: string;
  sampled: number;
  of: number;
  nulls: number;
  distinct: number;
  least: string;
  greatest: string;
  plots: Plot[];
  readings: Reading[];
}

export interface Side {
  cells: number;
  nulls: number;
  distinct: number;
  least: string;
  greatest: string;
}

export interface StandingColumn {
  name: string;
  type: string;
  asked: Side | null;
  found: Side | null;
  nulls: number;
  agrees: number;
  apart: string;
  telling: number;
  plots: Plot[];
}

export interface Standing {
  shown: number;
  table: string;
  asked: number;
  found: number;
  looked: string;
  problem: string;
  columns: StandingColumn[];
}

export interface Input {
  table: string;
  row: number;
  column: string;
  value: string | null;
}

export interface Cell {
  shown: number;
  table: string;
  row: number;
  column: string;
  value: string | null;
  part: string;
  generator: string;
  held: string;
  inputs: Input[];
}

export interface Children {
  table: string;
  column: string;
  rows: number[];
  searched: number;
  of: number;
}

export interface Edit {
  text: string;
  state: number;
}

export interface SaveAs {
  file: string;
}

export interface Saved {
  file: string;
}

export interface RunTable {
  name: string;
  made: number;
  total: number;
  seconds: number;
}

export interface RunResult {
  state: string;
  error: string;
  rows: number;
  seconds: number;
  tables: RunTable[];
  notices: string[];
}

export interface Step {
  state: string;
  phase: string;
  table: string;
  rows: number;
  total: number;
  seconds: number;
  text: string;
  done: RunResult | null;
}

export interface Steps {
  steps: Step[];
  ended: boolean;
}

export interface Page {
  name: string;
  path: string;
  html: string;
}

export interface Failure {
  error: string;
}

export interface Line {
  y: number;
  key: boolean;
  refer: boolean;
  name: string;
  type: string;
}

export interface Box {
  id: string;
  table: string;
  name: string;
  rows: string;
  x: number;
  y: number;
  w: number;
  h: number;
  hue: number;
  cyclic: boolean;
  head: string;
  lines: Line[];
  more: string;
  moreY: number;
  loop: string;
  loopWeak: boolean;
}

export interface Edge {
  path: string;
  from: string;
  to: string;
  title: string;
  weak: boolean;
  cyclic: boolean;
  back: boolean;
}

export interface Drawing {
  width: number;
  height: number;
  fit: boolean;
  boxes: Box[];
  edges: Edge[];
}
