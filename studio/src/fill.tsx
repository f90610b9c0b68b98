// A run that fills the database: its progress while it works, and how it ended.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Model, Page, RunResult, Step } from "./api";
import { client } from "./client";
import { count, counted, span } from "./text";

interface Props {
  model: Model;
  ended: () => void;
}

interface Bar { rows: number; total: number; from: number; to: number }

export function Fill({ model, ended }: Props) {
  const [bars, setBars] = useState<Map<string, Bar>>(new Map());
  const [phase, setPhase] = useState("");
  const [result, setResult] = useState<RunResult | null>(null);
  const [working, setWorking] = useState(false);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState("");
  const [reporting, setReporting] = useState(false);
  const [page, setPage] = useState<Page | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const take = (steps: Step[]) => {
    setBars((old) => {
      const next = new Map(old);
      for (const s of steps) {
        if (s.table === "") continue;
        const was = next.get(s.table);
        next.set(s.table, { rows: s.rows, total: s.total, from: was?.from ?? s.seconds, to: s.seconds });
      }
      return next;
    });
    for (const s of steps) {
      if (s.table === "" && s.phase !== "") setPhase(s.text ? `${s.phase}: ${s.text}` : s.phase);
      if (s.done) setResult(s.done);
    }
  };

  const follow = async () => {
    stop.current = new AbortController();
    setWorking(true);
    try {
      for (let n = 0, over = false; !over;) {
        const got = await client.steps(n, stop.current.signal);
        n += got.steps.length;
        take(got.steps);
        over = got.ended;
      }
    } catch (e) {
      if (!stop.current.signal.aborted) setError(e instanceof Error ? e.message : String(e));
    }
    setWorking(false);
    ended();
    await report(); // what it came to is what a person wants to see next
  };
  const start = async () => {
    setAsking(false);
    setBars(new Map());
    setResult(null);
    setPage(null);
    setError("");
    try {
      await client.fill();
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e));
      return;
    }
    await follow();
  };

  const report = async () => {
    setReporting(true);
    setError("");
    try {
      setPage(await client.report());
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e));
    }
    setReporting(false);
  };
  const keep = (p: Page) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([p.html], { type: "text/html" }));
    link.download = p.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const rows = model.tables.reduce((n, t) => n + (t.standing ? 0 : t.rows), 0);
  const planned = model.tables.filter((t) => !t.standing && t.rows > 0);
  const waiting: [string, Bar][] = planned.filter((t) => !bars.has(t.name)).map((t) => [t.name, { rows: 0, total: t.rows, from: 0, to: 0 }]);
  return (
    <div class="fill">
      <h2>Fill {model.database ? model.title : "a database"}</h2>
      {model.database && <p class="soft">{model.database}. {counted(rows, "row")} in {counted(planned.length, "table")}, seed {model.seed}.</p>}
      {!model.canFill && <p class="note">{model.whyNot}</p>}
      {model.canFill && !working && !asking && (
        <button type="button" class="primary" disabled={model.problems.length > 0} onClick={() => setAsking(true)}>Fill the database</button>
      )}
      {model.problems.length > 0 && <p class="note">The blueprint has {counted(model.problems.length, "problem")}: mend them first.</p>}
      {asking && (
        <div class="ask" role="alertdialog" aria-label="confirm">
          <p>{counted(rows, "row")} will be written into <b>{model.title}</b>. Rows that are there stay as they are.</p>
          <button type="button" class="primary" onClick={() => void start()}>Write them</button>{" "}
          <button type="button" onClick={() => setAsking(false)}>Not now</button>
        </div>
      )}
      {working && <p><button type="button" onClick={() => void client.stop()}>Stop</button> <span class="soft" role="status">{phase}</span></p>}
      {error && <p class="error" role="alert">{error}</p>}
      {result && (
        <section class={result.error ? "result bad" : "result good"} role="status">
          <h3>{result.error ? "It ended before it was whole" : result.state === "complete" ? "Done" : result.state}</h3>
          {result.error && <pre>{result.error}</pre>}
          <p>{counted(result.rows, "row")} in {span(result.seconds)}{result.seconds > 0 && `, ${count(Math.round(result.rows / result.seconds))} rows/s`}.</p>
          {model.canFill && <p>
            {page ? <>
              <a class="button primary" href={page.path} target="_blank" rel="noopener">Read the report</a>{" "}
              <button type="button" onClick={() => keep(page)}>Save it</button>
            </> : <button type="button" disabled={reporting} onClick={() => void report()}>{reporting ? "Asking the database…" : "Make the report"}</button>}
          </p>}
          {result.notices.length > 0 && <ul>{result.notices.map((n, i) => <li key={i}>{n}</li>)}</ul>}
        </section>
      )}
      {model.canFill && bars.size + waiting.length > 0 && (
        <table class="progress">
          <tbody>
            {[...bars, ...(result && !working ? [] : waiting)].map(([name, b]) => (
              <tr key={name} class={bars.has(name) ? "" : "soft"}>
                <th scope="row">{name}</th>
                <td class="bar">{bars.has(name) && <progress max={Math.max(1, b.total)} value={b.rows} aria-label={name} />}</td>
                <td class="number">{count(bars.has(name) ? b.rows : b.total)}</td>
                <td class="number soft time">{b.to > b.from ? span(b.to - b.from) : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
