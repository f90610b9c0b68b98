package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	if errors.Is(err, errReported) {
		return nil, nil, err
	}
	if err != nil {
		b.problemIn(t, t.spec.Pos, "", "%s.%s takes no null and is not in the blueprint: %v", t.Name, c.Name, err)
		return nil, nil, errReported
	}
	c.Why = why
	n, link, err := b.build(c, nil, blueprint.Generator{Pos: t.spec.Pos}, m)
	if err != nil {
		return nil, nil, err
	}
	if sc.NotNull {
		b.notice("%s.%s is not in the blueprint and takes no null: it gets %s (%s)", t.Name, c.Name, n.raw, why)
	} else {
		b.notice("%s.%s is not in the blueprint: it gets %s (%s)", t.Name, c.Name, n.raw, why)
	}
	return n, link, nil
}

// guess chooses a generator for a column.
func (b *builder) guess(t *Table, sc *schema.Column) (m gen.Maker, why string, err error) {
	if v := onlyValue(t.Schema, sc.Name); v != nil {
		return &gen.Constant{Value: blueprint.Value{V: *v}}, "the only value that the partition takes", nil
	}
	for _, fk := range t.Schema.ForeignKeys {
		at := slices.Index(fk.Columns, sc.Name)
		if at < 0 {
			continue
		}
		parent := b.tableOf(fk.RefSchema, fk.RefTable)
		switch {
		case parent == nil && b.anyAbsent():
			return nil, "", errReported
		case parent == nil:
			return nil, "", fmt.Errorf("it is a foreign key to %s (%s), which the blueprint does not fill: add %s to the blueprint, or give the column keys that stand there", fk.RefTable, fk.Name, fk.RefTable)
		}
		why := "the foreign key " + fk.Name
		if leader := t.leader(fk, parent); leader != sc.Name {
			return &gen.Cell{Path: leader + "." + fk.RefColumns[at]}, why, nil
		}
		return &gen.Reference{Table: parent.Name, Column: fk.RefColumns[at]}, why, nil
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
		if u := t.singleUnique(sc.Name); u != nil {
			return &gen.Sequence{}, "it is unique (" + u.Name + ")", nil
		}
		return &gen.Integer{Max: 100}, why, nil
	case column.Float:
		return &gen.Float{Max: 100, Step: 0.01}, why, nil
	case column.Decimal:
		return &gen.Decimal{Max: blueprint.Value{V: largestDecimal(sc.Type)}}, why, nil
	case column.UUID:
		return &gen.UUID{}, why, nil
	case column.Timestamp:
		if c := t.byName["created_at"]; c != nil && sc.Name != "created_at" && t.singleUnique(sc.Name) == nil && b.isMoment(c) {
			return &gen.Cell{Path: "created_at"}, "another moment of the row", nil
		}
		from, _ := blueprint.ParseDateTime("2025-01-01")
		to, _ := blueprint.ParseDateTime("2025-12-31")
		return &gen.Timestamp{From: from, To: to}, why, nil
	case column.Date:
		from, _ := blueprint.ParseDateTime("2025-01-01")
		to, _ := blueprint.ParseDateTime("2025-12-31")
		return &gen.Date{From: from, To: to}, why, nil
	case column.Time:
		return &gen.Time{}, why, nil
	case column.Text:
		return inferText(sc), why, nil
	case column.JSON:
		return &gen.Object{}, why, nil
	}
	return nil, "", fmt.Errorf("no generator is known for its type, %s: give it a value in the blueprint, as in {constant: ...}", sc.Type.Name)
}

// isMoment tells whether a column holds moments.
func (b *builder) isMoment(c *Column) bool {
	return c.state != compiling && b.compile(c, nil) == nil && c.Kind == column.Timestamp
}

// leader is the column of a foreign key that refers to the parent's row, whose cells the others copy: the
// one that the blueprint fills with a reference, or else the first whose cell says which row it is, or
// else the first.
func (t *Table) leader(fk *schema.ForeignKey, parent *Table) string {
	for _, name := range fk.Columns {
		if c := t.byName[name]; c != nil && c.Spec != nil && c.Spec.Generator.Name == "reference" {
			return name
		}
	}
	for i, name := range fk.Columns {
		if parent.singleUnique(fk.RefColumns[i]) != nil {
			return name
		}
	}
	return fk.Columns[0]
}

func inferText(sc *schema.Column) gen.Maker {
	limit := sc.Type.Length
	if limit == 0 || limit > 40 {
		limit = 40
	}
	least := 1
	return &gen.Text{Words: &gen.Extent{Min: &least, Max: 4}, MaxLength: &limit}
}

// largestDecimal is 100, or the largest number that a type with fewer digits holds.
func largestDecimal(t schema.Type) string {
	whole := t.Precision - t.Scale
	if t.Precision == 0 || whole > 2 {
		return "100"
	}
	return "0" + strings.Repeat("9", max(whole, 0)) + "." + strings.Repeat("9", min(t.Scale, t.Precision))
}
