package studio

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
)

// seen are the plans that rows are made of.
type seen struct {
	whole, early *plan.Plan
	at           int64
}

// table finds a table by the name that the page knows it by; nil where there is none.
func (s *seen) table(name string) *plan.Table {
	for _, p := range []*plan.Plan{s.early, s.whole} {
		if p == nil {
			continue
		}
		for _, t := range p.Tables {
			if shown.Text(t.Name) == name {
				return t
			}
		}
	}
	return nil
}

// made is table for one whose rows are made.
func (s *seen) made(name string) (*plan.Table, error) {
	switch t := s.table(name); {
	case t == nil:
		return nil, s.missing(name)
	case t.Standing:
		return nil, fmt.Errorf("%s: its rows exist already: they serve as parents, and none are made", name)
	default:
		return t, nil
	}
}

// missing says that there is no such table.
func (s *seen) missing(name string) error {
	var names []string
	if s.whole != nil {
		for _, t := range s.whole.Tables {
			names = append(names, shown.Text(t.Name))
		}
	}
	return fmt.Errorf("the blueprint has no table %q: %s", name, blueprint.Instead(name, names))
}

// current gives the plans that rows are made of.
func (w *Workbench) current() (*seen, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.planned.whole == nil {
		return nil, errors.New("the blueprint has not been planned yet: mend its problems")
	}
	return &seen{w.planned.whole, w.planned.early, w.planned.shown}, nil
}

// withEarly has the tables of a later text among those of the last one that was planned whole, in whose order they stay.
func (w *Workbench) withEarly() []Table {
	out := slices.Clone(w.planned.tables)
	for _, t := range tablesOf(w.planned.early) {
		i := slices.IndexFunc(out, func(o Table) bool { return o.Name == t.Name })
		if i < 0 {
			continue // it is new: its place is known once all is planned
		}
		t.Step, t.Cyclic, t.Children = out[i].Step, out[i].Cyclic, out[i].Children
		for k := range t.Columns {
			c := &t.Columns[k]
			if at := slices.IndexFunc(out[i].Columns, func(o Column) bool { return o.Name == c.Name && slices.Equal(o.Generators, c.Generators) }); at >= 0 {
				c.Why, c.Confidence = out[i].Columns[at].Why, out[i].Columns[at].Confidence
			}
		}
		out[i] = t
	}
	return out
}
