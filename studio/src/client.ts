// Requests to the program that serves this page. The token came with the address, behind the #, and goes with each.
import type { Cell, Children, Drawing, Edit, Failure, Model, Page, Profile, Rows, Saved, Standing, Steps } from "./api";

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname); // it is not left in the address bar or the history

async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as Failure).error);
  return answer as T;
}

const query = (values: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(values).map(([k, v]): [string, string] => [k, String(v)])).toString();

export const client = {
  model: () => ask<Model>("GET", "/api/model"),
  changes: (state: number, signal: AbortSignal) => ask<Model | null>("GET", `/api/changes?${query({ state })}`, undefined, signal),
  edit: (text: string, state: number) => ask<Model>("PUT", "/api/text", { text, state }),
  rows: (table: string, first: number, count: number) => ask<Rows>("GET", `/api/rows?${query({ table, first, count })}`),
  profile: (table: string, column: string) => ask<Profile>("GET", `/api/profile?${query({ table, column })}`),
  standing: (table: string) => ask<Standing>("GET", `/api/standing?${query({ table })}`),
  cell: (table: string, row: number, column: string) => ask<Cell>("GET", `/api/cell?${query({ table, row, column })}`),
  children: (table: string, row: number, child: string, column: string, first: number) =>
    ask<Children>("GET", `/api/children?${query({ table, row, child, column, first })}`),
  saved: () => ask<Edit>("GET", "/api/saved"),
  drawing: () => ask<Drawing>("GET", "/api/drawing"),
  schema: () => ask<JSONSchema>("GET", "/api/schema"),
  save: (file: string) => ask<Saved>("POST", "/api/save", { file }),
  fill: () => ask<object>("POST", "/api/fill", {}),
  report: () => ask<Page>("POST", "/api/report", {}),
  stop: () => ask<object>("POST", "/api/stop", {}),
  steps: (from: number, signal: AbortSignal) => ask<Steps>("GET", `/api/steps?${query({ from })}`, undefined, signal),
};

// The parts of a JSON Schema that forms and completion read.
export interface JSONSchema {
  $defs?: Record<string, JSONSchema>;
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, JSONSchema>;
  required?: string[];
  enum?: unknown[];
  anyOf?: JSONSchema[];
  oneOf?: JSONSchema[];
  allOf?: JSONSchema[];
  not?: JSONSchema;
  items?: JSONSchema;
}
