// A form for a generator and its arguments, made of the blueprint's JSON Schema. What has no field of its own is edited
// as a line of YAML.
import { useState } from "preact/hooks";
import { parse } from "yaml";
import type { JSONSchema } from "./client";
import { inline } from "./yamltext";

interface Props {
  schema: JSONSchema;
  value: unknown;
  set: (value: unknown) => void;
}

type Fields = Record<string, unknown>;

export const isFields = (v: unknown): v is Fields => typeof v === "object" && v !== null && !Array.isArray(v);

export const generators = (schema: JSONSchema): string[] =>
  Object.keys(schema.$defs ?? {}).filter((k) => k.startsWith("arguments.")).map((k) => k.slice("arguments.".length)).sort();

/** The schema behind references. */
function follow(root: JSONSchema, s: JSONSchema | undefined): JSONSchema | undefined {
  for (let i = 0; s?.$ref && i < 10; i++) s = root.$defs?.[s.$ref.replace("#/$defs/", "")];
  return s;
}

/** The properties that the arguments of a generator may have. */
function argumentsOf(root: JSONSchema, name: string): { about: string; properties: Record<string, JSONSchema>; required: string[] } {
  const s = root.$defs?.[`arguments.${name}`];
  const objects = [s, ...(s?.anyOf ?? []), ...(s?.oneOf ?? [])].map((x) => follow(root, x)).filter((x) => x?.properties);
  return { about: s?.description ?? "", properties: objects[0]?.properties ?? {}, required: objects[0]?.required ?? [] };
}

const typesOf = (s: JSONSchema | undefined): string[] => {
  if (!s) return [];
  const own = Array.isArray(s.type) ? s.type : s.type ? [s.type] : [];
  return [...own, ...(s.anyOf ?? []).flatMap(typesOf), ...(s.oneOf ?? []).flatMap(typesOf)];
};

/** The generator's name and its arguments within a column's value. */
export function parts(value: unknown, names: string[]): { name: string; args: unknown; rest: Fields } {
  if (typeof value === "string") return { name: value, args: undefined, rest: {} };
  if (!isFields(value)) return { name: "", args: undefined, rest: {} };
  const name = Object.keys(value).find((k) => names.includes(k)) ?? "";
  const rest = Object.fromEntries(Object.entries(value).filter(([k]) => k !== name));
  return { name, args: name === "" ? undefined : value[name], rest };
}

export function whole(name: string, args: unknown, rest: Fields): unknown {
  const empty = args === undefined || args === null || (isFields(args) && Object.keys(args).length === 0);
  if (empty && Object.keys(rest).length === 0) return name;
  return { [name]: empty ? {} : args, ...rest };
}

export function GeneratorForm({ schema, value, set }: Props) {
  const names = generators(schema);
  const now = parts(value, names);
  const about = argumentsOf(schema, now.name);
  const [problem, setProblem] = useState("");
  const args: Fields = isFields(now.args) ? now.args : {};
  const short = now.args !== undefined && !isFields(now.args);
  const nulls = now.rest["nulls"];

  const raw = (text: string, give: (v: unknown) => void) => {
    try {
      setProblem("");
      give(text.trim() === "" ? undefined : parse(text));
    } catch (e) {
      setProblem(e instanceof Error ? (e.message.split("\n")[0] ?? "") : String(e));
    }
  };
  const without = (from: Fields, key: string): Fields => Object.fromEntries(Object.entries(from).filter(([k]) => k !== key));
  const argument = (key: string, v: unknown) =>
    set(whole(now.name, v === undefined ? without(args, key) : { ...args, [key]: v }, now.rest));

  if (value === undefined) return <p class="soft">The blueprint leaves this column to inference: add a line for it in the editor.</p>;
  return (
    <form class="form" onSubmit={(e) => e.preventDefault()}>
      <label>
        <span>generator</span>
        <select value={now.name} onChange={(e) => set(whole(e.currentTarget.value, undefined, now.rest))}>
          {!names.includes(now.name) && <option value={now.name}>{now.name}</option>}
          {names.map((n) => <option key={n} value={n}>{n}</option>)}
        </select>
      </label>
      {about.about && <p class="soft">{about.about}</p>}
      {short && (
        <label>
          <span>value</span>
          <input class="mono" key={inline(now.args)} defaultValue={inline(now.args)} onChange={(e) => raw(e.currentTarget.value, (v) => set(whole(now.name, v, now.rest)))} />
        </label>
      )}
      {!short && Object.entries(about.properties).map(([key, s]) => (
        <Field key={key} name={key} schema={follow(schema, s) ?? s} about={s.description} required={about.required.includes(key)}
          value={args[key]} set={(v) => argument(key, v)} raw={raw} />
      ))}
      <label>
        <span>nulls</span>
        <input type="number" min="0" max="1" step="0.05" key={String(nulls)} defaultValue={typeof nulls === "number" ? String(nulls) : ""} placeholder="0"
          title="share of cells that are null, 0 to 1"
          onChange={(e) => {
            const v = e.currentTarget.value;
            set(whole(now.name, now.args, v === "" || Number(v) === 0 ? without(now.rest, "nulls") : { ...now.rest, nulls: Number(v) }));
          }} />
      </label>
      {problem && <p class="error" role="alert">{problem}</p>}
    </form>
  );
}

interface FieldProps {
  name: string;
  about: string | undefined;
  schema: JSONSchema;
  required: boolean;
  value: unknown;
  set: (v: unknown) => void;
  raw: (text: string, give: (v: unknown) => void) => void;
}

function Field({ name, about, schema, required, value, set, raw }: FieldProps) {
  const types = typesOf(schema);
  const simple = types.length > 0 && types.every((t) => t === types[0]);
  const title = about ?? "";
  let input;
  if (schema.enum) {
    input = (
      <select value={value === undefined ? "" : String(value)} title={title} onChange={(e) => set(e.currentTarget.value === "" ? undefined : e.currentTarget.value)}>
        <option value="" />
        {schema.enum.map((v) => <option key={String(v)} value={String(v)}>{String(v)}</option>)}
      </select>
    );
  } else if (simple && types[0] === "boolean") {
    input = <input type="checkbox" checked={value === true} title={title} onChange={(e) => set(e.currentTarget.checked ? true : undefined)} />;
  } else {
    const text = value === undefined ? "" : inline(value);
    // Its key is its value: what is being typed stays, whatever else is drawn anew.
    input = (
      <input class="mono" title={title} key={text} defaultValue={text}
        onChange={(e) => raw(e.currentTarget.value, set)} />
    );
  }
  return (
    <label title={title}>
      <span>{name}{required ? <i class="required" title="required"> *</i> : ""}</span>
      {input}
    </label>
  );
}
