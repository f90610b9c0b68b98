package infer

import (
	syntax "go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
)

// steady tells whether a generator, as a blueprint writes it, gives the same cell at every draw.
func (d *draft) steady(generator string) bool {
	if d.steadies == nil {
		d.steadies = map[string]bool{}
	}
	is, known := d.steadies[generator]
	if !known {
		is = isSteady(generator)
		d.steadies[generator] = is
	}
	return is
}

func isSteady(generator string) bool {
	var doc syntax.Node
	if err := syntax.Unmarshal([]byte(generator), &doc); err != nil || len(doc.Content) != 1 {
		return false // plan says what is wrong with it
	}
	d := blueprint.NewDecoder(nil, gen.Names())
	var g blueprint.Generator
	d.Decode(doc.Content[0], &g)
	m := gen.New(g.Name)
	if m == nil {
		return false
	}
	d.DecodeGenerator(g, m)
	return gen.IsSteady(m)
}
