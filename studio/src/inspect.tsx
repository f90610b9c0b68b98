// The drawing of the page that sower inspect writes. Without scripts, and on paper, the page has a still one.
import { render } from "preact";
import { useState } from "preact/hooks";
import type { Drawing } from "./api";
import { DrawingView } from "./drawing";

function Page({ drawing }: { drawing: Drawing }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const go = (table: string) => {
    const id = drawing.boxes.find((b) => b.table === table)?.id;
    if (id) location.hash = id;
  };
  return (
    <>
      <p class="find">
        <input type="search" list="names" placeholder="find a table" aria-label="find a table"
          onInput={(e) => {
            const letters = e.currentTarget.value.toLowerCase();
            const found = letters === "" ? undefined
              : drawing.boxes.find((b) => b.table.toLowerCase() === letters) ?? drawing.boxes.find((b) => b.table.toLowerCase().includes(letters));
            setChosen(found?.table ?? null);
          }} />
        <datalist id="names">{drawing.boxes.map((b) => <option key={b.id} value={b.table} />)}</datalist>
      </p>
      <DrawingView drawing={drawing} chosen={chosen} choose={(t) => setChosen(t === chosen ? null : t)} open={go} />
    </>
  );
}

const root = document.getElementById("drawing");
const data = document.getElementById("drawing-data")?.textContent;
if (root && data) {
  document.body.classList.add("drawn");
  render(<Page drawing={JSON.parse(data) as Drawing} />, root);
}
