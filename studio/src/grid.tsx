// The rows of a table, as many as there are: only those in view are made. The place is a row number rather than pixels,
// since no page is a billion rows high.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Rows, Table } from "./api";
import { client } from "./client";
import { count } from "./text";

const rowHeight = 26;
const chunk = 100;

interface Props {
  table: Table;
  version: number;
  top: number;
  setTop: (row: number) => void;
  marked: number | null;
  column: string | null;
  choose: (column: string, row: number | null) => void;
  follow: (table: string, row: number) => void;
}

/** Chunks of rows, kept as long as the plan is the same. */
class Cache {
  private chunks = new Map<string, Rows | "asked">();
  private version = -1;

  get(version: number, table: string, n: number, done: (error?: string) => void): Rows | undefined {
    if (version !== this.version) {
      this.chunks.clear();
      this.version = version;
    }
    const key = `${n} ${table}`;
    const found = this.chunks.get(key);
    if (found === undefined) {
      if (this.chunks.size > 200) this.chunks.clear();
      this.chunks.set(key, "asked");
      client.rows(table, n * chunk, chunk).then(
        (rows) => {
          if (version === this.version) this.chunks.set(key, rows);
          done();
        },
        (e: Error) => {
          this.chunks.delete(key);
          done(e.message);
        },
      );
    }
    return found === "asked" ? undefined : found;
  }
}

export function Grid(p: Props) {
  const { table, version, top, setTop } = p;
  const cache = useRef(new Cache());
  const kept = useRef<Map<string, Rows>>(new Map());
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(600);
  const [, redraw] = useState(0);
  const [error, setError] = useState("");
  const visible = Math.max(1, Math.floor((height - rowHeight - 12) / rowHeight));
  const last = Math.max(0, table.rows - visible);
  const topNow = useRef(top);
  topNow.current = Math.min(top, last);
  const go = useCallback((row: number) => {
    topNow.current = Math.max(0, Math.min(last, Math.round(row))); // the next event may come before this one is drawn
    setTop(topNow.current);
  }, [last, setTop]);

  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const watch = new ResizeObserver(() => setHeight(el.clientHeight));
    watch.observe(el);
    setHeight(el.clientHeight);
    return () => watch.disconnect();
  }, []);

  const rest = useRef(0);
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const wheel = (e: WheelEvent) => {
      if (e.ctrlKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) return;
      e.preventDefault();
      rest.current += (e.deltaMode === 1 ? e.deltaY : e.deltaY / rowHeight);
      const whole = Math.trunc(rest.current);
      rest.current -= whole;
      if (whole !== 0) go(topNow.current + whole);
    };
    el.addEventListener("wheel", wheel, { passive: false });
    return () => el.removeEventListener("wheel", wheel);
  }, [go]);
  const drag = useRef<number | null>(null);
  const touch = {
    onTouchStart: (e: TouchEvent) => { drag.current = e.touches[0]?.clientY ?? null; },
    onTouchMove: (e: TouchEvent) => {
      const y = e.touches[0]?.clientY;
      if (drag.current === null || y === undefined) return;
      const whole = Math.trunc((drag.current - y) / rowHeight);
      if (whole !== 0) {
        drag.current -= whole * rowHeight;
        go(topNow.current + whole);
      }
    },
  };

  const from = topNow.current;
  const n = Math.min(visible + 1, table.rows - from);
  const cells = useMemo(() => ({ from, n }), [from, n]);
  const lines = [];
  for (let i = 0; i < cells.n; i++) {
    const row = cells.from + i;
    const k = Math.floor(row / chunk);
    const key = `${k} ${table.name}`;
    const rows = cache.current.get(version, table.name, k, (e) => { setError(e ?? ""); redraw((x) => x + 1); });
    if (rows) kept.current.set(key, rows);
    if (kept.current.size > 300) kept.current.clear();
    const shown = rows ?? kept.current.get(key); // what it was before the change, until the new rows are there
    lines.push({ row, at: row - k * chunk, rows: shown, stale: !rows });
  }

  const keys = (e: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: from + 1, ArrowUp: from - 1, PageDown: from + visible, PageUp: from - visible, Home: 0, End: last,
    };
    const to = steps[e.key];
    if (to === undefined || e.target instanceof HTMLInputElement) return;
    e.preventDefault();
    go(to);
  };

  return (
    <div class="grid" id="rows" ref={box} tabIndex={0} onKeyDown={keys} {...touch} role="region" aria-label={`rows of ${table.name}`}>
      {error && <p class="error" role="alert">{error}</p>}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th class="number rownumber" scope="col">row</th>
              {table.columns.map((c) => (
                <th key={c.name} scope="col" class={(c.numeric ? "number " : "") + (c.name === p.column ? "chosen" : "")}>
                  <button type="button" onClick={() => p.choose(c.name, null)} title={`${c.name}: ${c.generators.join(" | ")}`}>
                    {c.key && <i class="dot key" title="primary key" />}
                    {!c.key && c.parent && <i class="dot refer" title={`refers to ${c.parent}`} />}
                    {c.name}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ row, at, rows, stale }) => (
              <tr key={row} class={(row === p.marked ? "marked " : "") + (stale ? "stale" : "")}>
                <td class="number rownumber" onClick={() => { const c = table.columns.find((x) => x.key) ?? table.columns[0]; if (c) p.choose(c.name, row); }}>{count(row)}</td>
                {table.columns.map((c, i) => {
                  const cell = rows?.cells[at]?.[i];
                  const parent = rows?.parents[i]?.[at] ?? -1;
                  const text = cell === undefined ? "" : cell === null ? <span class="null">null</span> : cell;
                  return (
                    <td key={c.name} class={(c.numeric ? "number " : "") + (c.name === p.column ? "chosen" : "")}
                      title={typeof cell === "string" && cell.length > 24 ? cell : undefined} onClick={() => p.choose(c.name, row)}>
                      {parent >= 0 && cell !== null ? (
                        <button type="button" class="link" title={`${c.parent}, row ${count(parent)}`}
                          onClick={(e) => { e.stopPropagation(); p.follow(c.parent, parent); }}>{text}</button>
                      ) : text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {last > 0 && <Scrollbar from={from} visible={visible} rows={table.rows} go={go} />}
    </div>
  );
}

/** A scrollbar over any number of rows. */
function Scrollbar({ from, visible, rows, go }: { from: number; visible: number; rows: number; go: (row: number) => void }) {
  const track = useRef<HTMLDivElement>(null);
  const share = Math.max(0.04, Math.min(1, visible / rows));
  const place = rows > visible ? (from / (rows - visible)) * (1 - share) : 0;
  const move = (y: number) => {
    const r = track.current?.getBoundingClientRect();
    if (!r) return;
    const at = (y - r.top) / r.height - share / 2;
    go((Math.max(0, Math.min(1 - share, at)) / (1 - share)) * (rows - visible));
  };
  const down = (e: PointerEvent) => {
    (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId);
    move(e.clientY);
  };
  return (
    <div class="track" ref={track} role="scrollbar" aria-orientation="vertical" aria-controls="rows" aria-valuenow={from}
      aria-valuemin={0} aria-valuemax={Math.max(0, rows - visible)} onPointerDown={down}
      onPointerMove={(e) => { if (e.buttons) move(e.clientY); }}>
      <div class="thumb" style={{ top: `${100 * place}%`, height: `${100 * share}%` }} />
    </div>
  );
}
