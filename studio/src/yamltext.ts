// Changes to the blueprint's text that leave everything else as it stands, comments and spacing too: only the range of
// one value is replaced.
import { isMap, isScalar, parseDocument, stringify, type Node, type Pair, type YAMLMap } from "yaml";

export interface Change {
  from: number;
  to: number;
  insert: string;
}

const keyOf = (p: Pair): string => (isScalar(p.key) ? String(p.key.value) : "");

function child(map: unknown, name: string): Pair | undefined {
  if (!isMap(map)) return undefined;
  return (map as YAMLMap).items.find((p) => keyOf(p as Pair) === name) as Pair | undefined;
}

/** A part of the text that is read by itself. */
interface Part {
  contents: unknown;
  from: number; // where it begins in the text
}

let last: { text: string; part: Part } | undefined;

function read(text: string, from: number): Part | undefined {
  if (last?.text === text) return { contents: last.part.contents, from };
  const doc = parseDocument(text, { keepSourceTokens: false });
  const part = { contents: doc.contents, from };
  if (doc.errors.length > 0 && from > 0) return undefined;
  last = { text, part };
  return part;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/**
 * The lines of one table, which are all that is read for a path within it: reading a text of some hundred tables takes long.
 * undefined where they are not found so: the whole is read.
 */
function tableLines(text: string, table: string): { from: number; to: number } | undefined {
  const head = /^tables:[ \t]*(#.*)?$/m.exec(text);
  if (!head) return undefined;
  let at = head.index + head[0].length + 1, indent = -1, from = -1;
  const keys = [table, JSON.stringify(table), `'${table.replace(/'/g, "''")}'`];
  for (; at < text.length; ) {
    const end = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at);
    const line = text.slice(at, end);
    if (line.trim() !== "" && !line.trimStart().startsWith("#")) {
      const deep = indentOf(line);
      if (indent < 0) indent = deep;
      if (deep < indent || deep === 0) break;
      if (deep === indent) {
        if (from >= 0) break;
        if (keys.some((k) => line.startsWith(`${k}:`, deep))) from = at;
      }
    }
    at = end + 1;
  }
  return from < 0 ? undefined : { from, to: Math.min(at, text.length) };
}

function partOf(text: string, path: string[]): Part {
  if (path[0] === "tables" && path[1] !== undefined) {
    const lines = tableLines(text, path[1]);
    const part = lines && read(text.slice(lines.from, lines.to), lines.from);
    if (part) return part;
  }
  return read(text, 0) ?? { contents: undefined, from: 0 };
}

/** The keys of a path that are left within its part. */
const within = (part: Part, path: string[]): string[] => (part.from > 0 ? path.slice(1) : path);

/** The value at a path of keys; undefined where the text has none, or cannot be read. */
export function valueAt(text: string, path: string[]): unknown {
  const part = partOf(text, path), node = nodeAt(part, within(part, path));
  return node === undefined ? undefined : (node as { toJSON(): unknown }).toJSON();
}

function nodeAt(part: Part, path: string[]): Node | undefined {
  let at: unknown = part.contents;
  for (const name of path) {
    const pair = child(at, name);
    if (!pair) return undefined;
    at = pair.value;
  }
  return (at as Node | null) ?? undefined;
}

/** Where a path of keys stands in the text: the offset of its last key that is there. */
export function placeOf(text: string, path: string[]): number | undefined {
  const part = partOf(text, path);
  let at: unknown = part.contents;
  let place: number | undefined;
  for (const name of within(part, path)) {
    const pair = child(at, name);
    if (!pair) return place;
    const key = (pair.key as Node).range?.[0];
    place = key === undefined ? place : part.from + key;
    at = pair.value;
  }
  return place;
}

/** A value as one line of YAML. */
export function inline(value: unknown): string {
  const text = stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trim();
  return text.includes("\n") ? JSON.stringify(value) : text; // which is YAML too
}

/** The change that gives the key at a path a value. Its mapping must be there; a missing key is added at its end. */
export function setAt(text: string, path: string[], value: unknown): Change | undefined {
  const part = partOf(text, path), left = within(part, path);
  const c = changeOf(text.slice(part.from), part, left, value);
  return c && { from: c.from + part.from, to: c.to + part.from, insert: c.insert };
}

/** The change of a part's own text. */
function changeOf(text: string, part: Part, path: string[], value: unknown): Change | undefined {
  const node = nodeAt(part, path);
  const insert = inline(value);
  if (node?.range) {
    const [from, to] = node.range;
    if (text.slice(from, to).includes("\n") && !insert.includes("\n")) {
      // A value of several lines: what follows it stays on a line of its own.
      const end = text.slice(from, to).replace(/\s+$/, "").length + from;
      const start = text.lastIndexOf("\n", from) > text.lastIndexOf(":", from) ? text.lastIndexOf(":", from) + 1 : from;
      return { from: start, to: end, insert: start === from ? insert : " " + insert };
    }
    return { from, to, insert };
  }
  const mapping = nodeAt(part, path.slice(0, -1));
  const name = inline(path[path.length - 1]);
  if (!isMap(mapping) || !mapping.range || mapping.items.length === 0) return undefined;
  if (mapping.flow) {
    const at = mapping.range[1] - 1;
    return { from: at, to: at, insert: `, ${name}: ${insert}` };
  }
  const first = (mapping.items[0] as Pair).key as Node;
  const start = first.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const last = mapping.range[1];
  const at = text.slice(0, last).replace(/\s+$/, "").length;
  return { from: at, to: at, insert: `\n${indent}${name}: ${insert}` };
}
