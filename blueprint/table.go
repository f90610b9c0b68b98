package blueprint

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// fileTable is a table's definition in the file.
type fileTable struct {
	Standing  bool                 `yaml:"standing" desc:"Its rows stand in the database: they are parents for references, and nothing is written. It needs neither rows nor columns."`
	Rows      rowCount             `yaml:"rows" desc:"The number of rows. Parts take its place where rows are counted in several ways."`
	Parts     Ordered[filePart]    `yaml:"parts" desc:"Runs of rows that are counted by themselves, by name."`
	Fixed     Ordered[fileFixed]   `yaml:"fixed" desc:"Rows of which some cells are given, by name. They are the first rows of the table's first part."`
	Unique    []uniqueSet          `yaml:"unique" desc:"Sets of columns whose values together come only once: lists of columns, or mappings that say more."`
	Checks    Ordered[fileCheck]   `yaml:"checks" desc:"Check constraints of the database that no generator keeps by itself, by name. Where there is no database they are left out."`
	Columns   Ordered[columnEntry] `yaml:"columns" desc:"How each column is filled. Columns that are not named here are filled by what the database says of them."`
	Triggered bool                 `yaml:"triggered" desc:"Its rows are made by triggers of the tables that its parts follow: referred to, never written."`
}

// filePart is a part's definition in the file.
type filePart struct {
	Rows rowCount `yaml:"rows" desc:"The number of rows."`
	Each fileEach `yaml:"each" desc:"The table whose rows this part follows: one row for each of them, or as many as a mapping says, {table: orders, min: 1, max: 7}. The part's name links to that row: a column reads its cells as part.column."`
}

// fileFixed is a fixed row's definition in the file.
type fileFixed struct {
	Adopt bool           `yaml:"adopt" desc:"A row with this key that the database holds already takes this row's place, whatever its other cells are: it is referred to, never changed."`
	Cells Ordered[Value] `yaml:"cells" required:"true" desc:"The given cells, by column."`
}

// fileCheck is a check constraint that is held by drawing again.
type fileCheck struct {
	Redraw []fileText `yaml:"redraw" required:"true" desc:"Columns that are drawn again, all of them together, until the row satisfies the check. The check's other columns stay."`
	Parts  []fileText `yaml:"parts" desc:"The parts whose rows are held to it; all where nothing is said."`
}

// rowCount is a number of rows.
type rowCount int64

// DecodeNode implements NodeDecoder.
func (c *rowCount) DecodeNode(d *Decoder, n *yaml.Node) {
	var x any
	if n.Kind == yaml.ScalarNode {
		x, _ = scalar(n)
	}
	i, ok := asInt64(x)
	switch {
	case !ok:
		d.wants(n, "", "an integer")
	case i < 0:
		from := ""
		if src := d.expr(n); src != "" {
			from = " (" + clip(src) + ")"
		}
		d.problems.add(d.pos(n), "", "%s is %d%s: at least 0", strings.TrimSuffix(d.where(), ": "), i, from)
	default:
		*c = rowCount(i)
	}
}

// tableCheck turns a table's definition into a Table.
type tableCheck struct {
	*Decoder
	tables     []string // names of all tables
	isTable    map[string]bool
	moreTables bool // there are tables whose names are not known

	// of the table at hand
	node        *yaml.Node // its definition
	names       []string   // of its columns
	isColumn    map[string]bool
	moreColumns bool // there are columns whose names are not known, for a mistake that has been reported
}

func (c *tableCheck) table(e Entry[*yaml.Node]) *Table {
	c.node = e.Value
	t := &Table{Name: e.Key, Pos: e.Pos}
	if e.Key == "" {
		c.problem(e.Pos, "", "%s is no name of a table", quoted(e.Key))
	}
	before := len(c.problems)
	var f fileTable
	c.within = e.Key
	c.decodeAt(e.Value, &f, e.Key, e.Pos)
	c.within = ""
	if e.Value.Kind != yaml.MappingNode && len(c.problems) > before {
		return t
	}
	c.label = e.Key
	defer func() { c.label = "" }()
	c.names, c.isColumn, c.moreColumns = nil, make(map[string]bool), false
	c.columns(t, f.Columns)
	if t.Standing = f.Standing; t.Standing {
		c.standing(t)
		return t
	}
	if n := lookup(c.node, "standing"); n != nil {
		c.problem(c.pos(n), "write standing: true, or leave it out", "standing is false")
	}
	t.Triggered = f.Triggered
	c.parts(t, &f)
	c.fixed(t, f.Fixed)
	c.unique(t, f.Unique)
	c.checks(t, f.Checks)
	return t
}

// standing reports what a table whose rows stand already cannot have.
func (c *tableCheck) standing(t *Table) {
	for _, key := range []string{"rows", "parts", "fixed", "unique", "checks"} {
		if n := lookup(c.node, key); n != nil {
			c.problem(c.pos(n), "take one of them out", "standing and %s exclude each other", key)
		}
	}
	t.Parts = []*Part{{Pos: t.Pos}}
}

func (c *tableCheck) has(key string) bool { return lookup(c.node, key) != nil }

func (c *tableCheck) columns(t *Table, columns Ordered[columnEntry]) {
	if n := lookup(c.node, "columns"); n != nil && n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		c.problem(c.pos(n), "leave columns out to have all columns filled by what the database says", "columns is empty")
	}
	for _, e := range columns {
		if e.Key == "" {
			c.problem(e.Pos, "", "a column without a name")
		}
		t.Columns = append(t.Columns, e.Value.column(e.Key, e.Pos))
		c.names = append(c.names, e.Key)
		c.isColumn[e.Key] = true
	}
	if n := lookup(c.node, "columns"); n != nil {
		c.moreColumns = n.Kind != yaml.MappingNode
		for i := 0; i+1 < len(n.Content); i += 2 {
			c.moreColumns = c.moreColumns || unresolved(n.Content[i])
		}
	}
}

func (c *tableCheck) parts(t *Table, f *fileTable) {
	switch {
	case c.has("rows") && c.has("parts"):
		c.problem(c.pos(lookup(c.node, "parts")), "count all rows in parts", "rows and parts exclude each other")
		return
	case c.has("rows"):
		rows := lookup(c.node, "rows")
		t.Parts = []*Part{{Rows: int64(f.Rows), Computed: c.expr(rows), Pos: c.pos(rows)}}
		return
	case !c.has("parts"):
		c.problem(t.Pos, "add rows: 1000, or standing: true where its rows stand in the database", `"rows" is missing`)
		return
	}
	parts := lookup(c.node, "parts")
	if parts.Kind == yaml.MappingNode && len(parts.Content) == 0 {
		c.problem(c.pos(parts), "", "parts is empty")
	}
	defs := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(parts.Content); i += 2 {
		if key := parts.Content[i]; !unresolved(key) {
			defs[key.Value] = parts.Content[i+1]
		}
	}
	for _, e := range f.Parts {
		p := &Part{Name: e.Key, Rows: int64(e.Value.Rows), Pos: e.Pos}
		def := defs[e.Key]
		rows, each := lookup(def, "rows"), lookup(def, "each")
		switch {
		case rows != nil && each != nil:
			c.problem(e.Pos, "take one of them", "part %q: rows and each exclude each other", e.Key)
		case rows == nil && each == nil && def.Kind == yaml.MappingNode:
			c.problem(e.Pos, "add rows: 1000 or each: a_table", `part %q: "rows" is missing`, e.Key)
		}
		if p.Computed = c.expr(rows); each != nil {
			p.Computed = c.expr(lookup(each, "rows"))
		}
		if e.Key == "" || strings.Contains(e.Key, ".") {
			c.problem(e.Pos, "", "%s is no name of a part", quoted(e.Key))
		}
		if c.isColumn[e.Key] {
			c.problem(e.Pos, "name the part otherwise", "%q is a column and a part", e.Key)
		}
		if each := e.Value.Each.Table; each.pos != (Pos{}) {
			p.Each, p.Counts = each.text, e.Value.Each.counts(c, e.Key)
			if !c.moreTables && !c.isTable[p.Each] {
				c.problem(each.pos, c.didYouMean(p.Each, c.tables), "part %q: unknown table %q", e.Key, p.Each)
			}
		}
		t.Parts = append(t.Parts, p)
	}
}

func (c *tableCheck) fixed(t *Table, rows Ordered[fileFixed]) {
	for _, e := range rows {
		row := &FixedRow{Name: e.Key, Adopt: e.Value.Adopt, Pos: e.Pos}
		if e.Key == "" {
			c.problem(e.Pos, "", "a fixed row without a name")
		}
		for _, cell := range e.Value.Cells {
			c.columnNamed(cell.Key, cell.Pos, "fixed row %q: ", e.Key)
			row.Cells = append(row.Cells, FixedCell{Column: cell.Key, Value: cell.Value, Pos: cell.Pos})
		}
		t.Fixed = append(t.Fixed, row)
	}
}

// columnNamed reports a name that no declared column has.
func (c *tableCheck) columnNamed(name string, at Pos, where string, args ...any) {
	if !c.moreColumns && !c.isColumn[name] {
		c.problem(at, orElse(c.didYouMean(name, c.names), "declare it under columns"), where+"unknown column %q", append(args, name)...)
	}
}

func (c *tableCheck) checks(t *Table, checks Ordered[fileCheck]) {
	for _, e := range checks {
		k := Check{Name: e.Key, Pos: e.Pos}
		if e.Key == "" {
			c.problem(e.Pos, "", "a check without a name")
		}
		for _, r := range e.Value.Redraw {
			if slices.Contains(k.Redraw, r.text) {
				c.problem(r.pos, "", "check %q: column %q stands twice", e.Key, r.text)
				continue
			}
			c.columnNamed(r.text, r.pos, "check %q: ", e.Key)
			k.Redraw = append(k.Redraw, r.text)
		}
		for _, p := range e.Value.Parts {
			if !slices.ContainsFunc(t.Parts, func(o *Part) bool { return o.Name == p.text }) {
				c.problem(p.pos, "", "check %q: unknown part %q", e.Key, p.text)
				continue
			}
			k.Parts = append(k.Parts, p.text)
		}
		t.Checks = append(t.Checks, k)
	}
}

// eachCycles reports tables whose parts take their numbers of rows from one another in a circle.
func eachCycles(tables []*Table, ps *Problems) {
	byName := make(map[string]*Table)
	for _, t := range tables {
		byName[t.Name] = t
	}
	const open, done = 1, 2
	const maxRounds, maxRound = 20, 12 // circles that are reported; tables of one that are named
	found := 0
	state := make(map[*Table]int)
	var path []string
	var visit func(t *Table)
	visit = func(t *Table) {
		state[t] = open
		path = append(path, t.Name)
		for _, p := range t.Parts {
			next := byName[p.Each]
			switch {
			case p.Each == "" || next == nil || state[next] == done:
			case state[next] == open:
				if found++; found > maxRounds {
					continue
				}
				round := append(slices.Clone(path[slices.Index(path, next.Name):]), next.Name)
				if len(round) > maxRound {
					round = append(append(round[:maxRound/2:maxRound/2], "..."), round[len(round)-maxRound/2:]...)
				}
				ps.add(p.Pos, "give one of the parts a number of rows", "%s: part %q: the tables count one another's rows: %s", t.Name, p.Name, strings.Join(round, " -> "))
			default:
				visit(next)
			}
		}
		path = path[:len(path)-1]
		state[t] = done
	}
	for _, t := range tables {
		if state[t] == 0 {
			visit(t)
		}
	}
}
