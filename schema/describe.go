package schema

import "slices"

// Unindexed gives the columns of a table's foreign keys that no key or unique begins with, each set once: an index
// finds the rows that refer to one.
func Unindexed(t *Table) (sets [][]string) {
	for _, fk := range t.ForeignKeys {
		served := slices.ContainsFunc(t.Uniques, func(u *Unique) bool {
			return len(u.Columns) >= len(fk.Columns) && slices.Equal(u.Columns[:len(fk.Columns)], fk.Columns)
		})
		if !served && !slices.ContainsFunc(sets, func(s []string) bool { return slices.Equal(s, fk.Columns) }) {
			sets = append(sets, fk.Columns)
		}
	}
	return sets
}
