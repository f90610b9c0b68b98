package gen

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Composite gives a value of a composite type of PostgreSQL, (a,b), with one generator for each field, in
// the order of the type's fields.
type Composite struct {
	Fields blueprint.Ordered[blueprint.Generator] `yaml:"fields" short:"true" required:"true" desc:"name: generator, for each field, in the order of the type"`
}

// DecodeNode implements the decoding of composite: {name: generator, ...}.
func (m *Composite) DecodeNode(d *blueprint.Decoder, n *yaml.Node) { d.Decode(n, &m.Fields) }

// Shapes implements blueprint.Shaped.
func (*Composite) Shapes() []any { return []any{blueprint.Ordered[blueprint.Generator]{}} }

// OutputVersion implements Maker.
func (*Composite) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Composite) Make(c *Context) (Filler, error) {
	f := &composite{card: 1}
	known := c.Type.Fields
	if len(known) > 0 && len(known) != len(m.Fields) {
		return nil, fmt.Errorf("%d fields, and the type %s has %d", len(m.Fields), c.Type.Name, len(known))
	}
	for i, e := range m.Fields {
		sub := *c
		sub.Key, sub.Type, sub.Fixed, sub.NotBefore = c.Key.Derive("field "+e.Key), schema.Type{}, nil, nil
		if len(known) > 0 {
			if known[i].Name != e.Key {
				return nil, fmt.Errorf("field %d is %s, and that of the type %s is %s", i+1, e.Key, c.Type.Name, known[i].Name)
			}
			sub.Type = known[i].Type
		}
		fill, err := c.Host.Compile(&sub, e.Value)
		if err != nil {
			return nil, err
		}
		f.names, f.fills, f.types = append(f.names, e.Key), append(f.fills, fill), append(f.types, sub.Type)
		ix, ok := fill.(Indexed)
		if !ok || ix.Card() == 0 {
			f.card = 0
			continue
		}
		f.card = times(f.card, ix.Card())
	}
	return f, nil
}

type composite struct {
	names []string
	fills []Filler
	types []schema.Type
	card  uint64
}

func (f *composite) Kind() column.Kind { return column.Literal }
func (f *composite) Facts() Facts      { return Facts{Drawn: anyDrawn(f.fills...)} }
func (f *composite) String() string {
	var out []string
	for i, x := range f.fills {
		out = append(out, f.names[i]+": "+x.String())
	}
	return "composite {" + strings.Join(out, "; ") + "}"
}

func (f *composite) Fill(dst *column.Vec, s *Span) error {
	mark := s.Scratch.Mark()
	defer s.Scratch.Release(mark)
	vecs := make([]*column.Vec, 0, 16) // stays on the stack
	for i, fill := range f.fills {
		v := s.Scratch.Vec(fill.Kind())
		vecs = append(vecs, v)
		if err := fill.Fill(v, s); err != nil {
			return fmt.Errorf("%s: %w", f.names[i], err)
		}
	}
	for i := range s.Rows.N {
		b := append(dst.Data, '(')
		for j, v := range vecs {
			b = f.field(b, v, i, j)
		}
		dst.Data = append(b, ')')
		dst.EndCell()
	}
	return nil
}

// field appends field j, which is cell i of a vector; null is nothing at all.
func (f *composite) field(b []byte, v *column.Vec, i, j int) []byte {
	if j > 0 {
		b = append(b, ',')
	}
	if v.Null(i) {
		return b
	}
	begin := len(b)
	return quoteFrom(appendPostgres(b, v, i, f.types[j]), begin, true, ',')
}

func (f *composite) Card() uint64 { return f.card }
func (f *composite) AppendIndex(dst *column.Vec, i uint64, sc *Scratch) {
	mark := sc.Mark()
	defer sc.Release(mark)
	d := dealer{i, i, f.card}
	b := append(dst.Data, '(')
	for j, fill := range f.fills {
		v := sc.Vec(fill.Kind())
		ix := fill.(Indexed)
		ix.AppendIndex(v, d.deal(ix.Card()), sc)
		b = f.field(b, v, 0, j)
	}
	dst.Data = append(b, ')')
	dst.EndCell()
}
