package plan

import (
	"fmt"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// wantsInference tells whether a column that the blueprint does not name must be filled all the same:
// it takes no null and has no default, or its table's partition bound allows one value only.
func wantsInference(t *schema.Table, c *schema.Column) bool {
	if c.Generated {
		return false
	}
	if onlyValue(t, c.Name) != nil {
		return true
	}
	return c.NotNull && c.Default == "" && c.Identity == ""
}

func onlyValue(t *schema.Table, name string) *string {
	if t.Partition == nil {
		return nil
	}
	if v, ok := t.Partition.Only[name]; ok {
		return &v
	}
	return nil
}

// infer gives a column that the blueprint does not name a generator, by its constraints first and its
// type after.
func (b *builder) infer(c *Column) (*Node, *linkNode, error) {
	t := c.Table
	sc := t.Schema.Column(c.Name)
	c.Spec = &blueprint.Column{Name: c.Name, Pos: t.spec.Pos}
	m, why, err := b.guess(t, sc)
	if err != nil {
		return nil, nil, err
	}
	c.Why = why
	h := &host{builder: b, column: c, node: &Node{}}
	key := t.key.Derive("column", c.Name)
	ctx := &gen.Context{Table: t.Name, Column: c.Name, Key: key, TableKey: t.key, Rows: t.Rows, Type: sc.Type, Host: h}
	f, err := m.Make(ctx)
	if err != nil {
		return nil, nil, err
	}
	b.notice("%s.%s is not in the blueprint and takes no null: it gets %s (%s)", t.Name, c.Name, f, why)
	if r, ok := m.(*gen.Reference); ok {
		return b.referenceNode(c, blueprint.Generator{}, r, f, key, h)
	}
	h.node.Fill = f
	return h.node, nil, nil
}

// guess chooses a generator for a column.
func (b *builder) guess(t *Table, sc *schema.Column) (m gen.Maker, why string, err error) {
	if v := onlyValue(t.Schema, sc.Name); v != nil {
		return &gen.Constant{Value: blueprint.Value{V: *v}}, "the only value that the partition takes", nil
	}
	for _, fk := range t.Schema.ForeignKeys {
		if len(fk.Columns) != 1 || fk.Columns[0] != sc.Name {
			continue
		}
		parent := b.tableOf(fk.RefSchema, fk.RefTable)
		if parent == nil {
			return nil, "", fmt.Errorf("it is a foreign key to %s, which the blueprint does not fill: add that table, or give the column a value", fk.RefTable)
		}
		return &gen.Reference{Table: parent.Name, Column: fk.RefColumns[0]}, "the foreign key " + fk.Name, nil
	}
	why = "its type, " + sc.Type.Name
	switch {
	case len(sc.Type.Enum) > 0:
		var labels []blueprint.Value
		for _, l := range sc.Type.Enum {
			labels = append(labels, blueprint.Value{V: l})
		}
		return &gen.Pick{From: labels}, "the labels of its enum", nil
	case sc.Sequence != "":
		return &gen.Sequence{}, "its sequence", nil
	}
	switch sc.Type.Kind {
	case column.Bool:
		return &gen.Boolean{}, why, nil
	case column.Int:
		if t.Schema.PrimaryKey != nil && len(t.Schema.PrimaryKey.Columns) == 1 && t.Schema.PrimaryKey.Columns[0] == sc.Name {
			return &gen.Sequence{}, "it is the key", nil
		}
		return &gen.Integer{Max: 100}, why, nil
	case column.Float:
		return &gen.Float{Max: 100, Step: 0.01}, why, nil
	case column.Decimal:
		top := int64(100)
		if sc.Type.Precision > 0 {
			top = min(top, pow10(sc.Type.Precision-sc.Type.Scale)-1)
		}
		return &gen.Decimal{Max: blueprint.Value{V: top}}, why, nil
	case column.UUID:
		return &gen.UUID{}, why, nil
	case column.Timestamp:
		if t.byName["created_at"] != nil && sc.Name != "created_at" {
			return &gen.Cell{Path: "created_at"}, "another moment of the row", nil
		}
		from, _ := blueprint.ParseDateTime("2025-01-01")
		to, _ := blueprint.ParseDateTime("2025-12-31")
		return &gen.Timestamp{From: from, To: to}, why, nil
	case column.Date:
		from, _ := blueprint.ParseDateTime("2025-01-01")
		to, _ := blueprint.ParseDateTime("2025-12-31")
		return &gen.Date{From: from, To: to}, why, nil
	case column.Text:
		return inferText(sc), why, nil
	case column.JSON:
		return &gen.Object{}, why, nil
	}
	return nil, "", fmt.Errorf("%s has the type %s, for which no generator is known: name the column in the blueprint", sc.Name, sc.Type.Name)
}

func inferText(sc *schema.Column) gen.Maker {
	limit := sc.Type.Length
	if limit == 0 || limit > 40 {
		limit = 40
	}
	least := 1
	return &gen.Text{Words: &gen.Extent{Min: &least, Max: 4}, MaxLength: &limit}
}

func pow10(n int) int64 {
	x := int64(1)
	for range min(n, 17) {
		x *= 10
	}
	return x
}
