// The panel of one column: what makes it, why, how its cells are distributed, and a form to change it.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Column, Model, Profile, Table } from "./api";
import { CellView } from "./cell";
import { client, type JSONSchema } from "./client";
import { GeneratorForm } from "./form";
import { PlotView } from "./plot";
import { Readings } from "./readings";
import { count, counted } from "./text";
import { setAt, valueAt, type Change } from "./yamltext";

interface Props {
  model: Model;
  table: Table;
  column: Column;
  row: number | null; // whose cell was chosen
  follow: (table: string, row: number) => void;
  text: string;
  schema: JSONSchema | null;
  change: (c: Change) => void;
  close: () => void;
  showLine: (path: string[]) => void;
  openTable: (name: string) => void;
}

export function ColumnPanel(p: Props) {
  const { table, column, model } = p;
  const [profile, setProfile] = useState<Profile | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    if (table.standing) return;
    let live = true;
    client.profile(table.name, column.name).then(
      (found) => { if (live) { setProfile(found); setError(""); } },
      (e: Error) => { if (live) setError(e.message); },
    );
    return () => { live = false; };
  }, [table.name, column.name, model.shown, table.standing]);
  const path = ["tables", table.name, "columns", column.name];
  const value = useMemo(() => valueAt(p.text, path), [p.text, table.name, column.name]);
  const fits = profile && profile.column === column.name && profile.table === table.name ? profile : null;

  return (
    <aside class="panel" aria-label={`column ${column.name}`}>
      <header>
        <h2><span class="soft">{table.name}.</span>{column.name}</h2>
        <button type="button" class="plain" onClick={p.close} aria-label="close">×</button>
      </header>
      <p class="facts">
        <code>{column.type}</code>
        {column.key && <span class="tag key">primary key</span>}
        {column.unique && !column.key && <span class="tag">unique</span>}
        {column.nullable && <span class="tag">may be null</span>}
        {column.parent && (
          <button type="button" class="tag refer" onClick={() => p.openTable(column.parent)}>refers to {column.parent}</button>
        )}
      </p>
      {p.row !== null && !table.standing && p.row < table.rows && <CellView model={model} table={table} column={column.name} row={p.row} follow={p.follow} />}
      <section>
        <h3>Made by</h3>
        {column.generators.map((g, i) => (
          <p key={i} class="generator">{column.parts[i] && <span class="soft">{column.parts[i]}: </span>}{g}</p>
        ))}
        {column.why && (
          <p class="soft">
            {column.why}
            {column.confidence > 0 && <span class="confidence" title="how sure the inference is">{Math.round(100 * column.confidence)} %</span>}
          </p>
        )}
        {fits && p.schema && !table.standing && value !== undefined && (
          <Readings schema={p.schema} readings={fits.readings} value={value}
            set={(v) => { const c = setAt(p.text, path, v); if (c) p.change(c); }} />
        )}
        {column.inputs.length > 0 && <p class="soft">from {column.inputs.join(", ")}</p>}
        <button type="button" class="plain small" onClick={() => p.showLine(path)}>show its line in the blueprint</button>
      </section>
      {!table.standing && p.schema && (
        <section>
          <h3>Change it</h3>
          <GeneratorForm key={`${table.name}.${column.name}`} schema={p.schema} value={value}
            set={(v) => { const c = setAt(p.text, path, v); if (c) p.change(c); }} />
        </section>
      )}
      {error && <p class="error" role="alert">{error}</p>}
      {fits && (
        <section>
          <h3>Its cells</h3>
          <dl>
            <dt>sampled</dt><dd>{count(fits.sampled)} of {counted(fits.of, "row")}</dd>
            {fits.nulls > 0 && <><dt>nulls</dt><dd>{((100 * fits.nulls) / Math.max(1, fits.sampled)).toFixed(1)} %</dd></>}
            <dt>different</dt><dd>{count(fits.distinct)}</dd>
            {fits.least !== "" && <><dt>least</dt><dd>{fits.least}</dd><dt>greatest</dt><dd>{fits.greatest}</dd></>}
          </dl>
          {fits.plots.map((plot) => <PlotView key={plot.title} plot={plot} />)}
        </section>
      )}
    </aside>
  );
}
