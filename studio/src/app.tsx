import type { EditorView } from "@codemirror/view";
import { render } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Drawing, Model } from "./api";
import { client, type JSONSchema } from "./client";
import { ColumnPanel } from "./column";
import { DrawingView } from "./drawing";
import { Editor, redo, undo } from "./editor";
import { Fill } from "./fill";
import { Grid } from "./grid";
import { Palette, type Found } from "./palette";
import { StandingView } from "./standing";
import { brief, count, counted, span } from "./text";
import { placeOf, setAt, valueAt, type Change } from "./yamltext";

type Tab = "rows" | "database" | "diagram" | "blueprint" | "fill";
const tabs: [Tab, string][] = [["rows", "Rows"], ["database", "Database"], ["diagram", "Diagram"], ["blueprint", "Blueprint"], ["fill", "Fill"]];

const settle = 60; // milliseconds that typing rests before it is planned; other changes are at once

/** What a page shows, with news of it: tables that are not among them are as they were. */
function withNews(was: Model, news: Model): Model {
  const known = new Map([...was.tables, ...news.tables].map((t) => [t.name, t]));
  const same = news.tables.length === 0 && news.names.length === was.names.length && news.names.every((n, i) => n === was.names[i]);
  return { ...news, tables: same ? was.tables : news.names.flatMap((n) => known.get(n) ?? []) };
}

function App({ first, nonce }: { first: Model; nonce: string }) {
  const [model, setModel] = useState(first);
  const [text, setText] = useState(first.text);
  const [tab, setTab] = useState<Tab>(first.tables.length > 0 && first.tables.every((t) => t.standing) ? "database" : "rows");
  const [table, setTable] = useState<string | null>(first.tables.find((t) => !t.standing)?.name ?? first.tables[0]?.name ?? null);
  const [column, setColumn] = useState<string | null>(null);
  const [top, setTop] = useState(0);
  const [marked, setMarked] = useState<number | null>(null);
  const [schema, setSchema] = useState<JSONSchema | null>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [searching, setSearching] = useState(false);
  const [filter, setFilter] = useState("");
  const [said, setSaid] = useState("");
  const [menu, setMenu] = useState(false);
  const [undoable, setUndoable] = useState(false);
  const [against, setAgainst] = useState<string | null>(null);
  const view = useRef<EditorView | null>(null);
  const sent = useRef(first.text);
  const timer = useRef(0);
  const own = useRef(first.state); // the newest that this page has seen
  const outside = useRef(first.outside); // texts that came from the file

  const latest = useRef(model);
  latest.current = model;

  const accept = useCallback((m: Model) => {
    if (m.state < own.current) return;
    own.current = m.state;
    setModel((was) => withNews(was, m));
  }, []);

  // Typing, forms and files: each change goes to the program, which plans it.
  const changed = useCallback((now: string, undone: boolean, typed: boolean) => {
    setText(now);
    setUndoable(undone);
    clearTimeout(timer.current);
    const send = () => {
      if (now === sent.current) return;
      sent.current = now;
      client.edit(now, own.current).then(accept, (e: Error) => setSaid(e.message));
    };
    if (typed) timer.current = window.setTimeout(send, settle);
    else send();
  }, [accept]);

  const change = useCallback((c: Change) => {
    view.current?.dispatch({ changes: c, userEvent: "input.form" });
  }, []);

  // Another program may change the file.
  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      while (!stop.signal.aborted) {
        try {
          const m = await client.changes(own.current, stop.signal);
          if (m && m.outside > outside.current) {
            outside.current = m.outside;
            sent.current = m.text;
            accept(m);
            const v = view.current;
            v?.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: m.text } });
            setSaid("the file was changed by another program: it has been read again");
          } else if (m) accept(m);
          if (!m) await new Promise((r) => setTimeout(r, 50));
        } catch {
          if (stop.signal.aborted) return;
          setSaid("sower does not answer: it has ended, or this address lacks its key");
          await new Promise((r) => setTimeout(r, 2000));
        }
      }
    })();
    return () => stop.abort();
  }, [accept]);

  useEffect(() => { client.schema().then(setSchema, () => setSchema(null)); }, []);
  useEffect(() => {
    if (tab === "diagram") client.drawing().then(setDrawing, (e: Error) => setSaid(e.message));
  }, [tab, model.planned]);

  const save = useCallback(async () => {
    let name = model.file;
    if (name === "") {
      const given = prompt("Save the blueprint as (in the folder that sower was started in):", "blueprint.yaml");
      if (!given) return;
      name = given;
    }
    try {
      clearTimeout(timer.current);
      const now = view.current?.state.doc.toString() ?? text;
      if (now !== sent.current) {
        sent.current = now;
        accept(await client.edit(now, own.current));
      }
      const saved = await client.save(name);
      setSaid(`saved to ${saved.file}`);
      if (against !== null) setAgainst((await client.saved()).text);
      accept(await client.model());
    } catch (e) {
      setSaid(e instanceof Error ? e.message : String(e));
    }
  }, [model.file, text, against, accept]);

  // Before the page is painted: a key pressed at once is heard.
  useLayoutEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (!e.ctrlKey && !e.metaKey) return;
      if (e.key === "k") { e.preventDefault(); setSearching(true); }
      if (e.key === "s") { e.preventDefault(); void save(); }
      const away = !(e.target as Element).closest?.(".cm-editor, input, textarea, select");
      if (away && view.current && (e.key === "z" || e.key === "Z" || e.key === "y")) {
        e.preventDefault();
        (e.key === "z" ? undo : redo)(view.current);
      }
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [save]);
  useEffect(() => {
    const leave = (e: BeforeUnloadEvent) => { if (model.unsaved && model.file !== "") e.preventDefault(); };
    addEventListener("beforeunload", leave);
    return () => removeEventListener("beforeunload", leave);
  }, [model.unsaved, model.file]);
  useEffect(() => {
    if (said === "") return;
    const t = setTimeout(() => setSaid(""), 6000);
    return () => clearTimeout(t);
  }, [said]);

  const openTable = useCallback((name: string, at: string | null = null) => {
    setTable(name);
    setColumn(at);
    setTop(0);
    setMarked(null);
    setMenu(false);
  }, []);
  const follow = useCallback((name: string, row: number) => {
    const to = latest.current.tables.find((x) => x.name === name);
    openTable(name, column === null ? null : (to?.columns.find((x) => x.key) ?? to?.columns[0])?.name ?? null);
    setTab("rows");
    setTop(Math.max(0, row - 3));
    setMarked(row);
  }, [openTable, column]);
  const choose = (f: Found) => {
    setSearching(false);
    openTable(f.table, f.column);
    if (tab === "fill" || tab === "blueprint") setTab("rows");
  };
  const showLine = useCallback((path: string[]) => {
    setTab("blueprint");
    const v = view.current, at = placeOf(v?.state.doc.toString() ?? "", path);
    if (v && at !== undefined) {
      setTimeout(() => {
        v.dispatch({ selection: { anchor: at }, scrollIntoView: true });
        v.focus();
      }, 0);
    }
  }, []);

  const steps = useMemo(() => new Map(model.tables.map((x) => [x.name, x.step])), [model.tables]);
  const t = model.tables.find((x) => x.name === table) ?? model.tables[0];
  const c = t?.columns.find((x) => x.name === column);
  const shown = useMemo(() => model.tables.filter((x) => x.name.toLowerCase().includes(filter.toLowerCase())), [model.tables, filter]);
  const largest = Math.max(1, ...model.tables.map((x) => x.rows));

  return (
    <div class={`app${c && tab === "rows" ? " with-panel" : ""}${menu ? " with-menu" : ""}`}>
      <header class="top">
        <button type="button" class="plain menu" aria-label="tables" aria-expanded={menu} onClick={() => setMenu(!menu)}>☰</button>
        <h1>{model.title}</h1>
        <span class="soft database">{model.database}</span>
        <nav role="tablist" aria-label="views">
          {tabs.filter(([id]) => id !== "database" || model.database !== "").map(([id, name]) => (
            <button key={id} type="button" role="tab" id={`tab-${id}`} aria-selected={tab === id} aria-controls="view" onClick={() => setTab(id)}>
              {name}
              {id === "blueprint" && model.problems.length > 0 && <i class="badge" title={counted(model.problems.length, "problem")}>{model.problems.length}</i>}
            </button>
          ))}
        </nav>
        <span class="state soft" title={model.file}>{model.file ? model.file + (model.unsaved ? " •" : "") : "not saved"}</span>
        <button type="button" disabled={!undoable} onClick={() => { if (view.current) undo(view.current); }} title="undo the last change (Ctrl-Z)" aria-label="undo">↶</button>
        <button type="button" onClick={() => void save()} title="save (Ctrl-S)">Save</button>
        <button type="button" onClick={() => setSearching(true)} title="go to a table or column (Ctrl-K)">Search</button>
      </header>
      <aside class="tables" aria-label="tables">
        <input type="search" placeholder={counted(model.tables.length, "table")} aria-label="filter tables" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
        {model.parameters.length > 0 && <ParameterList model={model} text={text} change={change} />}
        <ul>
          {shown.map((x) => (
            <li key={x.name} class={x.name === t?.name ? "chosen" : ""}>
              <button type="button" onClick={() => openTable(x.name)} title={x.standing ? `${x.name}: its rows exist already` : x.comment || x.name}>
                <span class={x.standing ? "name soft" : "name"}>{x.name}</span>
                <span class="number">{x.standing ? "exists" : brief(x.rows)}</span>
                <svg class="spark" width="100%" height="2" aria-hidden="true"><rect width={`${(100 * Math.log1p(x.rows)) / Math.log1p(largest)}%`} height="2" /></svg>
              </button>
            </li>
          ))}
        </ul>
      </aside>
      <main id="view" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "rows" && t && (
          <>
            <TableHead key={t.name} table={t} text={text} change={change} goTo={(row) => { setTop(Math.max(0, row - 3)); setMarked(row); }} open={openTable} />
            {t.standing ? <p class="note">The rows of {t.name} exist already: others may refer to them, and none are made. <button type="button" class="link" onClick={() => setTab("database")}>See what the database holds</button></p> : (
              <Grid table={t} version={model.shown} top={top} setTop={setTop} marked={marked} column={column} choose={(name, row) => { setColumn(name); if (row !== null) setMarked(row); }} follow={follow} />
            )}
          </>
        )}
        {tab === "database" && t && (
          <>
            <div class="head"><h2>{t.name}</h2><span class="soft">{t.comment}</span></div>
            <StandingView table={t} version={model.shown} column={column} choose={setColumn} />
          </>
        )}
        {(tab === "rows" || tab === "database") && !t && <p class="note">The blueprint has no table that could be shown.</p>}
        {tab === "diagram" && drawing && <DrawingView drawing={drawing} steps={steps} chosen={table} choose={(n) => openTable(n)} open={(n) => { openTable(n); setTab("rows"); }} />}
        <div hidden={tab !== "blueprint"} class="edit">
          <div class="editbar">
            <span class="soft">{model.problems.length > 0 ? counted(model.problems.length, "problem") : model.pending ? "checking all of it…" : `planned in ${span(model.plannedIn / 1000)}`}</span>
            <button type="button" aria-pressed={against !== null} onClick={() => { if (against !== null) setAgainst(null); else client.saved().then((s) => setAgainst(s.text), (e: Error) => setSaid(e.message)); }}
              title={model.file ? `what is not saved in ${model.file}` : "what was changed since the beginning"}>{against === null ? "Changes" : "All of it"}</button>
          </div>
          <Editor model={model} planned={sent.current} against={against} schema={schema} nonce={nonce} changed={changed} ready={(v) => { view.current = v; }} />
          <Problems model={model} go={(line) => {
            const v = view.current;
            if (v && line > 0 && line <= v.state.doc.lines) { v.dispatch({ selection: { anchor: v.state.doc.line(line).from }, scrollIntoView: true }); v.focus(); }
          }} />
        </div>
        <div hidden={tab !== "fill"}><Fill model={model} ended={() => { client.edit(view.current?.state.doc.toString() ?? text, own.current).then(accept, () => undefined); }} /></div>
      </main>
      {c && t && tab === "rows" && (
        <ColumnPanel model={model} table={t} column={c} row={marked} follow={follow} text={text} schema={schema} change={change} close={() => setColumn(null)} showLine={showLine} openTable={openTable} />
      )}
      <footer class="status" role="status">
        {said || (model.problems.length > 0
          ? <button type="button" class="plain error" onClick={() => setTab("blueprint")}>{model.problems[0]?.message}</button>
          : <span class="soft">{counted(model.tables.reduce((n, x) => n + (x.standing ? 0 : x.rows), 0), "row")} · seed {model.seed} · {model.pending ? "checking all of it…" : `planned in ${span(model.plannedIn / 1000)}`}{model.notices.length > 0 && ` · ${model.notices[0]}`}</span>)}
      </footer>
      {searching && <Palette model={model} choose={choose} close={() => setSearching(false)} />}
    </div>
  );
}

/** What the blueprint lets people set: its parameters, by their defaults in the text. */
function ParameterList({ model, text, change }: { model: Model; text: string; change: (c: Change) => void }) {
  return (
    <details class="parameters" open>
      <summary>Parameters</summary>
      {model.parameters.map((p) => {
        const path = ["parameters", p.name, "default"];
        return (
          <label key={p.name} title={p.help + (p.given ? " (given when sower studio was started)" : "")}>
            <span>{p.name}</span>
            <input key={p.value} defaultValue={p.value} disabled={p.given} aria-label={`${p.name}: ${p.help}`} onChange={(e) => {
              const v = e.currentTarget.value.trim(), n = Number(v.replace(/[,_ ]/g, ""));
              const c = setAt(text, path, v !== "" && Number.isFinite(n) ? n : v);
              if (c) change(c);
            }} />
          </label>
        );
      })}
    </details>
  );
}

function TableHead({ table, text, change, goTo, open }: { table: Model["tables"][number]; text: string; change: (c: Change) => void; goTo: (row: number) => void; open: (name: string) => void }) {
  const path = ["tables", table.name, "rows"];
  const rows = useMemo(() => valueAt(text, path), [text, table.name]);
  return (
    <div class="head">
      <h2>{table.name}</h2>
      {typeof rows === "number" ? (
        <label class="count">rows <input type="number" min="0" key={rows} defaultValue={String(rows)} onChange={(e) => { const c = setAt(text, path, Number(e.currentTarget.value)); if (c) change(c); }} /></label>
      ) : <span class="soft">{counted(table.rows, "row")}</span>}
      <form class="count" onSubmit={(e) => {
        e.preventDefault();
        const n = Number((e.currentTarget.elements.namedItem("row") as HTMLInputElement).value.replace(/[,_ ]/g, ""));
        if (Number.isFinite(n)) goTo(Math.max(0, Math.min(table.rows - 1, n)));
      }}><label>go to row <input name="row" inputMode="numeric" placeholder={count(Math.max(0, table.rows - 1))} /></label></form>
      <p class="soft relations">
        {table.parents.length > 0 && <>after {table.parents.map((n, i) => <span key={n}>{i > 0 && ", "}<button type="button" class="link" onClick={() => open(n)}>{n}</button></span>)}</>}
        {table.children.length > 0 && <>{table.parents.length > 0 ? " · before " : "before "}{table.children.slice(0, 6).map((n, i) => <span key={n}>{i > 0 && ", "}<button type="button" class="link" onClick={() => open(n)}>{n}</button></span>)}{table.children.length > 6 && ` and ${table.children.length - 6} more`}</>}
        {table.cyclic && " · in a cycle of references"}
      </p>
    </div>
  );
}

function Problems({ model, go }: { model: Model; go: (line: number) => void }) {
  if (model.problems.length === 0 && model.notices.length === 0) return null;
  return (
    <ul class="problems" aria-label="problems and notices">
      {model.problems.map((p, i) => (
        <li key={i} class="error"><button type="button" class="plain" onClick={() => go(p.line)}>{p.line > 0 && <b>line {p.line}: </b>}{p.message}{p.hint && <span class="soft"> — {p.hint}</span>}</button></li>
      ))}
      {model.notices.map((n, i) => <li key={`n${i}`} class="soft">{n}</li>)}
    </ul>
  );
}

async function start() {
  const root = document.getElementById("root");
  if (!root) return;
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="nonce"]')?.content ?? "";
  try {
    const first = await client.model();
    document.title = `${first.title} – sower studio`;
    render(<App first={first} nonce={nonce} />, root);
  } catch (e) {
    root.textContent = "";
    const p = document.createElement("p");
    p.className = "note";
    p.textContent = e instanceof Error ? e.message : String(e);
    root.append(p);
  }
}

void start();
