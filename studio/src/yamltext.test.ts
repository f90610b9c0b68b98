import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { fit } from "./match";
import { placeOf, setAt, valueAt, type Change } from "./yamltext";

const text = `# first
sower: 1
tables:
  orders: # the orders
    rows: 5_000 # many
    columns:
      id: sequence
      state: {pick: {open: 70, closed: 30}} # two of them
      note:
        text:
          words: 3 # few
        nulls: 0.5

      total: {decimal: {min: 1, max: 9}}
  "odd name": {rows: 1, columns: {id: sequence}}
`;

const applied = (c: Change | undefined): string => {
  assert.ok(c);
  return text.slice(0, c.from) + c.insert + text.slice(c.to);
};

const path = (column: string) => ["tables", "orders", "columns", column];

test("a value is read by its path", () => {
  assert.deepEqual(valueAt(text, path("state")), { pick: { open: 70, closed: 30 } });
  assert.equal(valueAt(text, ["tables", "odd name", "rows"]), 1);
  assert.equal(valueAt(text, path("nothing")), undefined);
});

test("a change replaces one value and nothing else", () => {
  const out = applied(setAt(text, path("state"), { constant: "open" }));
  assert.equal(out, text.replace("{pick: {open: 70, closed: 30}}", "{constant: open}"));
  assert.equal(applied(setAt(text, ["tables", "orders", "rows"], 7)), text.replace("5_000", "7"));
});

test("a table is read by its own lines, whatever stands around", () => {
  const broken = text.replace('"odd name": {', '"odd name": {{{');
  assert.deepEqual(valueAt(broken, path("state")), { pick: { open: 70, closed: 30 } });
  const c = setAt(broken, path("total"), { constant: 3 });
  assert.ok(c);
  assert.equal(broken.slice(0, c.from) + c.insert + broken.slice(c.to), broken.replace("{decimal: {min: 1, max: 9}}", "{constant: 3}"));
  assert.equal(placeOf(broken, path("total")), broken.indexOf("total:"));
});

test("a value of several lines becomes one line", () => {
  const out = applied(setAt(text, path("note"), { text: { words: 4 } }));
  assert.deepEqual(parse(out).tables.orders.columns.note, { text: { words: 4 } });
  assert.deepEqual(parse(out).tables.orders.columns.total, { decimal: { min: 1, max: 9 } });
  assert.ok(out.includes("# two of them") && out.includes("# first"));
});

test("a missing key is added at the end of its mapping", () => {
  const out = applied(setAt(text, path("paid"), { boolean: 0.5 }));
  assert.deepEqual(parse(out).tables.orders.columns.paid, { boolean: 0.5 });
  assert.deepEqual(Object.keys(parse(out).tables), ["orders", "odd name"]);
  const flow = applied(setAt(text, ["tables", "odd name", "columns", "x"], "uuid"));
  assert.deepEqual(parse(flow).tables["odd name"].columns, { id: "sequence", x: "uuid" });
});

test("whatever a value holds is read back", () => {
  for (const value of ["a: b", "#x", "- y", "", "yes", "1", 1, 0.25, true, null, [1, "two"], { "k: ey": "{v}" }, "line\nbreak", "é \u2028"]) {
    const out = applied(setAt(text, path("state"), { constant: value }));
    assert.deepEqual(parse(out).tables.orders.columns.state, { constant: value });
  }
});

test("a place is that of the last key that is there", () => {
  assert.equal(placeOf(text, path("state")), text.indexOf("state:"));
  assert.equal(placeOf(text, path("nothing")), text.indexOf("columns:"));
});

test("names are found by their letters", () => {
  assert.notEqual(fit("orders", "ordr"), null);
  assert.equal(fit("orders", "x"), null);
  assert.ok((fit("orders", "order") ?? 99) < (fit("customer_orders", "order") ?? 0));
});
