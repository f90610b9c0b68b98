package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// Switch chooses a generator for each row by the value of another cell.
type Switch struct {
	On    string                                 `yaml:"on" required:"true" desc:"the path of the cell that decides"`
	Cases blueprint.Ordered[blueprint.Generator] `yaml:"cases" required:"true" desc:"value: generator"`
	Else  *blueprint.Generator                   `yaml:"else" desc:"the generator of all other rows (default: null)"`
}

// OutputVersion implements Maker.
func (*Switch) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Switch) Make(c *Context) (Filler, error) {
	in, err := c.Host.Input(m.On)
	if err != nil {
		return nil, err
	}
	f := &switcher{on: in}
	for _, e := range m.Cases {
		sub, err := c.keep(e.Value, "case "+e.Key)
		if err != nil {
			return nil, err
		}
		f.cases = append(f.cases, e.Key)
		f.fills = append(f.fills, sub)
	}
	var other Filler = nullOf(column.Text)
	if m.Else != nil {
		if other, err = c.keep(*m.Else, "else"); err != nil {
			return nil, err
		}
	}
	f.fills = append(f.fills, other)
	f.kind, err = Unify(f.fills)
	f.setFacts(m)
	return f, err
}

// setFacts states what the cases have in common.
func (f *switcher) setFacts(m *Switch) {
	choice := &Choice{On: f.on, Cases: f.cases}
	for _, e := range m.Cases {
		choice.At = append(choice.At, e.Pos)
	}
	f.facts.Choice = choice
	for _, fill := range f.fills {
		of := fill.Facts()
		choice.Of = append(choice.Of, of)
		f.facts.Drawn = f.facts.Drawn || of.Drawn
		f.facts.Unbounded = f.facts.Unbounded || of.Unbounded
	}
}

// TakesNotBefore implements NotBefore: the generators of the cases do.
func (*Switch) TakesNotBefore() bool { return true }

// keep compiles a generator that stands in for the whole column: it keeps the column's type and order.
func (c *Context) keep(g blueprint.Generator, place string) (Filler, error) {
	sub := *c
	sub.Key, sub.Fixed = c.Key.Derive(place), nil
	if g.Name == "constant" {
		sub.NotBefore = nil
	}
	return c.Host.Compile(&sub, g)
}

// Unify gives the kind that all fillers share; constant nulls take it.
func Unify(fills []Filler) (column.Kind, error) {
	kind := column.Invalid
	for _, f := range fills {
		if isNull(f) {
			continue
		}
		if kind == column.Invalid {
			kind = f.Kind()
		}
		if f.Kind() != kind {
			return kind, fmt.Errorf("one generator gives %s and another %s: all must give the same kind", kind, f.Kind())
		}
	}
	if kind == column.Invalid {
		kind = column.Text
	}
	for i, f := range fills {
		if isNull(f) {
			fills[i] = nullOf(kind)
		}
	}
	return kind, nil
}

// nullOf gives nulls of a kind.
func nullOf(kind column.Kind) *constant {
	n := &constant{}
	n.cell.Reset(kind)
	n.cell.AppendNull()
	n.facts = constantFacts(&n.cell)
	return n
}

func isNull(f Filler) bool {
	c, ok := f.(*constant)
	return ok && c.value == nil
}

type switcher struct {
	on    Input
	cases []string
	fills []Filler // one a case, and the else
	kind  column.Kind
	facts Facts
}

func (f *switcher) choose(on *column.Vec, i int, buf []byte) int {
	if on.Null(i) {
		return len(f.cases)
	}
	var x []byte
	if on.Kind == column.Text {
		x = on.Bytes(i)
	} else {
		x = on.AppendText(buf[:0], i)
	}
	for j, c := range f.cases {
		if c == string(x) {
			return j
		}
	}
	return len(f.cases)
}

func (f *switcher) Kind() column.Kind { return f.kind }
func (f *switcher) Facts() Facts      { return f.facts }
func (f *switcher) Fill(dst *column.Vec, s *Span) error {
	on := s.Inputs[f.on.Index]
	var buf [64]byte
	sub := s.Scratch.lendSpan()
	defer s.Scratch.returnSpan()
	for from := 0; from < s.Rows.N; {
		which := f.choose(on, from, buf[:])
		to := from + 1
		for to < s.Rows.N && f.choose(on, to, buf[:]) == which {
			to++
		}
		var done func()
		*sub, done = s.Slice(from, to)
		err := f.fills[which].Fill(dst, sub)
		done()
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}
func (f *switcher) Bounds() Bounds { return UnionBounds(f.fills) }
func (f *switcher) String() string {
	var out []string
	for i, c := range f.cases {
		out = append(out, c+": "+f.fills[i].String())
	}
	return "by " + f.on.Path + " {" + strings.Join(append(out, "else: "+f.fills[len(f.cases)].String()), "; ") + "}"
}
func (f *switcher) Rules() []Rule {
	var out []Rule
	for j, fill := range f.fills {
		r, ok := fill.(Ruled)
		if !ok {
			continue
		}
		for _, rule := range r.Rules() {
			if rule.SQL == nil {
				continue // exact counts hold over the rows of a case, which SQL cannot number
			}
			what := "otherwise"
			if j < len(f.cases) {
				what = "where " + f.on.Path + " is " + f.cases[j]
			}
			wrapped := Rule{Text: rule.Text + " " + what, SQL: func(d Dialect, x string, in []string) string {
				pred := rule.SQL(d, x, in)
				if pred == "" || in[f.on.Index] == "" {
					return ""
				}
				on := "cast(" + in[f.on.Index] + " as text)"
				if f.on.Kind == column.Bool { // a number, in SQLite
					on = fmt.Sprintf("case when %[1]s then 'true' when not %[1]s then 'false' end", in[f.on.Index])
				}
				if j < len(f.cases) {
					return "case when " + on + " = " + d.Text(f.cases[j]) + " then " + pred + " else true end"
				}
				var known []string
				for _, c := range f.cases {
					known = append(known, d.Text(c))
				}
				return "case when " + on + " in (" + strings.Join(known, ", ") + ") then true else " + pred + " end"
			}}
			if rule.Cell != nil {
				wrapped.Cell = func(v *column.Vec, i int, in []*column.Vec) bool {
					return f.choose(in[f.on.Index], i, nil) != j || rule.Cell(v, i, in)
				}
			}
			out = append(out, wrapped)
		}
	}
	return out
}

// UnionBounds gives bounds that hold for all fillers.
func UnionBounds(fills []Filler) Bounds {
	out, first := Bounds{}, true
	for _, f := range fills {
		if isNull(f) {
			continue
		}
		b := boundsOf(f)
		if first {
			out, first = b, false
			continue
		}
		out = Bounds{Min: min(out.Min, b.Min), Max: max(out.Max, b.Max), MaxLen: max(out.MaxLen, b.MaxLen)}
	}
	return out
}
