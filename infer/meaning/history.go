package meaning

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// History are the columns of a table whose rows say what held from when to when.
type History struct {
	From, To string
	By       string // the column that refers to what it held of
}

// HistoryOf finds them where a table is one: the first day of each row is there, the last one where it holds no more.
func HistoryOf(t *Table) *History {
	if !t.has(set("history record price rate salary compensation version assignment tenure tariff revision")) {
		return nil
	}
	h := &History{}
	for _, c := range t.Columns {
		switch words := without(c.Words, set("effective valid date day on at start end")); {
		case c.Refers != nil && !c.Refers.Self && c.NotNull && h.By == "":
			h.By = c.Name
		case c.Refers != nil && !c.Refers.Self && c.NotNull:
			return nil // of several things
		case c.Type.Kind != column.Date || len(words) > 1 || !c.has(set("effective valid from to until start end")):
		case c.NotNull && (strings.Join(words, "") == "from" || len(words) == 0 && !c.has(set("end"))):
			if h.From != "" {
				return nil
			}
			h.From = c.Name
		case !c.NotNull && (len(words) == 1 && set("to until through")[words[0]] || len(words) == 0 &&
			c.has(set("end"))):
			if h.To != "" {
				return nil
			}
			h.To = c.Name
		}
	}
	if h.From == "" || h.To == "" || h.By == "" {
		return nil
	}
	return h
}

// Inside finds the only day of a row that is an entry of what lasts some days, and the column that refers to that.
func Inside(t *Table) (day, by string) {
	for _, c := range t.Columns {
		switch {
		case c.Refers != nil && t.composed(c):
			by = c.Name
		case c.Type.Kind == column.Date && c.NotNull && day != "":
			return "", ""
		case c.Type.Kind == column.Date && c.NotNull && !slices.ContainsFunc(c.Words,
			func(w string) bool { return outlooks[w] }):
			day = c.Name
		}
	}
	return day, by
}
