// Ctrl-K: any table or column by a few letters of its name.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Model } from "./api";
import { fit } from "./match";

export interface Found { table: string; column: string | null }

export function Palette({ model, choose, close }: { model: Model; choose: (f: Found) => void; close: () => void }) {
  const [letters, setLetters] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  const found = useMemo(() => {
    const out: { name: string; score: number; to: Found }[] = [];
    for (const t of model.tables) {
      const score = fit(t.name, letters);
      if (score !== null) out.push({ name: t.name, score, to: { table: t.name, column: null } });
      if (letters.length < 2) continue;
      for (const c of t.columns) {
        const name = `${t.name}.${c.name}`;
        const s = letters.includes(".") ? fit(name, letters) : fit(c.name, letters);
        if (s !== null) out.push({ name, score: s + 5, to: { table: t.name, column: c.name } });
      }
    }
    return (letters === "" ? out : out.sort((a, b) => a.score - b.score)).slice(0, 12);
  }, [model, letters]);
  const keys = (e: KeyboardEvent) => {
    if (e.key === "Escape") close();
    if (e.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
    if (e.key === "ArrowUp") setAt(Math.max(0, at - 1));
    if (e.key === "Enter" && found[at]) choose(found[at].to);
    if (["ArrowDown", "ArrowUp", "Enter"].includes(e.key)) e.preventDefault();
  };
  return (
    <div class="veil" onClick={close}>
      <div class="palette" role="dialog" aria-label="go to a table or column" onClick={(e) => e.stopPropagation()}>
        <input ref={input} value={letters} placeholder="a table or a column" aria-label="name of a table or column" role="combobox"
          aria-expanded="true" aria-controls="found" onInput={(e) => { setLetters(e.currentTarget.value); setAt(0); }} onKeyDown={keys} />
        <ul id="found" role="listbox" aria-label="found">
          {found.map((f, i) => (
            <li key={f.name} role="option" aria-selected={i === at} class={i === at ? "chosen" : ""} onClick={() => choose(f.to)}>{f.name}</li>
          ))}
          {found.length === 0 && <li class="soft" role="option" aria-selected="false">nothing of that name</li>}
        </ul>
      </div>
    </div>
  );
}
