package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// whole adds a finding where the run did not come to its end, with the tables that lack rows.
func (v *verifier) whole(ctx context.Context, r *sink.Run) error {
	if r.State == sink.Complete {
		return nil
	}
	var lacking []string
	unkeyed, err := unkeyedTables(ctx, v.store, v.plan)
	if err != nil {
		return err
	}
	for _, t := range filled(v.plan) {
		if v.skipped(t) != nil {
			continue
		}
		ledger, err := v.store.Ledger(ctx, r.Number, t.Name)
		if err != nil {
			return err
		}
		stands := committed(ledger)
		if !unkeyed[t] {
			if stands, err = present(ctx, v.store, t, stands, v.options.chunk()); err != nil {
				return err
			}
		}
		wanted := t.Rows - int64(len(v.findings.Left[t.Name].Rows))
		if n := sum(stands); n < wanted {
			lacking = append(lacking, fmt.Sprintf("%s (%d of %d rows)", t.Name, n, wanted))
		}
	}
	f := Finding{Text: fmt.Sprintf("run %d came to its end", r.Number)}
	f.Detail = "all its rows are there, but indexes, keys or statistics may be missing"
	if len(lacking) > 0 {
		f.Detail = "these tables are not whole: " + strings.Join(lacking, ", ")
	}
	f.Detail += "; sower generate with the same options completes it"
	v.found(f)
	return v.inPlace(ctx, r)
}

// inPlace says of each index and foreign key that a run took away, and that is not in place, what puts it there.
func (v *verifier) inPlace(ctx context.Context, record *sink.Run) error {
	r, ok := v.store.(sink.Rebuilder)
	if !ok {
		return nil
	}
	missing, err := missingOfRun(ctx, r, record)
	if err != nil || len(missing) == 0 {
		return err
	}
	waits, err := r.Journaled(ctx)
	if err != nil {
		return err
	}
	for _, p := range missing {
		f := Finding{Table: p.Table, Text: fmt.Sprintf("the %s is in place", p), Detail: "the load took it away: sower repair restores it"}
		if waits.Total() == 0 {
			f.Detail = "the load took it away, and the journal of which sower restores it is gone: " + p.SQL
		}
		v.found(f)
	}
	return nil
}

// dangling asks of the foreign keys that the database does not hold by itself whether a row of the run refers to nothing:
// those that are NOT VALID, and in SQLite, where keys are off while rows are loaded, those that no other rule speaks of.
// Tables that were left out are asked too: rows of theirs may be there.
func (v *verifier) dangling(ctx context.Context) error {
	for _, t := range filled(v.plan) {
		if t.Schema == nil || t.Rows == 0 {
			continue
		}
		var rules []plan.Rule
		for _, fk := range t.Schema.ForeignKeys {
			server := v.plan.Database != nil && v.plan.Database.Dialect == "postgres"
			if fk.Period || server && !fk.NotValid || !server && len(fk.Columns) == 1 && v.skipped(t) == nil {
				continue
			}
			text := fmt.Sprintf("%s: no row refers to nothing by (%s)", t.Name, strings.Join(fk.Columns, ", "))
			if fk.NotValid {
				text += fmt.Sprintf(", of which the key %s is NOT VALID", fk.Name)
			}
			rules = append(rules, plan.Rule{Table: t, Text: text, SQL: v.leadsSomewhere(fk)})
		}
		if len(rules) > 0 {
			if err := v.askTable(ctx, t, rules); err != nil {
				return err
			}
		}
	}
	return nil
}

// leadsSomewhere is a predicate that is true of the rows, under the alias t, that a foreign key takes.
func (v *verifier) leadsSomewhere(fk *schema.ForeignKey) string {
	d := v.store.Dialect()
	var null, same []string
	for i, name := range fk.Columns {
		c := "t." + d.Ident(name)
		null = append(null, c+" is null")
		same = append(same, "p."+d.Ident(fk.RefColumns[i])+" = "+c)
	}
	open := strings.Join(null, " or ")
	if fk.MatchFull {
		open = "(" + strings.Join(null, " and ") + ")"
	}
	parent := d.Ident(fk.RefSchema, fk.RefTable)
	if at := slices.IndexFunc(v.plan.Database.Tables, func(t *schema.Table) bool { return t.Schema == fk.RefSchema && t.Name == fk.RefTable }); at >= 0 && v.plan.Database.Tables[at].Inherited {
		parent = "only " + parent
	}
	return fmt.Sprintf("%s or exists (select 1 from %s p where %s)", open, parent, strings.Join(same, " and "))
}
