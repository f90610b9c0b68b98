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
	names := strings.Split(path, ".")
	var in Input
	for _, name := range names[:len(names)-1] {
		link, err := b.link(t, part, name)
		if err != nil {
			return in, fmt.Errorf("%s: %w", path, err)
		}
		in.Links = append(in.Links, link)
		t, part = link.Target, nil
	}
	last := names[len(names)-1]
	in.Column = t.byName[last]
	if in.Column == nil {
		return in, fmt.Errorf("%s: %w", path, unknownColumn(t, last))
	}
	b.read(in.Column)
	if len(in.Links) > 0 {
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
func (nullRow) String() string    { return "no row" }
func (nullRow) Fill(dst *column.Vec, s *gen.Span) error {
	for range s.Rows.N {
		dst.AppendNull()
	}
	return nil
}
