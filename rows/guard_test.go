package rows_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

func intColumn(name string, notNull bool) *schema.Column {
	return &schema.Column{Name: name, NotNull: notNull, Type: schema.Type{Name: "integer", Kind: column.Int, Width: 4}}
}

// guardedSchema has checks of every sort that a guard holds: over plain columns, nullable ones, several that share
// columns, parents' cells, columns that are unique together, and columns made from others.
func guardedSchema() *schema.Database {
	text := schema.Type{Name: "text", Kind: column.Text}
	return &schema.Database{Dialect: "postgres", Defaults: "public", Tables: []*schema.Table{
		{Schema: "public", Name: "nodes", Columns: []*schema.Column{intColumn("id", true), intColumn("weight", true)}},
		{Schema: "public", Name: "spans", Columns: []*schema.Column{
			intColumn("id", true), intColumn("low", true), intColumn("high", true), intColumn("mid", false), intColumn("twice", true),
			{Name: "code", NotNull: true, Type: text}, intColumn("from_id", true), intColumn("to_id", true), intColumn("weight", true), intColumn("a", true), intColumn("b", true),
		}, Checks: []*schema.Check{
			{Name: "in_order", Expression: "(low < high)"},
			{Name: "mid_between", Expression: "((mid > low) AND (mid < high))"},
			{Name: "twice_small", Expression: "(twice < 150)"},
			{Name: "code_odd", Expression: "(code !~ '[aeiou]'::text)"},
			{Name: "differ", Expression: "(from_id <> to_id)"},
			{Name: "heavy", Expression: "(weight > 3)"},
			{Name: "pair", Expression: "(a <> b)"},
			{Name: "impossible", Expression: "(low > 1000)"},
			{Name: "unknown", Expression: "app.magic(low)", Columns: []string{"low"}},
		}, Uniques: []*schema.Unique{{Name: "spans_a_b", Columns: []string{"a", "b"}}}},
	}}
}

const guardedBlueprint = `
sower: 1
name: guards
tables:
  nodes:
    rows: 40
    columns: {id: sequence, weight: {integer: {min: 1, max: 9}}}
  spans:
    parts: {small: {rows: 150}, large: {rows: 250}}
    fixed:
      odd: {cells: {low: 9, high: 1}}
    checks:
      mid_between: {redraw: [mid]}
      in_order: {redraw: [low, high]}
      twice_small: {redraw: [low]}
      code_odd: {redraw: [code]}
      differ: {redraw: [to_id]}
      heavy: {redraw: [from_id]}
      pair: {redraw: [a]}
    columns:
      id: sequence
      low: {integer: {min: 0, max: 100}}
      high: {part: {small: {integer: {min: 20, max: 60}}, large: {integer: {min: 50, max: 200}}}}
      mid: {integer: {min: 0, max: 200}, nulls: 0.3}
      twice: {expression: low * 2}
      code: {pattern: "[a-z]{4}"}
      from_id: {reference: nodes}
      to_id: {reference: nodes}
      weight: {cell: from_id.weight}
      a: {integer: {min: 1, max: 30}}
      b: {integer: {min: 1, max: 30}}
`

func planned(t testing.TB, text string, db *schema.Database) (*plan.Plan, error) {
	t.Helper()
	doc, err := blueprint.Open(mapFS(text), "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return plan.Build(b, db, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
}

// violations counts the rows that violate each check.
func violations(t testing.TB, tb *plan.Table) map[string]int {
	t.Helper()
	var m rows.Maker
	b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, k := range tb.Schema.Checks {
		p, err := check.Compile(tb.Schema, k.Expression, "", check.Options{})
		if err != nil {
			continue
		}
		var in []*column.Vec
		for _, name := range p.Columns {
			in = append(in, b.Col(name))
		}
		e := p.Evaluator()
		for i := range b.N {
			if got, err := e.Eval(in, i); err != nil || got == check.False {
				out[k.Name]++
			}
		}
	}
	return out
}

// Every row satisfies the checks that are held, whatever generators draw at first; the fixed row's given cells stay.
func TestGuardsHold(t *testing.T) {
	p, err := planned(t, guardedBlueprint, guardedSchema())
	if err != nil {
		t.Fatal(err)
	}
	spans := p.Table("spans")
	got := violations(t, spans)
	delete(got, "impossible")
	if fmt.Sprint(got) != "map[in_order:1 mid_between:1]" && fmt.Sprint(got) != "map[in_order:1]" {
		t.Errorf("rows violate checks: %v; only the fixed row may", got)
	}
	without := strings.Replace(guardedBlueprint, "checks:", "checks: {}\n    #", 1)
	at, end := strings.Index(without, "      mid_between"), strings.Index(without, "    columns:\n      id: sequence\n      low")
	loose, err := planned(t, without[:at]+without[end:], guardedSchema())
	if err != nil {
		t.Fatal(err)
	}
	got = violations(t, loose.Table("spans"))
	for _, name := range []string{"in_order", "mid_between", "twice_small", "code_odd", "differ", "heavy", "pair"} {
		if got[name] < 2 {
			t.Errorf("without its guard %s has %d violations: the test shows nothing", name, got[name])
		}
	}
	pairs := map[string]bool{}
	var m rows.Maker
	b, err := m.Batch(spans, spans.Out, 0, int(spans.Rows))
	if err != nil {
		t.Fatal(err)
	}
	nulls, changed := 0, 0
	for i := range b.N {
		pair := b.Col("a").String(i) + "," + b.Col("b").String(i)
		if pairs[pair] {
			t.Errorf("the pair %s stands twice", pair)
		}
		pairs[pair] = true
		if b.Col("mid").Null(i) {
			nulls++
		}
		if b.Col("twice").Ints[i] != 2*b.Col("low").Ints[i] {
			changed++
		}
	}
	if changed > 0 {
		t.Errorf("%d cells do not follow from those that were drawn again", changed)
	}
	if nulls < 50 {
		t.Errorf("only %d nulls", nulls)
	}
	if b.Col("low").Ints[0] != 9 || b.Col("high").Ints[0] != 1 {
		t.Errorf("the fixed row's cells were changed: %s, %s", b.Col("low").String(0), b.Col("high").String(0))
	}
}

// The first law holds for rows that are drawn again: any batches, any order, any rows alone, any columns asked for.
func TestGuardedRowsAlone(t *testing.T) {
	p, err := planned(t, guardedBlueprint, guardedSchema())
	if err != nil {
		t.Fatal(err)
	}
	want := digests(t, p, 4096, 1)
	for _, n := range []int64{1, 7, 130} {
		for name, d := range digests(t, p, n, 3) {
			if d != want[name] {
				t.Errorf("%s in batches of %d has the digest %s, in one %s", name, n, d, want[name])
			}
		}
	}
	spans := p.Table("spans")
	var all, one rows.Maker
	whole, err := all.Batch(spans, spans.Out, 0, int(spans.Rows))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range spans.Out {
		list := []int64{399, 0, 149, 150, 77, 77, 3}
		got, err := one.Rows(spans, []*plan.Column{c}, list)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range list {
			if !got.Vecs[0].Equal(i, whole.Col(c.Name), int(row)) {
				t.Errorf("%s of row %d alone is %s, with all %s", c.Name, row, got.Vecs[0].String(i), whole.Col(c.Name).String(int(row)))
			}
		}
	}
}

// What cannot be held is said by the plan.
func TestGuardMistakes(t *testing.T) {
	for checks, want := range map[string]string{
		"impossible: {redraw: [low]}":    "spans row 0: no draw of low, high out of 1000 satisfies impossible: CHECK ((low > 1000))",
		"in_ordre: {redraw: [low]}":      `spans has no check constraint "in_ordre": did you mean "in_order"?`,
		"twice_small: {redraw: [twice]}": "spans.twice: low * 2 gives the same at every draw",
		"in_order: {redraw: [id]}":       "gives the same at every draw",
		"unknown: {redraw: [low]}":       "cannot be held by drawing again: the function app.magic is not known",
	} {
		text := strings.Replace(guardedBlueprint, "checks:\n", "checks:\n      "+checks+"\n", 1)
		name, _, _ := strings.Cut(checks, ":")
		text = strings.Replace(text, "\n      "+name+": {redraw: [low, high]}", "", 1)
		if name == "twice_small" {
			text = strings.Replace(text, "      twice_small: {redraw: [low]}\n", "", 1)
		}
		text = strings.Replace(text, "      odd: {cells: {low: 9, high: 1}}\n", "      odd: {cells: {mid: 9}}\n", 1)
		_, err := planned(t, text, guardedSchema())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", checks, err, want)
		}
	}
	if _, err := planned(t, guardedBlueprint, nil); err != nil {
		t.Errorf("without a database: %v", err)
	}
}

// A check cannot be held by drawing what is no draw again, nor by drawing what it does not read.
func TestGuardSteady(t *testing.T) {
	for _, g := range []string{
		`{template: "{id}e"}`, `{prefix: {of: name, length: 3}}`, `{expression: "name + 'e'"}`, `{cell: name}`,
		`{constant: e}`, `{quota: {shares: {e: 1}}}`,
		`{switch: {on: id, cases: {1: {constant: e}}, else: {template: "{id}e"}}}`,
	} {
		code := "name: {person: first_name, virtual: true}\n      code: " + g
		text := strings.Replace(guardedBlueprint, `code: {pattern: "[a-z]{4}"}`, code, 1)
		_, err := planned(t, text, guardedSchema())
		if err == nil || !strings.Contains(err.Error(), "gives the same at every draw, so that drawing it again does not help code_odd") {
			t.Errorf("%s: %v", g, err)
		}
	}
	text := strings.Replace(guardedBlueprint, "code_odd: {redraw: [code]}", "code_odd: {redraw: [mid, a]}", 1)
	_, err := planned(t, text, guardedSchema())
	if err == nil || !strings.Contains(err.Error(), "spans: code_odd reads nothing that depends on mid, a") {
		t.Error(err)
	}
}
