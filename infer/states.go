package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/sqlexpr"
)

// usualStates are the states of a column of which no check, type or list says what they are: those that the table's
// timestamps speak of, or else the usual ones of what it holds, with the column's default among them and in its case.
// nil where the column holds no such states.
func (t *table) usualStates(c *col) []string {
	if len(c.fills) == 0 {
		return nil
	}
	f := c.shared()
	if f == nil || c.schema.Type.Kind != column.Text || c.reference != nil || c.given || t.wantsUnique(c) || !meaning.Status(t.wordsOf(c.name)) {
		return nil
	}
	g := f.chosen().Generator
	list := g.argument().str()
	if list == "" {
		list = g.arg("list").str()
	}
	if !g.is("word") || !strings.HasSuffix(list, "status") {
		return nil
	}
	first, _ := sqlexpr.Constant(c.schema.Default)
	names := gen.WordList(list)
	var of []string
	switch words := t.wordsOf(c.name); {
	case meaning.Plain(words, t.owner()):
		of = t.stages()
	case list == "status" || list == "job_status" || slices.Contains(elsewhere, words[0]):
		return nil // the state of something else
	}
	switch {
	case len(of) > 2 || len(of) == 2 && list == "status": // more is known by the timestamps
		names = of
		if first != "" && !slices.ContainsFunc(names, spelledAs(first)) {
			names[0] = strings.ToLower(first)
		}
	default:
		for _, n := range slices.Concat([]string{strings.ToLower(first)}, of[min(1, len(of)):]) {
			if n != "" && !slices.ContainsFunc(names, spelledAs(n)) {
				names = append([]string{n}, names...)
			}
		}
	}
	if at := slices.Index(names, "canceled"); at >= 0 && slices.ContainsFunc(t.columns, func(o *col) bool { return strings.Contains(strings.ToLower(o.name), "cancelled") }) {
		names[at] = "cancelled"
	}
	for i, n := range names {
		switch g.arg("case").str() {
		case "upper":
			names[i] = strings.ToUpper(n)
		case "capital":
			names[i] = strings.ToUpper(n[:1]) + n[1:]
		}
	}
	if n := c.schema.Type.Length; n > 0 {
		names = slices.DeleteFunc(names, func(s string) bool { return len(s) > n })
	}
	return names
}

// elsewhere are words for states that another system, or another time, gives.
var elsewhere = []string{"external", "remote", "previous", "old", "last", "computed", "upstream", "from", "to", "new"}

// spelledAs tells whether a state is written like another one, but for its case and the spelling of canceled.
func spelledAs(name string) func(string) bool {
	key := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "cancelled", "canceled") }
	return func(s string) bool { return key(s) == key(name) }
}
