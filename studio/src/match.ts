/** How well a name fits the letters that were typed: less is better, null is not at all. */
export function fit(name: string, letters: string): number | null {
  const n = name.toLowerCase(), l = letters.toLowerCase();
  const at = n.indexOf(l);
  if (at >= 0) return at + n.length / 100;
  let from = 0, gaps = 0;
  for (const c of l) {
    const i = n.indexOf(c, from);
    if (i < 0) return null;
    gaps += i - from;
    from = i + 1;
  }
  return 50 + gaps + n.length / 100;
}
