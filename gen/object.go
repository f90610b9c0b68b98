package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// Object gives a JSON object with one generator for each field. The fields stand in the order that
// PostgreSQL's jsonb gives them (shorter names first, then by bytes), so that text and jsonb columns
// hold the same.
type Object struct {
	Fields blueprint.Ordered[blueprint.Generator] `yaml:"fields" short:"true" required:"true" desc:"name: generator, for each field"`
}

// DecodeNode implements the decoding of object: {name: generator, ...}.
func (m *Object) DecodeNode(d *blueprint.Decoder, n *yaml.Node) { d.Decode(n, &m.Fields) }

// Shapes implements blueprint.Shaped.
func (*Object) Shapes() []any { return []any{blueprint.Ordered[blueprint.Generator]{}} }

// OutputVersion implements Maker.
func (*Object) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Object) Make(c *Context) (Filler, error) {
	f := &object{}
	for _, e := range m.Fields {
		sub, err := c.Sub(e.Value, "field "+e.Key)
		if err != nil {
			return nil, err
		}
		f.fields = append(f.fields, field{name: e.Key, key: append(column.AppendJSONString(nil, e.Key), ": "...), fill: sub})
	}
	slices.SortFunc(f.fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	f.card = 1
	for _, x := range f.fields {
		ix, ok := x.fill.(Indexed)
		if !ok {
			f.card = 0
			break
		}
		f.card = times(f.card, ix.Card())
	}
	return f, nil
}

type object struct {
	fields []field
	card   uint64 // 0 where a field cannot be numbered
}

func (f *object) Card() uint64 { return f.card }
func (f *object) AppendIndex(dst *column.Vec, i uint64, sc *Scratch) {
	mark := sc.Mark()
	defer sc.Release(mark)
	d := dealer{i, i, f.card}
	b := append(dst.Data, '{')
	for j, x := range f.fields {
		if j > 0 {
			b = append(b, ", "...)
		}
		v := sc.Vec(x.fill.Kind())
		ix := x.fill.(Indexed)
		ix.AppendIndex(v, d.deal(ix.Card()), sc)
		b = appendJSON(append(b, x.key...), v, 0)
	}
	dst.Data = append(b, '}')
	dst.EndCell()
}

type field struct {
	name string
	key  []byte // the name as JSON, with the colon
	fill Filler
}

func (f *object) Kind() column.Kind { return column.JSON }
func (f *object) Facts() Facts {
	return Facts{Drawn: slices.ContainsFunc(f.fields, func(x field) bool { return x.fill.Facts().Drawn })}
}
func (f *object) Fill(dst *column.Vec, s *Span) error {
	first := s.Scratch.Mark()
	defer s.Scratch.Release(first)
	vecs := make([]*column.Vec, 0, 8) // stays on the stack
	for i := range f.fields {
		v := s.Scratch.Vec(f.fields[i].fill.Kind())
		vecs = append(vecs, v)
		if err := f.fields[i].fill.Fill(v, s); err != nil {
			return fmt.Errorf("%s: %w", f.fields[i].name, err)
		}
	}
	for i := range s.Rows.N {
		b := append(dst.Data, '{')
		for j := range f.fields {
			if j > 0 {
				b = append(b, ", "...)
			}
			b = append(b, f.fields[j].key...)
			b = appendJSON(b, vecs[j], i)
		}
		dst.Data = append(b, '}')
		dst.EndCell()
	}
	return nil
}
func (f *object) String() string {
	var out []string
	for _, x := range f.fields {
		out = append(out, x.name+": "+x.fill.String())
	}
	return "object {" + strings.Join(out, "; ") + "}"
}
func (f *object) Rules() []Rule {
	var out []Rule
	for _, x := range f.fields {
		out = append(out, lift(x.fill, "field "+x.name, func(d Dialect, doc string) string {
			if x.fill.Kind() == column.JSON {
				return d.JSONArray(doc, x.name)
			}
			return d.JSONField(doc, x.name)
		})...)
	}
	return out
}

// Carries names the fields of the object that hold another cell unchanged, as path -> field: through
// them SQL can see cells that are no column.
func (f *object) Carries() map[string]string {
	out := map[string]string{}
	for _, x := range f.fields {
		if c, ok := x.fill.(*cell); ok && x.fill.Kind() == column.Text {
			out[c.in.Path] = x.name
		}
	}
	return out
}

// Carrier is a Filler of documents that hold other cells unchanged.
type Carrier interface {
	Carries() map[string]string
}
