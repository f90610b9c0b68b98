// What else a column may be: the generators that inference had in mind, to take instead.
import { useMemo } from "preact/hooks";
import { parse } from "yaml";
import type { Reading } from "./api";
import type { JSONSchema } from "./client";
import { generators, parts, whole } from "./form";
import { inline } from "./yamltext";

interface Props {
  schema: JSONSchema;
  readings: Reading[];
  value: unknown; // of the column in the blueprint
  set: (value: unknown) => void;
}

export function Readings({ schema, readings, value, set }: Props) {
  const names = useMemo(() => generators(schema), [schema]);
  const now = parts(value, names);
  const others = useMemo(() => readings.map((r) => {
    const read = parse(r.generator) as unknown;
    return { ...r, ...(read === null ? { name: "constant", args: null, rest: {} } : parts(read, names)) };
  }), [readings, names]);
  const current = (o: { name: string; args: unknown }) =>
    value === null ? o.name === "constant" && o.args === null : o.name === now.name && inline(o.args ?? {}) === inline(now.args ?? {});
  const left = others.filter((o) => !current(o));
  if (left.length === 0) return null;
  const take = (o: { name: string; args: unknown; rest: Record<string, unknown> }) => {
    const beside = Object.fromEntries(Object.entries(now.rest).filter(([k]) => o.args !== null || k !== "nulls"));
    set(o.name === "constant" && o.args === null
      ? (Object.keys(beside).length === 0 ? null : { constant: null, ...beside })
      : whole(o.name, o.args, { ...beside, ...o.rest }));
  };
  return (
    <details class="readings" open={(readings[0]?.confidence ?? 1) < 0.5}>
      <summary>{left.length === 1 ? "Another reading" : `${left.length} other readings`}</summary>
      <ul>
        {left.map((o) => (
          <li key={o.generator}>
            <code>{o.generator}</code>
            <p class="soft">
              {o.why}<span class="confidence" title="how sure the inference is">{Math.round(100 * o.confidence)} %</span>
            </p>
            {o.failed
              ? <p class="soft">tried: its rows do not satisfy the schema</p>
              : <button type="button" class="small" aria-label={`take ${o.generator}`} onClick={() => take(o)}>take it</button>}
          </li>
        ))}
      </ul>
    </details>
  );
}
