package plan

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// resolve finds the cell at a path: links, with dots between them, and a column. part is the part that
// asks, nil where the asker fills all of them alike.
func (b *builder) resolve(t *Table, part *Part, path string) (Input, error) {
	var in Input
	last := path
	for {
		name, rest, ok := t.step(last)
		if !ok {
			break
		}
		link, err := b.link(t, part, name)
		if err != nil {
			return in, fmt.Errorf("%s: %w", path, err)
		}
		in.Links = append(in.Links, link)
		t, part, last = link.Target, nil, rest
	}
	in.Column = t.byName[last]
	if in.Column == nil {
		return in, fmt.Errorf("%s: %w", path, unknownColumn(t, last))
	}
	b.read(in.Column)
	if len(in.Links) > 0 {
		if in.Column.state == compiling && b.kindBefore(in.Column) && before(in.Links, in.Column.Table) {
			return in, nil
		}
		return in, b.compile(in.Column, nil)
	}
	if err := b.compile(in.Column, part); err != nil || in.Column.Kind != column.Invalid {
		return in, err
	}
	for i, p := range t.Parts { // null in this part: another one says of which kind the nulls are
		if in.Column.parts[i] == untouched {
			if err := b.compile(in.Column, p); err != nil {
				return in, err
			}
		}
	}
	return in, nil
}

// kindBefore settles the kind of a column's cells while it is compiled, where its type or its generator alone says it.
func (b *builder) kindBefore(c *Column) bool {
	m := gen.New(c.Spec.Generator.Name)
	own, says := m.(gen.OwnResult)
	if c.Kind != column.Invalid {
		return c.Kind != column.Decimal || says
	}
	if says {
		b.plan.Blueprint.NewDecoder().DecodeGenerator(c.Spec.Generator, m)
		if kind, scale := own.Result(typeOf(c)); kind != column.Invalid {
			c.Kind, c.Scale = kind, int32(scale)
			return true
		}
	}
	kind := typeOf(c).Kind
	if kind == column.Invalid {
		kind = gen.KindOf(m)
	}
	if kind == column.Invalid || kind == column.Decimal || kind == column.Literal {
		return false
	}
	c.Kind = kind
	return true
}

// before tells whether links lead from each row of a table to one before it, so that a cell may be made of the same
// column's cell there.
func before(links []*Column, t *Table) bool {
	for _, link := range links {
		if link.Table != t || link.Target != t {
			return false
		}
		for _, n := range link.Nodes {
			if n.match != nil && n.match.earlier != nil && !n.match.earlier.Self {
				continue
			}
			if e, ok := gen.Self(n.raw); (!ok || e.Self) && !isNullRow(n) {
				return false
			}
		}
	}
	return true
}

// step takes the first link off a path; false where none is left. Names may have dots themselves: a column of the whole
// name comes first, then the longest name that the table has.
func (t *Table) step(path string) (link, rest string, ok bool) {
	if t.byName[path] != nil {
		return "", "", false
	}
	for at := strings.LastIndexByte(path, '.'); at >= 0; at = strings.LastIndexByte(path[:at], '.') {
		link, rest, ok = path[:at], path[at+1:], true
		if t.byName[link] != nil || t.part(link) != nil {
			break
		}
	}
	return link, rest, ok
}

func unknownColumn(t *Table, name string) error {
	var names []string
	for n := range t.byName {
		names = append(names, n)
	}
	if s := blueprint.Suggest(name, names); s != "" {
		return fmt.Errorf("%s has no column %q: did you mean %q?", t.Name, name, s)
	}
	if t.Standing {
		return fmt.Errorf("the standing rows of %s have no column %q", t.Name, name)
	}
	return fmt.Errorf("%s has no column %q in the blueprint", t.Name, name)
}

// link finds a column of parent row numbers: of a part, or of a column that refers to a parent.
func (b *builder) link(t *Table, part *Part, name string) (*Column, error) {
	if part == nil && len(t.Parts) == 1 {
		part = t.Parts[0]
	}
	if part != nil && part.Name == name && part.link != nil {
		return part.link, nil
	}
	c := t.byName[name]
	if c == nil {
		if p := t.part(name); p != nil {
			return nil, fmt.Errorf("%q is a part of %s, and only its own rows can look through it: use it under part", name, t.Name)
		}
		return nil, unknownColumn(t, name)
	}
	if err := b.compile(c, nil); err != nil {
		return nil, err
	}
	if c.Link == nil {
		return nil, fmt.Errorf("%s.%s refers to no parent in every part of the table", t.Name, name)
	}
	return c.Link, nil
}

// ownRow gives each row of a part its own number: the row of the table that the part follows.
type ownRow struct{}

func (ownRow) Kind() column.Kind { return column.Int }
func (ownRow) Facts() gen.Facts  { return gen.Facts{} }
func (ownRow) String() string    { return "one row for each row" }
func (ownRow) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		dst.AppendInt(s.Rows.At(i))
	}
	return nil
}
func (ownRow) Distinct() bool { return true }

// nullRow refers to nothing.
type nullRow struct{}

func (nullRow) Kind() column.Kind { return column.Int }
func (nullRow) Facts() gen.Facts  { return gen.Facts{Null: gen.OnlyNull} }
func (nullRow) String() string    { return "no row" }
func (nullRow) Fill(dst *column.Vec, s *gen.Span) error {
	for range s.Rows.N {
		dst.AppendNull()
	}
	return nil
}
