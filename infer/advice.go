package infer

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// wayOut writes the lines of a blueprint that would settle what stands in the way of a table, as one line: the columns
// to be filled otherwise. "" where no column is known.
func (d *draft) wayOut(t *table, u *Unsatisfied) string {
	var columns []any
	for _, c := range t.columnsOf(u.Columns) {
		if c.schema != nil {
			columns = append(columns, c.name, c.example())
		}
	}
	if len(columns) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s", text(t.name), mapping("columns", mapping(columns...)))
}

// toFill stands where people put something.
var toFill = raw("...")

// example is a generator for people to complete, of the column's kind.
func (c *col) example() yaml {
	switch c.kind() {
	case column.Date:
		return call("date", "from", toFill, "to", toFill)
	case column.Timestamp:
		return call("timestamp", "from", toFill, "to", toFill)
	case column.Time:
		return call("time", "min", toFill, "max", toFill)
	case column.Bool:
		return call("boolean", "probability", toFill)
	case column.Int, column.Float, column.Decimal, column.Text:
		return short("pick", list([]yaml{toFill}))
	}
	return toFill
}

// givenProblem is what a blueprint's author is told where a column that the blueprint itself fills does not satisfy a
// check; nil where the blueprint fills none of the columns.
func (t *table) givenProblem(u *Unsatisfied) error {
	if t.spec == nil || u.Constraint == "" {
		return nil
	}
	var names []string
	var first *blueprint.Column
	for _, c := range t.columnsOf(u.Columns) {
		if c.given && t.spec.Column(c.name) != nil {
			names = append(names, text(c.name).String())
			if first == nil {
				first = t.spec.Column(c.name)
			}
		}
	}
	if first == nil {
		return nil
	}
	return blueprint.Problems{{
		Pos: first.Pos, Table: t.name, Column: first.Name,
		Message: fmt.Sprintf("%s.%s: rows do not satisfy %s (%s)", t.name, first.Name, u.Constraint, u.Expression),
		Suggestion: fmt.Sprintf("fill it otherwise, or let it be drawn again, in %s: checks: {%s: {redraw: [%s]}}",
			text(t.name), text(u.Constraint), strings.Join(names, ", ")),
	}}
}
