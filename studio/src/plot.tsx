import type { Bar, Plot } from "./api";
import { count } from "./text";

interface Props {
  plot: Plot;
  asked?: boolean;
  found?: boolean; // beside it, what the database holds
  few?: boolean;   // the most frequent values alone
}

const most = 7; // named values of a plot that has few

/** One picture of a column's cells: named values as rows of bars, ranges as columns. */
export function PlotView({ plot, asked = true, found = false, few = false }: Props) {
  return plot.kind === "bars" ? <Named plot={few ? fewer(plot) : plot} asked={asked} found={found} /> : <Ranges plot={plot} asked={asked} found={found} />;
}

function fewer(plot: Plot): Plot {
  if (plot.bars.length <= most) return plot;
  const rest = plot.bars.slice(most - 1);
  const sum = (of: (b: Bar) => number) => rest.reduce((n, b) => n + of(b), 0);
  return { ...plot, bars: [...plot.bars.slice(0, most - 1), { label: "others", count: sum((b) => b.count), found: sum((b) => b.found) }] };
}

/** The shares of each bar, on both sides. */
function shares(bars: Bar[]) {
  const a = Math.max(1, bars.reduce((n, b) => n + b.count, 0)), f = Math.max(1, bars.reduce((n, b) => n + b.found, 0));
  return bars.map((b) => ({ asked: b.count / a, found: b.found / f }));
}

const percent = (x: number) => `${(100 * x).toFixed(x > 0 && x < 0.1 ? 1 : 0)} %`;

function says(b: Bar, s: { asked: number; found: number }, asked: boolean, found: boolean): string {
  const parts = [];
  if (found) parts.push(`${count(b.found)} found (${percent(s.found)})`);
  if (asked) parts.push(`${count(b.count)}${found ? " asked" : ""} (${percent(s.asked)})`);
  return `${b.label === "" ? "(empty)" : b.label}: ${parts.join(", ")}`;
}

function Named({ plot, asked, found }: Required<Omit<Props, "few">>) {
  const of = shares(plot.bars);
  const top = Math.max(...of.map((s) => Math.max(asked ? s.asked : 0, found ? s.found : 0)), 1e-9);
  const width = (x: number) => `${(100 * x) / top}%`;
  return (
    <figure class="plot">
      <figcaption>{plot.title}</figcaption>
      <table class="bars">
        <tbody>
          {plot.bars.map((b, i) => {
            const s = of[i]!;
            return (
              <tr key={b.label} title={says(b, s, asked, found)}>
                <th scope="row">{b.label === "" ? "(empty)" : b.label}</th>
                <td class="bar">
                  <svg width="100%" height="10" aria-hidden="true">
                    {found ? <><rect width={width(s.found)} height="10" rx="1.5" />{asked && <rect class="outline" y="0.75" width={width(s.asked)} height="8.5" rx="1.5" />}</>
                      : <rect width={width(s.asked)} height="10" rx="1.5" />}
                  </svg>
                </td>
                <td class="number">{percent(found ? s.found : s.asked)}</td>
                {found && asked && <td class="number soft">{percent(s.asked)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </figure>
  );
}

function Ranges({ plot, asked, found }: Required<Omit<Props, "few">>) {
  const n = plot.bars.length, of = shares(plot.bars);
  const top = Math.max(...of.map((s) => Math.max(asked ? s.asked : 0, found ? s.found : 0)), 1e-9);
  const height = (x: number) => (x === 0 ? 0 : Math.max(1, (58 * x) / top));
  const outline = "M0 60" + of.map((s, i) => `V${(60 - height(s.asked)).toFixed(1)}H${(i + 1) * 10}`).join("") + "V60";
  return (
    <figure class="plot">
      <figcaption>{plot.title}</figcaption>
      <svg class="columns" viewBox={`0 0 ${n * 10} 60`} preserveAspectRatio="none" role="img" aria-label={plot.bars.map((b, i) => says(b, of[i]!, asked, found)).join("; ")}>
        {plot.bars.map((b, i) => {
          const h = height(found ? of[i]!.found : of[i]!.asked);
          return (
            <g key={i}>
              <rect x={i * 10 + 0.5} y={60 - h} width="9" height={h} rx="0.6" />
              <rect class="catch" x={i * 10} y="0" width="10" height="60"><title>{says(b, of[i]!, asked, found)}</title></rect>
            </g>
          );
        })}
        {found && asked && <path class="outline" d={outline} />}
      </svg>
      <div class="axis">
        <span>{plot.bars[0]?.label}</span>
        <span>{n > 1 ? plot.bars[n - 1]?.label : ""}</span>
      </div>
    </figure>
  );
}
