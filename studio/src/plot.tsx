import type { Plot } from "./api";
import { count } from "./text";

/** One picture of a column's cells: named values as rows of bars, ranges as columns. */
export function PlotView({ plot }: { plot: Plot }) {
  const most = Math.max(1, ...plot.bars.map((b) => b.count));
  const sum = Math.max(1, plot.bars.reduce((n, b) => n + b.count, 0));
  const share = (n: number) => `${((100 * n) / sum).toFixed(n * 10 < sum ? 1 : 0)} %`;
  if (plot.kind === "bars") {
    return (
      <figure class="plot">
        <figcaption>{plot.title}</figcaption>
        <table class="bars">
          <tbody>
            {plot.bars.map((b) => (
              <tr key={b.label} title={`${count(b.count)} of ${count(sum)}`}>
                <th scope="row">{b.label === "" ? "(empty)" : b.label}</th>
                <td class="bar">
                  <svg width="100%" height="10" aria-hidden="true">
                    <rect width={`${(100 * b.count) / most}%`} height="10" rx="1.5" />
                  </svg>
                </td>
                <td class="number">{share(b.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </figure>
    );
  }
  const n = plot.bars.length;
  const first = plot.bars[0], last = plot.bars[n - 1];
  return (
    <figure class="plot">
      <figcaption>{plot.title}</figcaption>
      <svg class="columns" viewBox={`0 0 ${n * 10} 60`} preserveAspectRatio="none" role="img"
        aria-label={plot.bars.map((b) => `${b.label}: ${b.count}`).join(", ")}>
        {plot.bars.map((b, i) => {
          const h = b.count === 0 ? 0 : Math.max(1, (58 * b.count) / most);
          return (
            <g key={i}>
              <rect x={i * 10 + 0.5} y={60 - h} width="9" height={h} rx="0.6" />
              <rect class="catch" x={i * 10} y="0" width="10" height="60">
                <title>{`${b.label}: ${count(b.count)} (${share(b.count)})`}</title>
              </rect>
            </g>
          );
        })}
      </svg>
      <div class="axis">
        <span>{first?.label}</span>
        <span>{n > 1 ? last?.label : ""}</span>
      </div>
    </figure>
  );
}
