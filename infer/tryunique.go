package infer

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// tryUniques looks whether sample rows clash under the unique indexes over expressions, and asks the database where that
// cannot be told here; there are then as many rows as do not.
func (d *draft) tryUniques(ctx context.Context, m *rows.Maker, t *table, pt *plan.Table) (again bool, err error) {
	for _, u := range t.uniques() {
		if len(u.Expressions) == 0 || slices.Contains(t.denied, u) {
			continue
		}
		b, err := m.Rows(pt, pt.Out, sample(pt.Rows, triedThere))
		if err != nil {
			return false, err
		}
		if t.apartHere(u, b) {
			continue
		}
		twice, err := d.options.Oracle.Distinct(ctx, t.schema, u.Expressions, u.Where, b)
		if err != nil {
			d.notice("%s: the unique index %s (%s) could not be asked of the database: %v", t.name, u.Name, strings.Join(u.Expressions, ", "), err)
			continue
		}
		if len(twice) > 0 && (t.clash(u) || t.tighten(u)) {
			return true, nil
		}
		if len(twice) > 0 && t.spec == nil && t.deny(u) {
			t.restart()
			return true, nil
		}
		if len(twice) > 0 && t.spec == nil && d.lower(t, t.branches[0].part, int64(b.N-len(twice)), "rows must be distinct in "+u.Name+" ("+strings.Join(u.Expressions, ", ")+")") {
			return true, nil
		}
	}
	return false, nil
}

// apartHere tells whether rows surely differ in the expressions of a unique index, by cells of PostgreSQL's own types that
// are the same only where their bytes are.
func (t *table) apartHere(u *schema.Unique, b *column.Batch) bool {
	if t.draft.db.Dialect != "postgres" {
		return false
	}
	keys := make([][]byte, b.N)
	for _, e := range u.Expressions {
		p, err := check.CompileKeyed(t.schema, e, check.OptionsOf(t.draft.db, lastMoment))
		if err != nil {
			return false
		}
		var cells []*column.Vec
		for _, name := range p.Columns {
			c, v := t.schema.Column(name), b.Col(name)
			if c == nil || v == nil || c.Collation != "" || c.Type.Extension != "" {
				return false
			}
			cells = append(cells, v)
		}
		eval := p.Evaluator()
		for i := range keys {
			begin := len(keys[i])
			if keys[i], err = p.Key(keys[i], eval, cells, i); err != nil {
				return false
			}
			keys[i] = binary.BigEndian.AppendUint32(keys[i], uint32(len(keys[i])-begin))
		}
	}
	seen := make(map[string]bool, b.N)
	for _, k := range keys {
		seen[string(k)] = true
	}
	return len(seen) == b.N
}
