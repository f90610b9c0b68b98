package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Unkeyer = (*DB)(nil)

// A unique is a primary key, a unique constraint or a unique index. It comes back in two steps: the index is built, beside
// others of its table, and the journal notes that (state 'built'); then, while nothing else is done to the table, the
// constraint is added to it, with what else locks the table, and the journal's row goes.

// uniquesStay says why the uniques of all tables stay in place though indexes need not; "" where they need not either.
func uniquesStay(ctx context.Context, s *session) (string, error) {
	row, err := s.row(ctx, `select exists (select 1 from pg_publication), exists (
 select 1 from pg_depend d join pg_proc f on f.oid = d.refobjid join pg_language l on l.oid = f.prolang
  where d.refclassid = 'pg_proc'::regclass and d.classid in ('pg_constraint'::regclass, 'pg_attrdef'::regclass) and l.lanname not in ('internal', 'c')
    and not exists (select 1 from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = f.oid and e.deptype = 'e'))`)
	switch {
	case err != nil:
		return "", err
	case toBool(row[0]):
		return "the database has publications, which tell rows apart by them", nil
	case toBool(row[1]):
		return "checks or defaults call functions, which may look rows up by them", nil
	}
	return "", nil
}

// stripUniques takes the uniques of a table away that its target names, and says how many. Its foreign keys, and those of
// the other tables, are gone before.
func stripUniques(ctx context.Context, s *session, t *sink.Target, patience *time.Duration) (n int, err error) {
	const uniques = `
insert into sower.journal (kind, rel, table_name, name, rank, facts)
select case k.contype when 'p' then 'primary' when 'u' then 'unique' else 'index' end, i.indrelid, $1::text, c.relname, 0, ` + indexFactsSQL + uniquesOf + `
 order by c.relname
returning id, kind, name, facts`
	name := tableSQL(t.Table)
	err = s.transact(ctx, begin, func() error {
		n = 0
		if why, err := keptTable(ctx, s, name); err != nil || why != "" {
			return err
		}
		started := time.Now()
		err := s.run(ctx, fmt.Sprintf("set local lock_timeout = %d; lock table only %s in access exclusive mode; set local search_path = ''; set local default_tablespace = ''",
			max(patience.Milliseconds(), 50), name))
		*patience -= time.Since(started)
		if err != nil {
			return err
		}
		if full, err := s.row(ctx, "select 1 from only "+name+" limit 1"); err != nil || full != nil {
			return err
		}
		pieces, err := noted(ctx, s, uniques, name, nameArray(t.Uniques))
		if err != nil {
			return err
		}
		for _, p := range pieces {
			stable, err := p.stable(ctx, s)
			if err != nil {
				return err
			}
			if stable {
				n++
				err = s.run(ctx, p.dropSQL())
			} else {
				_, err = take(ctx, s, p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if code(err) == lockTimeout || code(err) == "40P01" {
		s.db.log().Info("primary keys and uniques stay in place during the load, since another session uses the table", "table", t.Name)
		return 0, nil
	}
	return n, err
}

// unique tells whether a piece is a unique.
func (p *piece) unique() bool { return p.facts != nil && p.facts.Unique }

// finishing tells whether there is more to a unique than its index.
func (p *piece) finishing() bool {
	return p.facts.Constraint != nil || p.facts.Clustered || p.facts.Identity
}

// sameIndex tells whether two are alike but for their constraints.
func (f *facts) sameIndex(o *facts) bool {
	a, b := *f, *o
	a.Constraint, b.Constraint = nil, nil
	return a.same(&b)
}

// buildUnique builds the index of a unique, unless it is there.
func buildUnique(ctx context.Context, s *session, p *piece) error {
	if !p.finishing() {
		return p.twice(ctx, s, restoreIndex(ctx, s, p))
	}
	// What a crash of the server takes back of it, it takes back of the journal, too.
	err := s.transact(ctx, begin, func() error {
		if n, err := s.exec(ctx, "update sower.journal set state = 'built' where id = $1::bigint", p.id); err != nil || n == 0 {
			return err
		}
		return p.buildIndex(ctx, s)
	})
	return p.twice(ctx, s, p.settle(err))
}

// buildIndex builds the index of a unique within a transaction; one that is there already is none's business. Another of
// its name is an error.
func (p *piece) buildIndex(ctx context.Context, s *session) error {
	f, err := p.present(ctx, s)
	switch {
	case err != nil:
		return err
	case f != nil && !f.sameIndex(p.facts):
		return &failure{text: "one of that name is there, and it is another one"}
	case f != nil:
		return nil
	}
	if _, err := s.row(ctx, "select set_config('default_tablespace', '', true)"); err != nil {
		return err
	}
	return p.makeIndex(ctx, s)
}

// finish makes a unique of its index what it was, and takes it from the journal.
func (p *piece) finish(ctx context.Context, s *session) error {
	return p.settle(s.transact(ctx, durable, func() error {
		if ok, err := take(ctx, s, p); err != nil || !ok {
			return err
		}
		if err := p.buildIndex(ctx, s); err != nil { // the server may have lost it
			return err
		}
		f, err := p.present(ctx, s)
		if err != nil || f == nil || f.same(p.facts) && f.Constraint != nil { // somebody has made it again
			return err
		}
		return p.attach(ctx, s)
	}))
}

// attach adds to the index of a unique what makes it what it was.
func (p *piece) attach(ctx context.Context, s *session) error {
	table, name := ident(p.schema, p.relname), ident(p.name)
	var list []string
	if k := p.facts.Constraint; k != nil {
		kind := "unique"
		if k.Primary {
			kind = "primary key"
		}
		sql := fmt.Sprintf("alter table only %s add constraint %s %s using index %s", table, name, kind, name)
		if k.Deferrable {
			sql += " deferrable"
		}
		if k.Deferred {
			sql += " initially deferred"
		}
		list = append(list, sql)
		if k.Comment != "" {
			list = append(list, fmt.Sprintf("comment on constraint %s on %s is %s", name, table, text(k.Comment)))
		}
	}
	if p.facts.Clustered {
		list = append(list, fmt.Sprintf("alter table only %s cluster on %s", table, name))
	}
	if p.facts.Identity {
		list = append(list, fmt.Sprintf("alter table only %s replica identity using index %s", table, name))
	}
	for _, sql := range list {
		if _, err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// describedUnique gives all that the catalog knows of the unique $2 of table $1, but its number.
const describedUnique = `
select jsonb_build_array(pg_get_indexdef(c.oid), to_jsonb(i) - 'indexrelid', to_jsonb(c) - 'oid' - 'relfilenode' - 'relpages' - 'reltuples' - 'relallvisible' - 'relallfrozen' - 'relfrozenxid' - 'relminmxid' - 'reltype',
  to_jsonb(k) - 'oid' - 'conindid', pg_get_constraintdef(k.oid), obj_description(c.oid, 'pg_class'), obj_description(k.oid, 'pg_constraint'), t.relreplident,
  (select jsonb_agg(to_jsonb(x) - 'attrelid' order by x.attnum) from pg_attribute x where x.attrelid = c.oid),
  (select jsonb_agg(x.attnotnull order by x.attnum) from pg_attribute x where x.attrelid = i.indrelid and x.attnum > 0),
  (select jsonb_agg(to_jsonb(x) order by x.conname) from pg_constraint x where x.conrelid = i.indrelid and x.contype = 'n'))
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid left join pg_constraint k on k.conindid = c.oid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
 where i.indrelid = $1::oid and c.relname = $2`

// twice says which rows have the same cells in a unique, where that is why its index cannot be built.
func (p *piece) twice(ctx context.Context, s *session, err error) error {
	if code(err) != uniqueViolation {
		return err
	}
	detail := ""
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		detail = strings.TrimSuffix(pe.Detail, ".")
	}
	rows, e := p.twins(ctx, s)
	if e != nil || len(rows) == 0 {
		rows = []string{"which ones could not be asked"}
	}
	return &failure{text: fmt.Sprintf("rows have the same cells in it (%s): %s; while it was away somebody else wrote rows, most likely: delete or mend those that are not to stay "+
		"(delete from %s where ctid = '(page,row)' deletes one), then run sower repair, or give it up: sower repair --forget %s",
		detail, strings.Join(rows, "; "), p.table, shown.ShellWord(p.name)), causes: []error{err}}
}

// twins names the rows of the first keys that several have. A row that the run made has the transaction of an entry in the
// ledger.
func (p *piece) twins(ctx context.Context, s *session) (out []string, err error) {
	names, err := columnNames(ctx, s, p.rel)
	if err != nil {
		return nil, err
	}
	columns, err := listed(p.facts.Columns, names)
	if err != nil {
		return nil, err
	}
	var some, equal []string
	for _, c := range p.facts.Columns {
		n := ident(names[c.Number])
		equal = append(equal, "t."+n+" is not distinct from d."+n)
		if !p.facts.NullsNotDistinct {
			some = append(some, n+" is not null")
		}
	}
	where := ""
	if len(some) > 0 {
		where = " where " + strings.Join(some, " and ")
	}
	ledger, err := recorded(ctx, s, "ledger")
	if err != nil {
		return nil, err
	}
	own := "false"
	if ledger {
		own = "exists (select 1 from sower.ledger l where l.xmin = t.xmin)"
	}
	table := ident(p.schema, p.relname)
	sql := fmt.Sprintf(`select row(%s)::text, string_agg(t.ctid::text || case when %s then ' (made by sower)' else ' (not made by sower)' end, ', ' order by t.ctid)
 from (select %s from only %s%s group by %s having count(*) > 1 limit 5) d join only %s t on %s group by 1 order by 1`,
		"d."+strings.ReplaceAll(columns, ", ", ", d."), own, columns, table, where, columns, table, strings.Join(equal, " and "))
	err = s.each(ctx, sql, func(r [][]byte) error {
		out = append(out, fmt.Sprintf("%s stands in rows %s", shown.Text(string(r[0])), r[1]))
		return nil
	})
	return out, err
}

// Unkeyed tells of each table whether a unique of it waits in the journal.
func (db *DB) Unkeyed(ctx context.Context, tables []*sink.Target) (out []bool, err error) {
	err = db.read(ctx, func(s *session) error {
		out = make([]bool, len(tables))
		there, err := recorded(ctx, s, "journal")
		if err != nil || !there {
			return err
		}
		if old, err := oldJournal(ctx, s); err != nil || old {
			return err
		}
		for i, t := range tables {
			n, err := s.number(ctx, "select count(*) from sower.journal where rel = to_regclass($1)::oid and facts->>'unique' = 'true'", tableSQL(t.Table))
			if err != nil {
				return err
			}
			out[i] = n > 0
		}
		return nil
	})
	if err != nil {
		return nil, db.recordError(ctx, "read the journal", err)
	}
	return out, nil
}

// readJournaled adds the uniques that wait in the journal: a schema is what it is while nothing is loaded.
func (i *inspector) readJournaled(ctx context.Context) error {
	row, err := i.s.row(ctx, "select coalesce(has_schema_privilege(to_regnamespace('sower'), 'usage') and has_table_privilege(to_regclass('sower.journal'), 'select'), false)")
	if err != nil || !toBool(row[0]) {
		return err
	}
	if there, err := recorded(ctx, i.s, "journal"); err != nil || !there {
		return nil // whoever reads the journal itself says what is wrong with it
	}
	if old, err := oldJournal(ctx, i.s); err != nil || old {
		return err
	}
	return i.s.each(ctx, "select rel, name, facts from sower.journal where facts->>'unique' = 'true'", func(r [][]byte) error {
		t := i.tables[toOID(r[0])]
		f, err := parseFacts(r[2])
		if t == nil || err != nil {
			return err
		}
		u := &schema.Unique{Name: string(r[1]), NullsNotDistinct: f.NullsNotDistinct}
		for _, c := range f.Columns {
			if t.byNumber[c.Number] == nil {
				return nil // it cannot come back
			}
			u.Columns = append(u.Columns, t.byNumber[c.Number].Name)
		}
		u.Depends = u.Columns
		if k := f.Constraint; k != nil {
			u.Constraint, u.Primary, u.Deferrable = true, k.Primary, k.Deferrable
		}
		t.add(u)
		return nil
	})
}

// add adds a unique in its place: the primary key comes first, the others by name.
func (t *table) add(u *schema.Unique) {
	others := slices.DeleteFunc(t.Uniques, func(o *schema.Unique) bool { return o.Name == u.Name }) // its index is built
	at := slices.IndexFunc(others, func(o *schema.Unique) bool {
		return u.Primary && !o.Primary || u.Primary == o.Primary && u.Name < o.Name
	})
	if at < 0 {
		at = len(others)
	}
	t.Uniques = slices.Insert(others, at, u)
	if u.Primary {
		t.PrimaryKey = u
	}
}
