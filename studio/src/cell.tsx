// One row: how its cell comes about, and which rows refer to it.
import { useEffect, useState } from "preact/hooks";
import type { Cell, Children, Model, Table } from "./api";
import { client } from "./client";
import { count, counted } from "./text";

interface Props {
  model: Model;
  table: Table;
  column: string;
  row: number;
  follow: (table: string, row: number) => void;
}

const shown = (v: string | null) => (v === null ? <span class="null">null</span> : v === "" ? <span class="null">empty</span> : v);

export function CellView({ model, table, column, row, follow }: Props) {
  const [cell, setCell] = useState<Cell | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    let live = true;
    client.cell(table.name, row, column).then(
      (c) => { if (live) { setCell(c); setError(""); } },
      (e: Error) => { if (live) { setCell(null); setError(e.message); } },
    );
    return () => { live = false; };
  }, [table.name, row, column, model.shown]);
  if (error) return <p class="error" role="alert">{error}</p>;
  const c = cell?.table === table.name && cell.row === row && cell.column === column ? cell : null;
  const children = model.tables.flatMap((t) => t.columns.filter((x) => x.parent === table.name && !t.standing).map((x) => ({ table: t.name, column: x.name })));
  return (
    <section class="cell" aria-label="the cell">
      <h3>Row {count(row)}</h3>
      {c && <>
        <p class="value">{shown(c.value)}</p>
        <p class="generator">{c.part && <span class="soft">{c.part}: </span>}{c.generator}</p>
        {c.held && <p class="soft">drawn again until it holds: {c.held}</p>}
        {c.inputs.length > 0 && (
          <dl class="inputs">
            {c.inputs.map((i, n) => (
              <>
                <dt key={`t${n}`}>{i.table !== table.name || i.column === "" ? `${i.table}${i.column && "."}` : ""}{i.column}</dt>
                <dd key={`d${n}`}>
                  {i.column === "" ? <RowLink table={i.table} row={i.row} follow={follow} /> : i.row < 0 ? <span class="soft">of many rows</span> : <>
                    {shown(i.value)}{i.table !== table.name && <> <RowLink table={i.table} row={i.row} follow={follow} /></>}
                  </>}
                </dd>
              </>
            ))}
          </dl>
        )}
      </>}
      {children.length > 0 && <div class="children">
        <p class="soft">rows that refer to this row</p>
        {children.map((x) => <ChildRows key={`${x.table} ${x.column}`} of={{ table: table.name, row }} child={x} version={model.shown} follow={follow} />)}
      </div>}
    </section>
  );
}

function RowLink({ table, row, follow }: { table: string; row: number; follow: (table: string, row: number) => void }) {
  if (row < 0) return <span class="null">none</span>;
  return <button type="button" class="link" title={`${table}, row ${count(row)}`} onClick={() => follow(table, row)}>row {count(row)}</button>;
}

interface ChildProps {
  of: { table: string; row: number };
  child: { table: string; column: string };
  version: number;
  follow: (table: string, row: number) => void;
}

function ChildRows({ of, child, version, follow }: ChildProps) {
  const [found, setFound] = useState<Children | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState("");
  useEffect(() => { setFound(null); setError(""); }, [of.table, of.row, version]);
  const ask = async () => {
    setAsking(true);
    try {
      const next = await client.children(of.table, of.row, child.table, child.column, found?.searched ?? 0);
      setFound({ ...next, rows: [...(found?.rows ?? []), ...next.rows] });
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e));
    }
    setAsking(false);
  };
  const all = found !== null && found.searched >= found.of;
  return (
    <div class="child">
      {!found ? <button type="button" class="plain" disabled={asking} onClick={() => void ask()}>▸ {child.table} <span class="soft">by {child.column}</span></button> : (
        <p>
          <b>{child.table}</b> <span class="soft">by {child.column}: {all ? counted(found.rows.length, "row") : `${count(found.rows.length)} in the first ${count(found.searched)} rows of ${count(found.of)}`}</span><br />
          {found.rows.slice(0, 200).map((r, i) => <span key={r}>{i > 0 && ", "}<button type="button" class="link" onClick={() => follow(child.table, r)}>{count(r)}</button></span>)}
          {!all && <> <button type="button" class="link" disabled={asking} onClick={() => void ask()}>search on</button></>}
        </p>
      )}
      {error && <p class="error" role="alert">{error}</p>}
    </div>
  );
}
