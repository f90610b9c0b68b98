// The tables and who refers to whom: dragged, zoomed, searched, saved as a picture.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Drawing } from "./api";

interface Props {
  drawing: Drawing;
  chosen: string | null;
  choose: (table: string) => void;
  open: (table: string) => void;
  steps?: Map<string, number>; // of loading, by table
}

interface View { x: number; y: number; k: number }

export function DrawingView({ drawing, chosen, choose, open, steps }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState({ w: 800, h: 600 });
  const [view, setView] = useState<View | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const [ordered, setOrdered] = useState(false);

  useEffect(() => {
    const el = svg.current;
    if (!el) return;
    const look = () => setSize({ w: el.clientWidth || 800, h: el.clientHeight || 600 });
    const watch = new ResizeObserver(look);
    watch.observe(el);
    look();
    return () => watch.disconnect();
  }, []);

  const fit = (): View => {
    const room = Math.max(size.h - tools, 100);
    const k = Math.min(1, size.w / (drawing.width + 20), room / (drawing.height + 20));
    return { k, x: (size.w - drawing.width * k) / 2, y: Math.max(0, (room - drawing.height * k) / 2) };
  };
  // Where all of it is too small to read, the table that is chosen is shown first.
  const begin = (): View => {
    const all = fit(), b = drawing.boxes.find((x) => x.table === first.current);
    return b && all.k < legible ? around(b, 0.6) : all;
  };
  const first = useRef(chosen);
  const around = (b: Drawing["boxes"][number], k: number): View => ({ k, x: size.w / 2 - (b.x + b.w / 2) * k, y: size.h / 2 - (b.y + b.h / 2) * k });
  const [whole, setWhole] = useState(false); // all of it was asked for
  const v = view ?? (whole ? fit() : begin());
  const showAll = () => { setWhole(true); setView(null); };
  const now = useRef(v);
  now.current = v;

  const zoom = (factor: number, cx = size.w / 2, cy = size.h / 2) => {
    const a = now.current;
    const k = Math.max(0.03, Math.min(4, a.k * factor));
    setView({ k, x: cx - ((cx - a.x) * k) / a.k, y: cy - ((cy - a.y) * k) / a.k });
  };
  useEffect(() => {
    const el = svg.current;
    if (!el) return;
    const wheel = (e: WheelEvent) => {
      e.preventDefault();
      const r = el.getBoundingClientRect();
      zoom(Math.exp(-e.deltaY * (e.deltaMode === 1 ? 0.05 : 0.0015)), e.clientX - r.left, e.clientY - r.top);
    };
    el.addEventListener("wheel", wheel, { passive: false });
    return () => el.removeEventListener("wheel", wheel);
  });

  // A table that is chosen comes into view; at first all of them are.
  const was = useRef(chosen);
  useEffect(() => {
    if (was.current === chosen) return;
    was.current = chosen;
    const b = drawing.boxes.find((x) => x.table === chosen);
    const a = now.current;
    if (!b) return;
    const cx = (b.x + b.w / 2) * a.k + a.x, cy = (b.y + b.h / 2) * a.k + a.y;
    if (cx < 40 || cy < 40 || cx > size.w - 40 || cy > size.h - 40) {
      setView(around(b, Math.max(a.k, 0.5)));
    }
  }, [chosen, drawing]);

  // Paper shows all of it.
  useEffect(() => {
    const el = svg.current, world = el?.querySelector(".world");
    if (!el || !world) return;
    const before = () => {
      el.setAttribute("viewBox", `0 0 ${drawing.width} ${drawing.height}`);
      world.removeAttribute("transform");
    };
    const after = () => {
      el.removeAttribute("viewBox");
      world.setAttribute("transform", `translate(${now.current.x} ${now.current.y}) scale(${now.current.k})`);
    };
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => { removeEventListener("beforeprint", before); removeEventListener("afterprint", after); };
  }, [drawing]);

  const held = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const pointer = {
    onPointerDown: (e: PointerEvent) => {
      if (e.button !== 0) return;
      held.current = { x: e.clientX, y: e.clientY, moved: false };
    },
    onPointerMove: (e: PointerEvent) => {
      const h = held.current;
      if (!h || !e.buttons) return;
      const dx = e.clientX - h.x, dy = e.clientY - h.y;
      if (!h.moved && Math.abs(dx) + Math.abs(dy) < 4) return;
      if (!h.moved) (e.currentTarget as Element).setPointerCapture(e.pointerId);
      held.current = { x: e.clientX, y: e.clientY, moved: true };
      setView({ ...now.current, x: now.current.x + dx, y: now.current.y + dy });
    },
    onPointerUp: () => { held.current = null; },
  };
  const keys = (e: KeyboardEvent) => {
    const step = 60, a = now.current;
    const acts: Record<string, () => void> = {
      "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": showAll,
      ArrowLeft: () => setView({ ...a, x: a.x + step }), ArrowRight: () => setView({ ...a, x: a.x - step }),
      ArrowUp: () => setView({ ...a, y: a.y + step }), ArrowDown: () => setView({ ...a, y: a.y - step }),
    };
    const act = acts[e.key];
    if (act) { e.preventDefault(); act(); }
  };

  const lit = over ?? chosen;
  const near = useMemo(() => {
    const id = drawing.boxes.find((b) => b.table === lit)?.id;
    if (!id) return null;
    const out = new Set([id]);
    for (const e of drawing.edges) {
      if (e.from === id) out.add(e.to);
      if (e.to === id) out.add(e.from);
    }
    return out.size > 1 ? { id, out } : null; // beside a table that stands alone nothing fades
  }, [drawing, lit]);
  const detail = v.k > 0.45;
  const act = useRef({ choose, open });
  act.current = { choose, open };
  // Dragging and zooming move it as a whole: it is made anew only when it looks otherwise.
  const world = useMemo(() => (
    <>
          {drawing.edges.map((e, i) => (
            <path key={i} d={e.path} marker-end="url(#arrow)"
              class={`edge${e.weak ? " weak" : ""}${e.cyclic ? " cyclic" : ""}${near && (e.from === near.id || e.to === near.id) ? " near" : ""}`}>
              <title>{e.title}</title>
            </path>
          ))}
          {drawing.boxes.map((b) => (
            <g key={b.id} transform={`translate(${b.x} ${b.y})`}
              class={`box${b.table === chosen ? " chosen" : ""}${near?.out.has(b.id) ? " near" : ""}${b.cyclic ? " cyclic" : ""}`}
              onPointerEnter={() => setOver(b.table)} onPointerLeave={() => setOver(null)}
              onClick={() => { if (!held.current?.moved) act.current.choose(b.table); }} onDblClick={() => act.current.open(b.table)}>
              <title>{b.table}</title>
              {b.loop && <path class="edge cyclic" d={b.loop} marker-end="url(#arrow)" />}
              <rect class="back" width={b.w} height={b.h} rx="6" />
              {detail ? <text class="name" x="12" y="19">{b.name}</text>
                : <text class="name far" x={b.w / 2} y={b.h / 2} text-anchor="middle" dominant-baseline="central" font-size={far(b)}>{b.name}</text>}
              {detail && b.rows && <text class="col type" x={b.w - 12} y="19" text-anchor="end">{b.rows}</text>}
              {ordered && steps?.has(b.table) && <g class="step"><circle r={detail ? 11 : 20} /><text text-anchor="middle" dominant-baseline="central" font-size={detail ? 11 : 20}>{steps.get(b.table)}</text></g>}
              {detail && b.lines.map((l) => (
                <g key={l.name}>
                  {(l.key || l.refer) && <circle class={l.key ? "key" : "refer"} cx="13" cy={l.y - 4} r="2.6" />}
                  <text class="col" x="23" y={l.y}>{l.name}</text>
                  <text class="col type" x={b.w - 12} y={l.y} text-anchor="end">{l.type}</text>
                </g>
              ))}
              {detail && b.more && <text class="col type" x="23" y={b.moreY}>{b.more}</text>}
            </g>
          ))}
    </>
  ), [drawing, near, chosen, detail, ordered, steps]);

  return (
    <div class="drawing">
      <svg ref={svg} class={`canvas${near ? " lit" : ""}${near && near.out.size > 40 ? " hub" : ""}${detail ? "" : " small"}`} tabIndex={0} role="group" aria-label="diagram of the tables" onKeyDown={keys} {...pointer}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 .5 7 4 0 7.5z" /></marker>
        </defs>
        <g class="world" transform={`translate(${v.x} ${v.y}) scale(${v.k})`}>
          {world}
        </g>
      </svg>
      <Minimap drawing={drawing} view={v} size={size} go={(x, y) => setView({ ...v, x: size.w / 2 - x * v.k, y: size.h / 2 - y * v.k })} chosen={chosen} />
      <p class="legend soft" aria-hidden="true"><span><i class="line" />refers to</span><span><i class="line weak" />may be null</span><span><i class="line cyclic" />in a cycle</span></p>
      <div class="tools" role="toolbar" aria-label="diagram">
        <button type="button" onClick={() => zoom(1.25)} aria-label="zoom in" title="zoom in (+)">+</button>
        <button type="button" onClick={() => zoom(0.8)} aria-label="zoom out" title="zoom out (-)">−</button>
        <button type="button" onClick={showAll} title="show all (0)">fit</button>
        {steps && <button type="button" aria-pressed={ordered} onClick={() => setOrdered(!ordered)} title="show the order of loading">order</button>}
        <button type="button" onClick={() => print()} title="print">print</button>
        <button type="button" onClick={() => download(drawing, svg.current, "svg")} title="save as SVG">SVG</button>
        <button type="button" onClick={() => download(drawing, svg.current, "png")} title="save as PNG">PNG</button>
      </div>
    </div>
  );
}

/** The scale below which a drawing that is fitted can hardly be read. */
const legible = 0.22;

/** The height that the buttons take at the bottom, in pixels. */
const tools = 52;

/** The size of a name that fills its box, for those who look from afar. */
const far = (b: Drawing["boxes"][number]) => Math.max(10, Math.min(b.h * 0.7, (b.w - 10) / (0.7 * b.name.length)));

function Minimap({ drawing, view, size, go, chosen }: { drawing: Drawing; view: View; size: { w: number; h: number }; go: (x: number, y: number) => void; chosen: string | null }) {
  const k = Math.min(180 / drawing.width, 120 / drawing.height);
  const whole = drawing.width * view.k <= size.w && drawing.height * view.k <= size.h && view.x >= -1 && view.y >= -1;
  if (whole || !isFinite(k)) return null;
  const at = (e: PointerEvent) => {
    const r = (e.currentTarget as Element).getBoundingClientRect();
    go((e.clientX - r.left) / k, (e.clientY - r.top) / k);
  };
  return (
    <svg class="minimap" width={drawing.width * k} height={drawing.height * k} aria-hidden="true" onPointerDown={at}
      onPointerMove={(e) => { if (e.buttons) at(e); }}>
      {drawing.boxes.map((b) => <rect key={b.id} class={b.table === chosen ? "chosen" : ""} x={b.x * k} y={b.y * k} width={Math.max(2, b.w * k)} height={Math.max(1.5, b.h * k)} />)}
      <rect class="window" x={(-view.x / view.k) * k} y={(-view.y / view.k) * k} width={(size.w / view.k) * k} height={(size.h / view.k) * k} />
    </svg>
  );
}

/** Saves the whole drawing, as it looks now, as a file. */
function download(drawing: Drawing, svg: SVGSVGElement | null, kind: "svg" | "png") {
  if (!svg) return;
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const inside = copy.querySelector(".world");
  inside?.removeAttribute("transform");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(drawing.width));
  copy.setAttribute("height", String(drawing.height));
  copy.setAttribute("viewBox", `0 0 ${drawing.width} ${drawing.height}`);
  const from = svg.querySelectorAll<SVGElement>("*"), to = copy.querySelectorAll<SVGElement>("*");
  from.forEach((el, i) => {
    const style = getComputedStyle(el), out = to[i];
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "opacity"]) {
      out?.setAttribute(name, style.getPropertyValue(name));
    }
  });
  const text = new XMLSerializer().serializeToString(copy);
  const blob = new Blob([text], { type: "image/svg+xml" });
  if (kind === "svg") return give(blob, "diagram.svg");
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    const k = Math.min(2, 16000 / Math.max(drawing.width, drawing.height));
    canvas.width = drawing.width * k;
    canvas.height = drawing.height * k;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.fillStyle = getComputedStyle(document.body).backgroundColor;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((b) => { if (b) give(b, "diagram.png"); });
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
}

function give(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
