const numbers = new Intl.NumberFormat("en-US");

/** A number with separators. */
export const count = (n: number): string => numbers.format(n);

/** A number with its unit: 1 row, 2 rows. */
export const counted = (n: number, one: string): string => `${count(n)} ${one}${n === 1 ? "" : "s"}`;

/** A number in few characters: 1.2k, 3M. */
export function brief(n: number): string {
  for (const [unit, sign] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (n >= unit) return `${(n / unit).toFixed(n / unit < 10 && n % unit !== 0 ? 1 : 0)}${sign}`;
  }
  return String(n);
}

/** A length of time. */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
