package infer

import (
	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
)

// measured lets what checks take the distance of be no further back than what they take it from: of secs =
// extract(epoch from e - s), e comes after s, whatever they are called.
func (t *table) measured() {
	for _, k := range t.schema.Checks {
		e, err := t.parse(k.Expression)
		if err != nil {
			continue
		}
		check.Walk(e, func(e check.Expr) {
			b, ok := e.(*check.Binary)
			if !ok || b.Op != "-" {
				return
			}
			to, from := t.momentOf(b.L), t.momentOf(b.R)
			if to == nil || from == nil || to == from || to.follows || from.follows || !t.movable(to) || to.kind() != from.kind() || t.behind(from, to) {
				return
			}
			least, most := "1m", "8h"
			if to.kind() == column.Date {
				least, most = "0s", "60d"
			}
			t.follow(to, from, least, most, 1, "a check takes its distance from "+from.name)
		})
	}
}

// momentOf gives the column of moments or days whose cell an expression is, if as another type or counted.
func (t *table) momentOf(e check.Expr) *col {
	switch e := e.(type) {
	case *check.ColumnRef:
		if c := t.byName[e.Name]; c != nil && (c.kind() == column.Timestamp || c.kind() == column.Date) {
			return c
		}
	case *check.Cast:
		return t.momentOf(e.X)
	case *check.Call:
		if n := len(e.Args); n > 0 {
			return t.momentOf(e.Args[n-1])
		}
	}
	return nil
}
