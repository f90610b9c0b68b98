// What the database holds of a table, beside what is asked for: a line a column, with a plot of both, and where they part
// ways.
import { useEffect, useState } from "preact/hooks";
import type { Plot, Side, Standing, StandingColumn, Table } from "./api";
import { client } from "./client";
import { PlotView } from "./plot";
import { count, counted } from "./text";

interface Props {
  table: Table;
  version: number;
  column: string | null;
  choose: (column: string | null) => void;
}

export function StandingView({ table, version, column, choose }: Props) {
  const [found, setFound] = useState<Standing | null>(null);
  const [error, setError] = useState("");
  const [again, setAgain] = useState(0);
  const [asking, setAsking] = useState(true);
  useEffect(() => {
    let live = true;
    setAsking(true);
    client.standing(table.name).then(
      (s) => { if (live) { setFound(s); setError(""); setAsking(false); } },
      (e: Error) => { if (live) { setError(e.message); setAsking(false); } },
    );
    return () => { live = false; };
  }, [table.name, version, again]);
  const s = found?.table === table.name ? found : null;
  if (error) return <p class="note error" role="alert">{error}</p>;
  if (!s) return <p class="note" role="status">Asking the database…</p>;
  const apart = s.columns.filter((c) => c.apart !== "");
  const both = s.asked >= 0 && s.found > 0;
  return (
    <div class="standing">
      <p class="sum">
        <b>{counted(s.found, "row")}</b> in the database{s.asked >= 0 && <>, <b>{count(s.asked)}</b> asked for</>}.
        {" "}<span class="soft">{s.looked}.</span>{" "}
        <button type="button" class="link" disabled={asking} onClick={() => setAgain(again + 1)}>{asking ? "asking…" : "ask again"}</button>
      </p>
      {s.problem && <p class="error" role="alert">The rows could not be read: {s.problem}</p>}
      {both && (apart.length > 0
        ? <p class="apart">{counted(apart.length, "column")} part ways with what is asked: {apart.map((c, i) => <span key={c.name}>{i > 0 && ", "}<button type="button" class="link" onClick={() => choose(c.name)}>{c.name}</button></span>)}.</p>
        : <p class="agree">What stands is what is asked for, in every column.</p>)}
      <p class="key soft">
        {s.found > 0 && <span><i class="swatch found" /> found</span>}
        {s.asked >= 0 && <span><i class={s.found > 0 ? "swatch asked" : "swatch found"} /> asked</span>}
      </p>
      <ul class="compared">
        {s.columns.map((c) => <Line key={c.name} c={c} both={both} open={c.name === column} toggle={() => choose(c.name === column ? null : c.name)} />)}
      </ul>
    </div>
  );
}

function Line({ c, both, open, toggle }: { c: StandingColumn; both: boolean; open: boolean; toggle: () => void }) {
  const telling = c.plots[c.telling];
  const rest = c.plots.filter((p) => p !== telling);
  const found = c.found && c.found.cells > 0 ? c.found : null; // of an empty table nothing is told
  return (
    <li class={c.apart ? "off" : ""}>
      <div class="what">
        <b class="mono">{c.name}</b> <span class="soft mono">{c.type}</span>
        {c.apart && <p class="apart">{c.apart}</p>}
        {both && c.agrees >= 0 && <p class="soft">{percent(c.agrees)} lie in the same bars</p>}
        {rest.length > 0 && <button type="button" class="plain small" aria-expanded={open} onClick={toggle}>{open ? "fewer plots" : `${rest.length} more plot${rest.length > 1 ? "s" : ""}`}</button>}
      </div>
      <table class="sides">
        <thead><tr><td />{c.asked && <th scope="col">asked</th>}{found && <th scope="col">found</th>}</tr></thead>
        <tbody>
          <tr><th scope="row">nulls</th>{c.asked && <td>{percent(share(c.asked))}</td>}{found && <td>{percent(c.nulls)}</td>}</tr>
          <tr><th scope="row">different</th>{c.asked && <td>{count(c.asked.distinct)}</td>}{found && <td>{count(found.distinct)}</td>}</tr>
          {(c.asked?.least || found?.least) && <>
            <tr><th scope="row">least</th>{c.asked && <td>{c.asked.least}</td>}{found && <td>{found.least}</td>}</tr>
            <tr><th scope="row">greatest</th>{c.asked && <td>{c.asked.greatest}</td>}{found && <td>{found.greatest}</td>}</tr>
          </>}
        </tbody>
      </table>
      <div class="plots">
        {telling && <Both plot={telling} c={c} />}
        {open && rest.map((p) => <Both key={p.title} plot={p} c={c} />)}
      </div>
    </li>
  );
}

const Both = ({ plot, c }: { plot: Plot; c: StandingColumn }) => <PlotView plot={plot} asked={c.asked !== null} found={c.found !== null && c.found.cells > 0} few />;

const share = (s: Side): number => (s.cells === 0 ? 0 : s.nulls / s.cells);
const percent = (x: number): string => `${(100 * x).toFixed(x > 0 && x < 0.1 ? 1 : 0)} %`;
