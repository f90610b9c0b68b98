package infer

import (
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// fits sees to it that rows which are added to others find values that are unique beside theirs: a table in which there
// is room for fewer gets wider values, or fewer rows, and one that is full stays as it is and is a parent to others. It
// tells whether it changed the draft.
func (d *draft) fits(ctx context.Context, p *plan.Plan) (changed bool, err error) {
	count, ok := d.options.Oracle.(sink.Counter)
	if !d.options.Append || !ok {
		return false, nil
	}
	for _, t := range slices.Clone(d.tables) {
		if d.byTable[t.schema] != t || !t.filled() || t.spec != nil || t.rows == 0 || !d.hasRows(t.schema) || p.Table(t.name) == nil {
			continue
		}
		for _, u := range t.schema.Uniques {
			if u.Where != "" || len(u.Expressions) > 0 {
				continue
			}
			card, known := p.Table(t.name).Room(u.Columns)
			if !known {
				continue
			}
			if err := t.count(ctx, count); err != nil {
				return false, err
			}
			if uint64(t.rows)+uint64(*t.stood) <= card {
				continue
			}
			d.crowded(t, u, int64(card)-min(*t.stood, int64(card)), int64(card))
			changed = true
			break
		}
	}
	return changed, nil
}

// count counts the rows that stand in the table, once.
func (t *table) count(ctx context.Context, c sink.Counter) error {
	if t.stood != nil {
		return nil
	}
	n, err := c.CountRows(ctx, t.schema)
	if err != nil {
		return fmt.Errorf("%s: count its rows: %w", t.name, err)
	}
	t.stood = &n
	return nil
}

// countExclusive counts the rows of tables that get more, and in which stretches may not overlap.
func (d *draft) countExclusive(ctx context.Context) error {
	count, ok := d.options.Oracle.(sink.Counter)
	if !d.options.Append || !ok {
		return nil
	}
	for _, t := range d.tables {
		if !t.standing && d.hasRows(t.schema) && len(t.schema.Exclusions) > 0 {
			if err := t.count(ctx, count); err != nil {
				return err
			}
		}
	}
	return nil
}

// crowded widens the values of a table's unique, or leaves the table as many rows as there is room for.
func (d *draft) crowded(t *table, u *schema.Unique, free, card int64) {
	p := &blueprint.Problem{Table: t.name, HasMost: true, Most: free, Cause: &blueprint.Cause{Columns: u.Columns, Counted: u.Columns}}
	why := fmt.Sprintf("%d rows stand there, and there are at most %d values for %s", *t.stood, card, u.Name)
	switch {
	case t.widen(p):
	case free == 0 || !d.lower(t, "", free, why):
		t.stand()
	}
}

// stand leaves the table as it is: the rows that are there serve as parents.
func (t *table) stand() {
	d := t.draft
	t.standing, t.rows = true, 0
	d.result.Standing = append(d.result.Standing, t.name)
	slices.Sort(d.result.Standing)
	d.acyclic = nil
	for _, o := range d.referring(t.schema) {
		if o != t && o.filled() {
			o.restart()
		}
	}
}
