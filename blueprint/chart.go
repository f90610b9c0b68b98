package blueprint

import "slices"

// fileChart is a Chart as a file has it.
type fileChart struct {
	Title string   `yaml:"title" desc:"A line above the bars (default: the columns' names)."`
	Table fileText `yaml:"table" required:"true" desc:"A table of this blueprint: a bar for each of its rows, 60 at most."`
	Label fileText `yaml:"label" required:"true" desc:"The column that names each bar."`
	Value fileText `yaml:"value" required:"true" desc:"A column of numbers, which are the bars' lengths."`
}

// Chart is a few bars that sower generate shows when a run is complete.
type Chart struct {
	Title               string
	Table, Label, Value string
}

// chart checks that a chart is of a table and columns that there are.
func (c *tableCheck) chart(f *fileChart, tables []*Table) (out Chart, ok bool) {
	out = Chart{Title: f.Title, Table: f.Table.text, Label: f.Label.text, Value: f.Value.text}
	i := slices.IndexFunc(tables, func(t *Table) bool { return t.Name == out.Table })
	if i < 0 {
		if !c.moreTables && f.Table.pos != (Pos{}) {
			c.problem(f.Table.pos, c.didYouMean(out.Table, c.tables), "charts: unknown table %q", out.Table)
		}
		return out, false
	}
	var names []string
	for _, col := range tables[i].Columns {
		names = append(names, col.Name)
	}
	for _, at := range []fileText{f.Label, f.Value} {
		if at.pos != (Pos{}) && !slices.Contains(names, at.text) {
			c.problem(at.pos, c.didYouMean(at.text, names), "charts: %s has no column %q", out.Table, at.text)
			return out, false
		}
	}
	if out.Title == "" {
		out.Title = out.Table + ": " + out.Value + " by " + out.Label
	}
	return out, true
}
