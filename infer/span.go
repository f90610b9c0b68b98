package infer

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// ranges are ranges and multiranges, of types of one's own too: by the type of their bounds, and within what its domain
// asks.
func (s *site) ranges(t *schema.Type) []yaml {
	bounds := ownBounds(t)
	if bounds == nil {
		return []yaml{call("range", "type", t.Base), call("range")}
	}
	of := gen.BoundsOf(bounds)
	if of == "" {
		return nil
	}
	args := []any{"of", of}
	if t.Category == schema.MultirangeType {
		args = append(args, "multi", true)
	}
	return []yaml{call("range", append(args, s.endArgs(of, bounds)...)...)}
}

// ownBounds gives the type of the bounds of a range type of one's own; nil of all other types.
func ownBounds(t *schema.Type) *schema.Type {
	if t.Base != "" || t.Category != schema.RangeType && t.Category != schema.MultirangeType {
		return nil
	}
	return t.Element
}

// endArgs gives the arguments that hold bounds within what the domain asks that is their type.
func (s *site) endArgs(of string, bounds *schema.Type) (args []any) {
	d := s.domainOf(bounds, "value")
	return endsWithin(of, d)
}

// endsWithin gives the arguments of a range or slot whose bounds are to lie within a domain.
func endsWithin(of string, d *check.Domain) (args []any) {
	if d == nil {
		return nil
	}
	from, to := endText(of, d.Min, true), endText(of, d.Max, false)
	if from.exists() {
		args = append(args, "from", from)
	}
	if to.exists() {
		args = append(args, "to", to)
	}
	return args
}

// endText writes a bound of a domain as the argument of a range; "" where it has none that can be written.
func endText(of string, b *check.Bound, least bool) yaml {
	if b == nil {
		return yaml{}
	}
	switch of {
	case "time":
		for _, layout := range []string{"15:04:05.999999", "15:04"} {
			if t, err := time.Parse(layout, b.Value); err == nil {
				switch {
				case b.Open && least:
					t = t.Add(time.Minute)
				case b.Open:
					t = t.Add(-time.Minute)
				}
				return quote(t.Format(time.TimeOnly))
			}
		}
		if strings.HasPrefix(b.Value, "24:") && !least {
			return quote("23:59:00")
		}
	case "date", "timestamp", "timestamptz":
		if t, ok := moment(b); ok {
			switch {
			case b.Open && least:
				t = t.AddDate(0, 0, 1)
			case b.Open:
				t = t.AddDate(0, 0, -1)
			}
			return quote(t.Format(time.DateOnly))
		}
	case "int2", "int4", "int8", "oid", "numeric", "float4", "float8":
		r, ok := bound(b)
		if !ok {
			return yaml{}
		}
		n := floor(r, b.Open)
		if least {
			n = ceil(r, b.Open)
		}
		if n.CmpAbs(big.NewInt(1<<40)) < 0 {
			return raw(n.String())
		}
	}
	return yaml{}
}

// spanned gives the name under which slots know the type of a column that is an end of a range; "" where they do not.
func spanned(c *schema.Column) string {
	switch c.Type.Kind {
	case column.Int, column.Decimal, column.Date, column.Timestamp, column.Time, column.Float, column.UUID:
		return gen.BoundsOf(&c.Type)
	case column.Text:
		if len(c.Type.Enum) == 0 {
			return gen.BoundsOf(&c.Type)
		}
	}
	if c.Type.Base == "interval" || c.Type.Base == "inet" {
		return c.Type.Base
	}
	return ""
}

// slotArgs gives what the slots of a column of bounds need that PostgreSQL has no ranges of.
func (t *table) slotArgs(name string) (args []any) {
	c := t.schema.Column(name)
	if c == nil || slices.Contains([]column.Kind{column.Int, column.Decimal, column.Date, column.Timestamp}, c.Type.Kind) {
		return nil
	}
	of := spanned(c)
	args = append(args, "type", of)
	if of == "time" {
		args = append(args, endsWithin(of, t.branches[0].domain(name))...)
	}
	return args
}
