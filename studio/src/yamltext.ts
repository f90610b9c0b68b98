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

/** The value at a path of keys; undefined where the text has none, or cannot be read. */
export function valueAt(text: string, path: string[]): unknown {
  const node = nodeAt(text, path);
  return node === undefined ? undefined : (node as { toJSON(): unknown }).toJSON();
}

function nodeAt(text: string, path: string[]): Node | undefined {
  let at: unknown = parseDocument(text, { keepSourceTokens: false }).contents;
  for (const name of path) {
    const pair = child(at, name);
    if (!pair) return undefined;
    at = pair.value;
  }
  return (at as Node | null) ?? undefined;
}

/** Where a path of keys stands in the text: the offset of its last key that is there. */
export function placeOf(text: string, path: string[]): number | undefined {
  let at: unknown = parseDocument(text).contents;
  let place: number | undefined;
  for (const name of path) {
    const pair = child(at, name);
    if (!pair) return place;
    place = (pair.key as Node).range?.[0] ?? place;
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
  const node = nodeAt(text, path);
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
  const mapping = nodeAt(text, path.slice(0, -1));
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
