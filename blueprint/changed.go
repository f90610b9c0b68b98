package blueprint

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Changed gives the tables of which b says something else than o, wherever in their files it stands; false where the two
// differ in more than what they say of tables that both have.
func (b *Blueprint) Changed(o *Blueprint) (tables []string, ok bool) {
	if len(b.Tables) != len(o.Tables) || b.Name != o.Name || b.Database != o.Database || !alike(reflect.ValueOf(b.Pools), reflect.ValueOf(o.Pools)) {
		return nil, false
	}
	for i, t := range b.Tables {
		if t.Name != o.Tables[i].Name {
			return nil, false
		}
		if !alike(reflect.ValueOf(t), reflect.ValueOf(o.Tables[i])) {
			tables = append(tables, t.Name)
		}
	}
	return tables, true
}

var (
	posType  = reflect.TypeFor[Pos]()
	nodeType = reflect.TypeFor[*yaml.Node]()
)

// alike tells whether two values say the same: places in files do not count.
func alike(x, y reflect.Value) bool {
	if !x.IsValid() || !y.IsValid() {
		return x.IsValid() == y.IsValid()
	}
	if x.Type() != y.Type() {
		return false
	}
	switch x.Type() {
	case posType:
		return true
	case nodeType:
		return sameNode(x.Interface().(*yaml.Node), y.Interface().(*yaml.Node))
	}
	switch x.Kind() {
	case reflect.Pointer, reflect.Interface:
		return x.IsNil() == y.IsNil() && (x.IsNil() || alike(x.Elem(), y.Elem()))
	case reflect.Struct:
		for i := range x.NumField() {
			if !alike(x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if x.Len() != y.Len() {
			return false
		}
		for i := range x.Len() {
			if !alike(x.Index(i), y.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if x.Len() != y.Len() {
			return false
		}
		for _, k := range x.MapKeys() {
			if !alike(x.MapIndex(k), y.MapIndex(k)) {
				return false
			}
		}
		return true
	}
	return x.Equal(y)
}

// Reads gives the other tables that a table's description names, by a part, a generator or a fixed row: all texts in it
// that are the name of a table count, so that they may be too many.
func (b *Blueprint) Reads(t *Table) (tables []string) {
	add := func(text string) {
		name, _, _ := strings.Cut(text, ".")
		for _, o := range b.Tables {
			if (o.Name == text || o.Name == name) && o.Name != t.Name && !slices.Contains(tables, o.Name) {
				tables = append(tables, o.Name)
			}
		}
	}
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		if n == nil {
			return
		}
		if n.Kind == yaml.ScalarNode {
			add(n.Value)
		}
		for _, c := range n.Content {
			visit(c)
		}
	}
	for _, p := range t.Parts {
		if p.Each != "" {
			add(p.Each)
		}
	}
	for _, c := range t.Columns {
		visit(c.Generator.Args)
	}
	return tables
}
