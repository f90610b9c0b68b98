package infer

import (
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// mostSeeded are as many rows as a migration puts into a table for an application to begin with: a first user, a default
// organisation. More are a list, or somebody's data.
const mostSeeded = 10

// besides finds the tables that are filled beside the few rows which stand in them: rows that an application begins
// with, where as many others are possible. Lists that others choose from stay as they are, and so do settings.
func (d *draft) besides(ctx context.Context) error {
	d.beside = map[*schema.Table]int64{}
	if !d.options.Beside || d.options.Append || d.options.Oracle == nil || len(d.options.Include) > 0 {
		return nil
	}
	for _, t := range d.db.Tables {
		name := d.db.Qualified(t)
		if !d.stands(t) || d.excluded(t) || d.closed[t] != "" || t.Partition != nil || d.options.Stood[name] || !d.grows(t) {
			continue
		}
		b, err := d.options.Oracle.Keys(ctx, t, t.PrimaryKey.Columns, mostSeeded+1)
		if err != nil {
			return fmt.Errorf("%s: count its rows: %w", name, err)
		}
		if n := int64(b.N); n > 0 && n <= mostSeeded && n < d.rowsOf(name) {
			d.beside[t] = n
		}
	}
	return nil
}

// listWords are the last words of the names of columns by whose distinct values people know the entries of a list.
var listWords = []string{"name", "code", "key", "label", "title", "type", "kind", "status", "state", "symbol", "iso", "abbreviation", "value"}

// settingNames are the last words of the names of tables with settings, of which an application reads one row, or one
// for each key.
var settingNames = []string{
	"setting", "config", "configuration", "option", "preference", "parameter", "property", "meta", "metadata", "version", "info", "flag", "feature", "singleton", "global", "sequence", "counter",
}

// grows tells whether a table is one that people add rows to: its key is made for each row, its name is not that of a list or of
// settings, and no unique name or code tells the entries of a list apart.
func (d *draft) grows(t *schema.Table) bool {
	pk := t.PrimaryKey
	if pk == nil || len(pk.Columns) != 1 {
		return false
	}
	c := t.Column(pk.Columns[0])
	ofParent := func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, c.Name) }
	switch {
	case c.Type.Kind == column.UUID:
	case c.Type.Kind == column.Int && (c.Sequence != "" || c.Identity != ""):
	default:
		return false
	}
	if slices.ContainsFunc(t.References(), ofParent) {
		return false
	}
	if endsWith(t.Name, lookupNames) || endsWith(t.Name, settingNames) || d.counted(t) {
		return false
	}
	for _, u := range t.Uniques {
		names := u.Columns
		if len(u.Expressions) > 0 {
			names = u.Depends
		}
		if len(names) == 0 { // one row at most
			return false
		}
		within := func(fk *schema.ForeignKey) bool {
			return slices.ContainsFunc(fk.Columns, func(n string) bool { return slices.Contains(names, n) })
		}
		if u.Primary || slices.ContainsFunc(t.References(), within) {
			continue
		}
		for _, n := range names {
			if sc := t.Column(n); sc == nil || sc.Type.Kind == column.Bool || sc.Type.Kind == column.Text && endsWith(n, listWords) && !personal(splitName(n)) {
				return false
			}
		}
	}
	return true
}

// counted tells whether a check of a table that refers to t asks for some of its keys: these are entries of a list.
func (d *draft) counted(t *schema.Table) bool {
	return slices.ContainsFunc(d.db.Tables, func(o *schema.Table) bool {
		return slices.ContainsFunc(o.References(), func(fk *schema.ForeignKey) bool {
			return d.table(fk.RefSchema, fk.RefTable) == t && slices.ContainsFunc(o.Checks, func(k *schema.Check) bool {
				if len(k.Columns) != 1 || !slices.Contains(fk.Columns, k.Columns[0]) || k.Domain != "" {
					return false
				}
				cases, err := check.Solve(o, []*check.Check{{Name: k.Name, Expression: k.Expression, Columns: k.Columns}}, 1, check.OptionsOf(d.db, lastMoment))
				return err == nil && len(cases) == 1 && cases[0].Columns[k.Columns[0]] != nil && cases[0].Columns[k.Columns[0]].In != nil
			})
		})
	})
}

// personal tells whether a name is that of an account rather than of an entry of a list.
func personal(words []string) bool {
	s := &site{words: words}
	return s.has("user", "username", "login", "email", "account", "display", "nick", "screen", "host", "domain")
}
