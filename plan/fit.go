package plan

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// accepts says which kinds of cells a column of a kind takes, besides its own.
var accepts = map[column.Kind][]column.Kind{
	column.Int:       {},
	column.Float:     {column.Int, column.Decimal},
	column.Decimal:   {column.Int, column.Float},
	column.Timestamp: {},
	column.Text:      {column.UUID, column.JSON, column.Literal},
	column.JSON:      {},
	column.Literal:   {column.Text, column.JSON, column.Int, column.Decimal, column.Float},
	column.UUID:      {},
}

// fit holds a column's cells against the type of the column in the database.
func (b *builder) fit(c *Column, sc *schema.Column) {
	where := fmt.Sprintf("%s.%s", c.Table.Name, c.Name)
	if c.allNull() {
		if sc.NotNull {
			b.problem(c.pos(), "", "%s is null in every row, and the column is not null", where)
		}
		return
	}
	want := sc.Type.Kind
	ok := c.Kind == want
	for _, k := range accepts[want] {
		ok = ok || c.Kind == k
	}
	if !ok {
		b.problem(c.pos(), "", "%s has the type %s, and its generator (%s) gives %s", where, sc.Type.Name, c.Nodes[0].Fill, c.Kind)
		return
	}
	bounds := c.bounds()
	switch {
	case c.Kind == column.Int && sc.Type.Width > 0 && sc.Type.Width < 8:
		limit := int64(1)<<(8*sc.Type.Width-1) - 1
		if bounds.Max > limit || bounds.Min < -limit-1 {
			b.problem(c.pos(), "", "%s has the type %s, which holds %d to %d, and its values go from %d to %d", where, sc.Type.Name, -limit-1, limit, bounds.Min, bounds.Max)
		}
	case c.Kind == column.Text && sc.Type.Length > 0 && bounds.MaxLen > sc.Type.Length:
		b.problem(c.pos(), "", "%s holds at most %d characters, and its values (%s) have up to %d", where, sc.Type.Length, c.Nodes[0].Fill, bounds.MaxLen)
	case c.Kind == column.Decimal && sc.Type.Kind == column.Decimal && sc.Type.Precision > 0 && sc.Type.Precision-sc.Type.Scale < 18:
		limit := int64(math.Pow10(sc.Type.Precision - sc.Type.Scale))
		if d, ok := c.Nodes[0].Fill.(gen.Scaled); ok {
			if s := int64(math.Pow10(d.Scale())); bounds.Max/s >= limit || bounds.Min/s <= -limit {
				b.problem(c.pos(), "", "%s is numeric(%d,%d), which holds less than %d", where, sc.Type.Precision, sc.Type.Scale, limit)
			}
		}
	}
}
