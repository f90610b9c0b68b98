package schema

import (
	"fmt"
	"unicode/utf8"
)

// Unnameable says why blueprints, which are text, cannot name a table or one of its columns; "" where they can. SQLite
// takes empty names and bytes that are no UTF-8.
func (t *Table) Unnameable() string {
	if why := unnameable(t.Name); why != "" {
		return "its name " + why + ": rename it to have it filled"
	}
	for i, c := range t.Columns {
		if why := unnameable(c.Name); why != "" {
			return fmt.Sprintf("the name of its column %d %s: rename that to have the table filled", i+1, why)
		}
	}
	return ""
}

func unnameable(name string) string {
	switch {
	case name == "":
		return "is empty"
	case !utf8.ValidString(name):
		return "is no UTF-8"
	}
	return ""
}
