package infer

import (
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Bounds of the values that are picked from where the checks of a column take no generator's values altogether.
const (
	drawnEach    = 2000 // values that are drawn of each candidate
	siftedEach   = 100  // the same to see whether checks take a candidate's texts at all
	leastTaken   = 10   // in a hundred
	mostAccepted = 60   // values to pick from
	mostDistinct = 1000 // the same of a column whose values are distinct
)

// draw draws values of every candidate of a column, and of guesses, and gives those that all checks of the column alone
// take: in the order in which they were drawn, no more than are needed.
func (d *draft) draw(ctx context.Context, t *table, c *col) ([]string, error) {
	enough := mostAccepted
	if t.wantsUnique(c) {
		enough = int(min(max(t.rows, mostAccepted), mostDistinct))
	}
	var checks []*schema.Check
	for _, k := range t.tried() {
		if len(k.Columns) == 1 && k.Columns[0] == c.name {
			checks = append(checks, k)
		}
	}
	var from []yaml
	for _, f := range uniqueFills(c.fills) {
		for _, k := range f.candidates {
			from = append(from, k.Generator)
		}
	}
	var out []string
	for _, g := range append(from, c.guesses(checks)...) {
		b := d.drawn(t, c, g, drawnEach)
		for _, check := range checks {
			if b == nil || b.N == 0 {
				break
			}
			bad, err := d.refuted(ctx, t, check, b)
			if err != nil {
				return nil, err
			}
			b = without(b, bad)
		}
		for i := 0; b != nil && i < b.N; i++ {
			if v := b.Vecs[0].String(i); !slices.Contains(out, v) {
				out = append(out, v)
			}
			if len(out) == enough {
				return out, nil
			}
		}
	}
	return out, nil
}

// sift lets candidates of a text give way of which the checks of the column take next to nothing: drawing again would
// end with few texts, or, where the column takes nulls, with nothing else.
func (t *table) sift(c *col) {
	if c.kind() != column.Text || c.reference != nil {
		return
	}
	for i, f := range c.fills {
		d := t.branches[min(i, len(t.branches)-1)].domain(c.name)
		if d == nil || len(d.Patterns) == 0 || slices.Contains(c.fills[:i], f) {
			continue
		}
		for !f.chosen().exact && f.at+1 < len(f.candidates) && !t.takes(c, f.chosen().Generator) {
			f.at++
		}
	}
}

// takes tells whether the checks of a column alone take enough of a generator's texts. Checks that only the database
// evaluates are left to it, and so are generators that cannot stand alone.
func (t *table) takes(c *col, generator yaml) bool {
	b := t.draft.drawn(t, c, generator, siftedEach)
	if b == nil {
		return true
	}
	all := b.N
	for _, k := range t.schema.Checks {
		if len(k.Columns) == 1 && k.Columns[0] == c.name && b.N > 0 {
			bad := make([]bool, b.N)
			if _, known := t.holds(k, b, bad); known {
				b = without(b, bad)
			}
		}
	}
	return b.N*100 >= all*leastTaken
}

// drawn gives values of a generator, each once; nil where it cannot stand alone.
func (d *draft) drawn(t *table, c *col, generator yaml, n int) *column.Batch {
	alone := *c.schema
	alone.Type.Checks, alone.NotNull = nil, true
	one := &schema.Table{Schema: t.schema.Schema, Name: t.schema.Name, CanInsert: true, Columns: []*schema.Column{&alone}}
	db := &schema.Database{Dialect: d.db.Dialect, Name: d.db.Name, Defaults: d.db.Defaults, Tables: []*schema.Table{one}}
	text := fmt.Sprintf("sower: 1\nname: drawn\ntables:\n  %s:\n    rows: %d\n    columns:\n      %s: %s\n", text(t.name), n, text(c.name), generator)
	doc, err := blueprint.OpenText(FileName, []byte(text))
	if err != nil {
		return nil
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil
	}
	p, err := plan.Build(b, db, plan.Options{Seed: d.options.Seed, Scan: rows.Scan, Prove: rows.Prove})
	if err != nil {
		return nil
	}
	var m rows.Maker
	pt := p.Tables[0]
	all, err := m.Batch(pt, pt.Out, 0, int(pt.Rows))
	if err != nil || len(all.Vecs) != 1 {
		return nil
	}
	seen := map[string]bool{}
	twice := make([]bool, all.N)
	for i := range all.N {
		text := all.Vecs[0].String(i)
		twice[i] = all.Vecs[0].Null(i) || seen[text]
		seen[text] = true
	}
	return without(all, twice)
}

// without gives a batch of one column without some rows.
func without(b *column.Batch, out []bool) *column.Batch {
	v := new(column.Vec)
	v.ResetAs(b.Vecs[0])
	for i := range b.N {
		if !out[i] {
			v.AppendCell(b.Vecs[0], i)
		}
	}
	return &column.Batch{N: v.Len(), Names: b.Names, Vecs: []*column.Vec{v}}
}

// refuted tells of which rows a check is false. Where nobody can tell, and where the database fails to evaluate it,
// it is of all.
func (d *draft) refuted(ctx context.Context, t *table, k *schema.Check, b *column.Batch) ([]bool, error) {
	bad := make([]bool, b.N)
	if _, known := t.holds(k, b, bad); known && (d.db.Dialect != "sqlite" || d.options.Oracle == nil) {
		return bad, nil
	}
	if d.options.Oracle != nil {
		truths, err := d.options.Oracle.Holds(ctx, t.schema, k.Expression, b)
		if err == nil {
			for i, truth := range truths {
				bad[i] = truth == sink.False
			}
			return bad, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
	}
	for i := range bad {
		bad[i] = true
	}
	return bad, nil
}
