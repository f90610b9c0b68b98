package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// Changes are what of a schema has changed since a run, as far as it matters to the run.
type Changes struct {
	Run    int64
	Broken []schema.Change // what was made is gone, or is something else
	Tables []*schema.Table // new ones, that could be filled
	New    []schema.Change // of the tables of the run: columns that could be filled, in place
	Left   []string        // what stays as it is: columns that could not, with the reason, and wider types
	made   map[string]*ResolvedTable

	inferred bool // by the schema: new tables are the run's business
	db       *schema.Database
}

// Changes compares the schema that a run was made for with a database. Where the record has none, nothing is known to
// have changed.
func (r *Resolved) Changes(d *schema.Database) *Changes {
	c := &Changes{Run: r.Run, made: map[string]*ResolvedTable{}, db: d, inferred: r.Inferred != nil}
	if r.Shape == nil || d == nil {
		return c
	}
	for i := range r.Tables {
		c.made[r.Tables[i].Name] = &r.Tables[i]
	}
	for _, change := range r.Shape.Changes(d) {
		c.sort(change)
	}
	return c
}

// Gone tells whether a column that the run wrote, or, for "", a table of it, is not in the database any more.
func (r *Resolved) Gone(d *schema.Database, table, column string) bool {
	at := slices.IndexFunc(r.Tables, func(rt ResolvedTable) bool { return rt.Name == table })
	if at < 0 {
		return false
	}
	t := d.Table(table)
	return t == nil || column != "" && slices.Contains(r.Tables[at].Columns, column) && t.Column(column) == nil
}

// Now gives the table that one of the run has become, whatever it is called; nil where it is gone.
func (r *Resolved) Now(d *schema.Database, table string) *schema.Table {
	if r.Shape == nil {
		return d.Table(table)
	}
	return r.Shape.Now(d, table)
}

// Emptied tells whether no table that the run filled holds rows any more: what is made next may go by the schema as it is.
func (r *Resolved) Emptied(d *schema.Database) bool {
	return !slices.ContainsFunc(r.Tables, func(rt ResolvedTable) bool {
		t := r.Now(d, rt.Name)
		return t != nil && t.HasRows && rt.Standing == nil && !rt.Triggered
	})
}

// Moved is an error where a table of the run that holds rows has another name, or is in another schema, now.
func (r *Resolved) Moved(d *schema.Database) error {
	c := r.Changes(d)
	for _, b := range c.Broken {
		if t := r.Now(d, b.In(d)); b.Kind == schema.TableRenamed && t != nil && t.HasRows {
			return c.Err()
		}
	}
	return nil
}

// Kept gives what the record says of the tables and columns that are still in the database.
func (r *Resolved) Kept(d *schema.Database) *Resolved {
	if d == nil {
		return r
	}
	out := *r
	out.Tables = nil
	for _, rt := range r.Tables {
		t := d.Table(rt.Name)
		if t == nil {
			continue
		}
		gone := func(column string) bool { return r.Gone(d, rt.Name, column) }
		if !slices.ContainsFunc(rt.Columns, gone) {
			out.Tables = append(out.Tables, rt)
			continue
		}
		if len(rt.Origins) == len(rt.Columns) {
			var origins []int
			for i, name := range rt.Columns {
				if !gone(name) {
					origins = append(origins, rt.Origins[i])
				}
			}
			rt.Origins = origins
		}
		rt.Columns = slices.DeleteFunc(slices.Clone(rt.Columns), gone)
		rt.Redrawn = slices.DeleteFunc(slices.Clone(rt.Redrawn), func(x Redrawn) bool { return gone(x.Column) })
		rt.First, rt.Checks = maps.Clone(rt.First), maps.Clone(rt.Checks)
		maps.DeleteFunc(rt.First, func(column string, _ int64) bool { return gone(column) })
		maps.DeleteFunc(rt.Checks, func(name, _ string) bool {
			return !slices.ContainsFunc(t.Checks, func(c *schema.Check) bool { return c.Name == name })
		})
		out.Tables = append(out.Tables, rt)
	}
	return &out
}

func (c *Changes) sort(change schema.Change) {
	name := change.In(c.db)
	rt := c.made[name]
	written := rt != nil && slices.Contains(rt.Columns, change.Column)
	switch change.Kind {
	case schema.TableAdded:
		if t := c.db.Find(change.Schema, change.Table); c.inferred && rt == nil && !t.HasRows && c.db.Closed(t) == "" {
			c.Tables = append(c.Tables, t)
		}
	case schema.TableDropped, schema.TableRenamed:
		if rt != nil {
			c.Broken = append(c.Broken, change)
		}
	case schema.TypeChanged:
		switch {
		case written && schema.Widened(change.Was, change.Is):
			c.Left = append(c.Left, fmt.Sprintf("since run %d: %s, which takes all that was made", c.Run, change.Text(c.db)))
		case written:
			c.Broken = append(c.Broken, change)
		}
	case schema.ColumnDropped, schema.ColumnRenamed:
		if written {
			c.Broken = append(c.Broken, change)
		}
	case schema.ColumnAdded:
		t := c.db.Find(change.Schema, change.Table)
		if rt == nil || rt.Standing != nil || rt.Triggered || written || t == nil || t.Column(change.Column).Generated {
			return
		}
		if why := unfilled(rt, t, t.Column(change.Column), c.db.Dialect == "sqlite"); why != "" {
			c.Left = append(c.Left, fmt.Sprintf("%s.%s is new since run %d: %s (generate --fresh makes all rows anew)", name, change.Column, c.Run, why))
			return
		}
		c.New = append(c.New, change)
	}
}

// unfilled says why a new column cannot be filled in rows that exist; "" where it can.
func unfilled(rt *ResolvedTable, t *schema.Table, c *schema.Column, sqlite bool) string {
	switch {
	case c.Denied:
		return "the role may not write it"
	case c.Sequence != "" || c.Identity != "":
		return "the database has numbered its rows"
	case c.Default != "" && !sqlexpr.Fixed(c.Default, sqlite):
		return "its default has given each row a value"
	case t.PrimaryKey == nil || slices.ContainsFunc(t.PrimaryKey.Columns, func(k string) bool { return !slices.Contains(rt.Columns, k) }):
		return "the rows of the table have no key by which they could be found, and keep its default"
	}
	return ""
}

// Added tells whether a column is new, and could be filled.
func (c *Changes) Added(t *schema.Table, column string) bool {
	return slices.ContainsFunc(c.New, func(n schema.Change) bool {
		return n.Schema == t.Schema && n.Table == t.Name && n.Column == column
	})
}

// Open tells whether a table is of the run, and the run did not fill a column of it.
func (c *Changes) Open(t *schema.Table, column string) bool {
	rt := c.made[c.db.Qualified(t)]
	return rt != nil && !slices.Contains(rt.Columns, column)
}

// Grown tells whether there is something new to fill.
func (c *Changes) Grown() bool { return len(c.Tables)+len(c.New) > 0 }

// Renamed tells whether a table or a column that was made has another name now: its rows are there, under that.
func (c *Changes) Renamed() bool {
	return slices.ContainsFunc(c.Broken, func(b schema.Change) bool { return b.Kind == schema.TableRenamed || b.Kind == schema.ColumnRenamed })
}

// Texts say what is broken, one by one.
func (c *Changes) Texts() (out []string) {
	for _, b := range c.Broken {
		out = append(out, b.Text(c.db))
	}
	return out
}

// Growth says what is new, one by one.
func (c *Changes) Growth() (out []string) {
	for _, t := range c.Tables {
		out = append(out, "the table "+c.db.Qualified(t)+" is new")
	}
	for _, n := range c.New {
		out = append(out, n.Text(c.db))
	}
	return out
}

// Err is an error where what was made is gone or something else.
func (c *Changes) Err() error {
	if len(c.Broken) == 0 {
		return nil
	}
	if c.Renamed() {
		return fmt.Errorf("the schema has changed since run %d: %s; under another name what the run made cannot be found: "+
			"undo that change, and run the same command again", c.Run, strings.Join(c.Texts(), "; "))
	}
	return fmt.Errorf("the schema has changed since run %d: %s; what the run made does not fit it any more: undo that change and go on, "+
		"or remove the run's rows (sower clean, or empty its tables) and generate anew: generate --fresh does both", c.Run, strings.Join(c.Texts(), "; "))
}
