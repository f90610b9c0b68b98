package schema

import (
	_ "embed"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sowerdata/sower/sqlexpr"
)

//go:embed tools.txt
var toolsText string

// toolTable is how a table of a migration tool is recognised: a line of tools.txt.
type toolTable struct {
	schema, name, tool string
	columns            []string
	only               bool // the table has no others
}

// readTools reads tools.txt, which a test reads too.
var readTools = sync.OnceValue(func() (out []toolTable) {
	for line := range strings.Lines(toolsText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "|")
		t := toolTable{name: strings.TrimSpace(fields[0]), tool: strings.TrimSpace(fields[1]), columns: strings.Fields(fields[2])}
		if nsp, name, ok := strings.Cut(t.name, "."); ok {
			t.schema, t.name = nsp, name
		}
		if len(t.columns) > 0 && t.columns[0] == "only" {
			t.columns, t.only = t.columns[1:], true
		}
		out = append(out, t)
	}
	return out
})

// Tool names the migration tool that keeps its record in the table; "" for all other tables.
func (t *Table) Tool() string {
	name, nsp := strings.ToLower(t.Name), strings.ToLower(t.Schema)
	for _, k := range readTools() {
		if k.schema != "" && k.schema != nsp {
			continue
		}
		if same, _ := path.Match(k.name, name); !same || k.only && len(t.Columns) != len(k.columns) {
			continue
		}
		has := func(column string) bool {
			return slices.ContainsFunc(t.Columns, func(c *Column) bool { return strings.EqualFold(c.Name, column) })
		}
		if !slices.ContainsFunc(k.columns, func(c string) bool { return !has(c) }) {
			return k.tool
		}
	}
	return ""
}

// Closed says why a table takes no rows from sower, whatever is asked for; "" where nothing speaks against it.
func (d *Database) Closed(t *Table) string {
	why := d.Barred(t)
	if why == "" && !d.HasPlace(t) {
		why = "it has no partitions that could hold rows: --create-partitions makes them"
	}
	return why
}

// Barred says the same of what partitions would not change.
func (d *Database) Barred(t *Table) string {
	switch tool := t.Tool(); {
	case tool != "":
		return "a migration tool's table: " + tool
	case !t.CanInsert && d.Dialect == "postgres":
		return "this role may not insert into it"
	case t.Unnameable() != "":
		return t.Unnameable()
	case t.Refused != "":
		return t.Refused
	case t.abstract() != nil:
		return "its check " + t.abstract().Name + " is false: rows are for other tables"
	}
	return ""
}

// abstract gives the check by which a table says that it takes no rows: CHECK (false); nil where it has none.
func (t *Table) abstract() *Check {
	for _, k := range t.Checks {
		if k.Domain != "" || len(k.Expression) > 20 {
			continue
		}
		e, err := sqlexpr.Parse(k.Expression, false)
		if l, ok := e.(*sqlexpr.Literal); err == nil && ok && l.Kind == sqlexpr.BoolLiteral && l.Text == "false" {
			return k
		}
	}
	return nil
}

// HasPlace tells whether rows of a table have somewhere to be: a partitioned one without partitions, at any level, has
// no place for any.
func (d *Database) HasPlace(t *Table) bool {
	return !t.Partitioned || slices.ContainsFunc(d.Tables, func(p *Table) bool {
		return p.Partition != nil && p.Partition.ParentSchema == t.Schema && p.Partition.ParentTable == t.Name && d.HasPlace(p)
	})
}
