package run

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// begin settles a new run: rows to adopt, keys, cells to draw again. Then it is recorded.
func (g *generation) begin(ctx context.Context) error {
	if err := g.adopt(ctx); err != nil {
		return err
	}
	if err := g.reserve(ctx, filled(g.plan)); err != nil {
		return err
	}
	var todo []*work
	for _, t := range filled(g.plan) {
		todo = append(todo, newWork(t, nil))
	}
	if _, err := g.redraw(ctx, todo); err != nil {
		return err
	}
	g.record = &sink.Run{Blueprint: g.plan.Blueprint.Name, Identity: g.plan.Identity(), Version: g.options.Version, Started: time.Now().UTC(),
		Grows: g.grows}
	if err := g.shape(); err != nil {
		return err
	}
	return g.save(ctx, sink.Running)
}

// shape keeps in the record what the schema is that the run is made for.
func (g *generation) shape() error {
	if g.plan.Database == nil {
		return nil
	}
	b, err := json.Marshal(g.plan.Database.Shape())
	g.record.Shape = b
	return err
}

// reserve takes keys for tables.
func (g *generation) reserve(ctx context.Context, tables []*plan.Table) error {
	for _, t := range tables {
		for _, c := range t.Reservable() {
			if t.Rows == 0 {
				continue
			}
			if c != t.Key && t.Schema.Column(c.Name).Sequence == "" { // a part of a key: it is free where no row stands
				if n, err := g.store.CountRows(ctx, t.Schema); err != nil {
					return err
				} else if n == 0 {
					continue
				}
			}
			first, err := g.store.Reserve(ctx, t.Schema, c.Name, t.Rows)
			if err != nil {
				return err
			}
			if w := t.Schema.Column(c.Name).Type.Width; w > 0 && w < 8 && first+t.Rows-1 > int64(1)<<(8*w-1)-1 {
				return fmt.Errorf("%s.%s: %d keys from %d on pass the largest %s", t.Name, c.Name, t.Rows, first, t.Schema.Column(c.Name).Type.Name)
			}
			c.SetFirst(first)
		}
	}
	return nil
}

// save records the run's state and its plan as it is resolved now.
func (g *generation) save(ctx context.Context, state sink.State) error {
	b, err := g.recordOf()
	if err != nil {
		return err
	}
	g.record.Plan, g.record.State = b, state
	switch {
	case state == sink.Running:
		g.record.Finished = time.Time{}
	case g.record.Finished.IsZero():
		g.record.Finished = time.Now().UTC()
	}
	return g.store.SaveRun(ctx, g.record)
}
