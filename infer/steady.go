package infer

import (
	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
)

// steady tells whether a generator gives the same cell at every draw.
func (d *draft) steady(g yaml) bool {
	if d.steadies == nil {
		d.steadies = map[string]bool{}
	}
	text := g.String()
	is, known := d.steadies[text]
	if !known {
		is = g.steady()
		d.steadies[text] = is
	}
	return is
}

// steady tells it by what the generator states of its arguments.
func (y yaml) steady() bool {
	d := blueprint.NewDecoder(nil, gen.Names())
	var g blueprint.Generator
	d.Decode(y.node(), &g)
	m := gen.New(g.Name)
	if m == nil {
		return false // plan says what is wrong with it
	}
	d.DecodeGenerator(g, m)
	return gen.IsSteady(m)
}
