package blueprint

import (
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// columnKeys are the keys beside the generator's in a column's definition.
type columnKeys struct {
	Unique    bool       `yaml:"unique" desc:"No value of this column comes twice."`
	Nulls     share      `yaml:"nulls" desc:"Share of the cells that are null, from 0 to 1; each is at random."`
	When      condition  `yaml:"when" desc:"A condition over the row's cells, such as status == \"closed\": where it is not true the cell is null."`
	NotBefore []cellPath `yaml:"not_before" desc:"Cells that this one is not before: columns of the same row (created_at) or of a parent (creator_id.created_at)."`
	Virtual   bool       `yaml:"virtual" desc:"Not a column of the table: other columns read it, nothing is written."`
	Optional  bool       `yaml:"optional" desc:"Written where the table has this column, left out without a notice where it has not."`
}

// nestedKeys are the keys beside the generator's within another generator's arguments.
type nestedKeys struct {
	Nulls share     `yaml:"nulls" desc:"Share of the values that are null, from 0 to 1."`
	When  condition `yaml:"when" desc:"A condition over the row's cells: where it is not true the value is null."`
}

// columnEntry is a column's definition in the file.
type columnEntry struct {
	columnKeys
	generator Generator
}

// column gives the entry as the Blueprint has it.
func (c *columnEntry) column(name string, at Pos) *Column {
	out := &Column{Name: name, Generator: c.generator, Unique: c.Unique, Virtual: c.Virtual, Optional: c.Optional, Pos: at}
	for _, p := range c.NotBefore {
		out.NotBefore = append(out.NotBefore, string(p))
	}
	return out
}

// DecodeNode implements NodeDecoder.
func (c *columnEntry) DecodeNode(d *Decoder, n *yaml.Node) {
	if outer := d.within; outer != "" {
		d.within += "." + d.label
		d.label = d.within
		defer func() { d.within = outer }()
	}
	d.generator(n, &c.generator, &c.columnKeys)
	c.generator.Nulls, c.generator.When = float64(c.Nulls), string(c.When)
	if c.Virtual && c.Optional {
		d.problem(d.pos(n), "a virtual column is never written", "virtual and optional exclude each other")
	}
}

// DecodeNode implements NodeDecoder.
func (g *Generator) DecodeNode(d *Decoder, n *yaml.Node) {
	var keys nestedKeys
	d.generator(n, g, &keys)
	g.Nulls, g.When = float64(keys.Nulls), string(keys.When)
}

// share is a number from 0 to 1.
type share float64

// DecodeNode implements NodeDecoder.
func (s *share) DecodeNode(d *Decoder, n *yaml.Node) {
	var v float64
	before := len(d.problems)
	d.basic(n, reflect.ValueOf(&v).Elem())
	if len(d.problems) == before && !(v >= 0 && v <= 1) {
		d.problem(d.pos(n), "", "%s is out of range: a share is from 0 to 1", n.Value)
		return
	}
	*s = share(v)
}

// condition is an expression that is true or not.
type condition string

// DecodeNode implements NodeDecoder.
func (c *condition) DecodeNode(d *Decoder, n *yaml.Node) {
	switch {
	case !isText(n):
		d.wants(n, `write it as a text, as in when: 'status == "closed"'`, "a condition")
	case n.Value == "":
		d.problem(d.pos(n), "leave the key out", "%s is no condition", quoted(n.Value))
	default:
		*c = condition(n.Value)
	}
}

// cellPath is the path of a cell: names with dots between them.
type cellPath string

// DecodeNode implements NodeDecoder.
func (p *cellPath) DecodeNode(d *Decoder, n *yaml.Node) {
	switch {
	case !isText(n):
		d.wants(n, "", "the path of a cell")
	case n.Value == "":
		d.problem(d.pos(n), "write column or link.column", "%s is no path of a cell", quoted(n.Value))
	default:
		*p = cellPath(n.Value)
	}
}

// lookup gives the value under a key of a mapping, or nil.
func lookup(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// generator decodes a generator: a text is the name of one without arguments, another scalar a constant,
// a mapping holds the name as a key with the arguments as its value, beside keys (a pointer to a struct).
func (d *Decoder) generator(n *yaml.Node, g *Generator, keys any) {
	at := d.pos(n)
	switch n.Kind {
	case yaml.ScalarNode:
		if !isText(n) {
			if _, err := scalar(n); err != nil {
				d.problem(at, "", "found %v", err)
				return
			}
			*g = Generator{Name: "constant", Args: n, Pos: at}
			return
		}
		*g = Generator{Name: n.Value, Pos: at}
		d.known(n.Value, at, fmt.Sprintf("for a fixed text write {constant: %s}", quoted(n.Value)))
	case yaml.MappingNode:
		d.generatorMapping(n, g, keys)
	default:
		d.wants(n, "", "a generator")
	}
}

// known reports a name that no generator has.
func (d *Decoder) known(name string, at Pos, otherwise string) {
	if d.generators != nil && !slices.Contains(d.generators, name) {
		d.problem(at, orElse(d.didYouMean(name, d.generators), otherwise), "unknown generator %s", quoted(name))
	}
}

func (d *Decoder) generatorMapping(n *yaml.Node, g *Generator, keys any) {
	v := target(keys)
	fields := fieldsOf(v.Type())
	beside := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column}
	var chosen, unknown []int // indexes into n.Content
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case unresolved(key):
			return
		case slices.ContainsFunc(fields, func(f field) bool { return f.name == key.Value }):
			beside.Content = append(beside.Content, key, n.Content[i+1])
		case d.generators == nil && !isColumnKey(key.Value), slices.Contains(d.generators, key.Value):
			chosen = append(chosen, i)
		default:
			unknown = append(unknown, i)
		}
	}
	d.keys(beside, v, fields, make(map[string]bool))
	for _, i := range unknown {
		key := n.Content[i]
		switch {
		case isColumnKey(key.Value):
			d.problem(d.pos(key), "within a generator's arguments there are only nulls and when", "%s belongs to a column", quoted(key.Value))
		case len(chosen) == 0 && len(unknown) == 1 && didYouMean(key.Value, names(fields)) == "":
			d.known(key.Value, d.pos(key), "")
		default:
			d.problem(d.pos(key), d.didYouMean(key.Value, append(names(fields), d.generators...)), "unknown key %s", quoted(key.Value))
		}
	}
	if len(chosen) == 0 {
		if len(unknown) == 0 {
			d.problem(d.pos(n), "name one as a key: {integer: {min: 1, max: 6}}", "a generator is missing")
		}
		return
	}
	key := n.Content[chosen[0]]
	*g = Generator{Name: key.Value, Args: n.Content[chosen[0]+1], Pos: d.pos(key)}
	for _, i := range chosen[1:] {
		d.problem(d.pos(n.Content[i]), "take one of them", "two generators, %q and %q", key.Value, n.Content[i].Value)
	}
}

func isColumnKey(name string) bool {
	return slices.ContainsFunc(columnKeyFields, func(f field) bool { return f.name == name })
}

var columnKeyFields = fieldsOf(reflect.TypeFor[columnKeys]())
