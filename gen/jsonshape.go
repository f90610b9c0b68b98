package gen

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
)

// JSON makes documents of a usual shape, such as settings, metadata or an address. The shapes are
// generators of a data file, gen/data/json.yaml: a blueprint that wants others writes object and array itself.
type JSON struct {
	Shape string `yaml:"shape" short:"true" required:"true" desc:"settings, metadata, address, tags, geo, profile, preferences, permissions, event, money, product, contact, links, attributes, error, config, list, translations, dimensions, schedule or empty"`
}

// jsonShapes are the generators by shape.
var jsonShapes = sync.OnceValue(func() map[string]*yaml.Node {
	raw, err := dataFiles.ReadFile("data/json.yaml")
	if err != nil {
		panic(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		panic("gen: data/json.yaml: " + err.Error())
	}
	out := map[string]*yaml.Node{}
	for top := doc.Content[0]; len(top.Content) > 2*len(out); {
		out[top.Content[2*len(out)].Value] = top.Content[2*len(out)+1]
	}
	return out
})

// JSONShapes gives the names of the shapes, sorted.
func JSONShapes() []string {
	var out []string
	for name := range jsonShapes() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// OutputVersion implements Maker.
func (*JSON) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *JSON) Make(c *Context) (Filler, error) {
	node := jsonShapes()[m.Shape]
	if node == nil {
		return nil, fmt.Errorf("shape %q is unknown: %s", m.Shape, strings.Join(JSONShapes(), ", "))
	}
	d := blueprint.NewDecoder(nil, Names())
	var g blueprint.Generator
	d.Decode(node, &g)
	if err := d.Err(); err != nil {
		return nil, fmt.Errorf("the shape %s: %w", m.Shape, err)
	}
	return c.Sub(g, "shape")
}
