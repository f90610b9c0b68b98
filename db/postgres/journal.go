package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/sink"
)

var _ sink.Rebuilder = (*DB)(nil)

// journalDDL makes the journal: facts of what was dropped, of which the statements are written that make it again. A key
// passes through the state 'added' (present, not valid) before its row goes, a constraint through 'built' (its index is).
const journalDDL = `
create schema if not exists sower;
create table if not exists sower.journal (
	id bigint generated always as identity primary key,
	kind text not null check (kind in ('index', 'key', 'unique', 'primary', 'exclusion')), -- the last one is room for later
	rel oid not null,         -- the table, whatever it is called by now
	table_name text not null, -- quoted, as it was called
	name text not null,       -- of the index or constraint, as it is
	rank bigint not null,     -- how slow it is to build: the slow ones come first
	facts jsonb not null,
	state text not null default 'dropped',
	dropped timestamptz not null default now())`

// oldJournal tells whether the journal is of the form before that: with statements instead of facts.
func oldJournal(ctx context.Context, s *session) (bool, error) {
	row, err := s.row(ctx, "select 1 from pg_catalog.pg_attribute where attrelid = to_regclass('sower.journal') and attname = 'ddl' and not attisdropped")
	return row != nil, err
}

// Strip drops the secondary indexes and foreign keys of those tables that are empty, and then the uniques that targets
// name, each table in a transaction of its own that writes the journal too.
func (db *DB) Strip(ctx context.Context, tables []*sink.Target) (stripped []string, kept map[string]string, err error) {
	kept = map[string]string{}
	err = db.control(ctx, func(s *session) error {
		why, err := keptAll(ctx, s)
		if err != nil {
			return err
		}
		if why != "" {
			for _, t := range tables {
				kept[t.Name] = why
			}
			return nil
		}
		if err := ensureJournal(ctx, s); err != nil {
			if code(err) == "" {
				return err
			}
			for _, t := range tables {
				kept[t.Name] = "the journal cannot be made: " + err.Error()
			}
			return nil
		}
		if old, err := oldJournal(ctx, s); err != nil {
			return err
		} else if old {
			for _, t := range tables {
				kept[t.Name] = "the journal of an earlier version of sower is not done with: sower repair"
			}
			return nil
		}
		patience := stripPatience
		together := stripKeys(ctx, s, tables, &patience)
		for _, t := range tables {
			if slices.Contains(together, t) {
				stripped = append(stripped, t.Name)
				continue
			}
			why, err := stripTable(ctx, s, t, &patience)
			if err != nil {
				return fmt.Errorf("%s: %w", tableName(t.Table), err)
			}
			if why == "" {
				stripped = append(stripped, t.Name)
			} else {
				kept[t.Name] = why
			}
		}
		why, err = uniquesStay(ctx, s)
		if err != nil || why != "" {
			return err
		}
		for _, t := range tables {
			if why := kept[t.Name]; len(t.Uniques) == 0 || why != "" && why != nothingToStrip {
				continue
			}
			n, err := stripUniques(ctx, s, t, &patience)
			if err != nil {
				return fmt.Errorf("%s: %w", tableName(t.Table), err)
			}
			if n > 0 && kept[t.Name] != "" {
				delete(kept, t.Name)
				stripped = append(stripped, t.Name)
			}
		}
		return nil
	})
	return stripped, kept, explain(ctx, "drop indexes and keys in "+db.where, err)
}

// ensureJournal makes the journal. One that is there already, or that somebody else made meanwhile, must be genuine.
func ensureJournal(ctx context.Context, s *session) error {
	err := s.run(ctx, journalDDL)
	if old, e := oldJournal(ctx, s); err == nil && e == nil && old {
		if row, e := s.row(ctx, "select 1 from sower.journal limit 1"); e == nil && row == nil {
			err = s.run(ctx, "drop table sower.journal; "+journalDDL)
		}
	}
	if err == nil {
		_, err = recorded(ctx, s, "journal")
	}
	return err
}

// errKept ends the transaction of a table that stays as it is.
var errKept = errors.New("kept")

// stripPatience is how long Strip waits for the locks of all tables together. Whoever uses them meanwhile waits behind it.
const stripPatience = 3 * time.Second

// stripTable takes what is left of the patience to lock a table and those that its keys refer to: dropping a key locks both.
// Where others use one of them, the table stays as it is.
func stripTable(ctx context.Context, s *session, t *sink.Target, patience *time.Duration) (why string, err error) {
	name := tableSQL(t.Table)
	keep := func(reason string) error {
		why = reason
		return errKept
	}
	locks := []string{name}
	err = s.transact(ctx, begin, func() error {
		if why, err := keptTable(ctx, s, name); err != nil {
			return err
		} else if why != "" {
			return keep(why)
		}
		err := s.each(ctx, "select distinct (select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = k.confrelid)"+keysOf+
			" and k.confrelid <> k.conrelid and has_table_privilege(k.confrelid, 'update, delete, truncate')", func(r [][]byte) error {
			locks = append(locks, string(r[0]))
			return nil
		}, name)
		if err != nil {
			return err
		}
		started := time.Now()
		err = s.run(ctx, fmt.Sprintf("set local lock_timeout = %d; lock table only %s in access exclusive mode", max(patience.Milliseconds(), 50), strings.Join(locks, ", only ")))
		*patience -= time.Since(started)
		if err != nil {
			return err
		}
		if full, err := s.row(ctx, "select 1 from only "+name+" limit 1"); err != nil {
			return err
		} else if full != nil {
			return keep(holdsRows)
		}
		return dropAndNote(ctx, s, name, t.Keys, keep)
	})
	switch {
	case errors.Is(err, errKept):
		err = nil
	case code(err) == lockTimeout, code(err) == "40P01": // who also took part in a deadlock
		who := s.db.lockers(ctx, s, locks)
		s.db.log().Warn("a table is loaded with its indexes and keys in place, since another session uses it or one that it refers to", "table", t.Name, "held by", who)
		return "others are using it: " + who, nil
	}
	return why, err
}

// dropAndNote writes the journal of a table and drops what stands in it. Left in place: whatever
// presence and collisions rest on (unique, primary, exclusion), what replication or clustering uses,
// indexes of partitions, invalid ones, those that belong to extensions, and keys whose triggers were
// switched off.
func dropAndNote(ctx context.Context, s *session, name string, keysOnly bool, keep func(string) error) error {
	const indexes = `
insert into sower.journal (kind, rel, table_name, name, rank, facts)
select 'index', i.indrelid, $1::text, c.relname, case a.amname when 'btree' then 0 else 2 end + (i.indexprs is not null)::int, ` + indexFactsSQL + indexesOf + `
 order by c.relname
returning id, kind, name, facts`
	const keys = `
insert into sower.journal (kind, rel, table_name, name, rank, facts)
select 'key', k.conrelid, $1::text, k.conname, 0, ` + keyFactsSQL + keysOf + `
 order by k.conname
returning id, kind, name, facts`
	// Names in expressions are complete whatever the search path of the session that restores.
	if err := s.run(ctx, "set local search_path = ''"); err != nil {
		return err
	}
	var pieces []*piece
	for i, sql := range []string{indexes, keys} {
		if keysOnly && i == 0 {
			continue
		}
		some, err := noted(ctx, s, sql, name)
		if err != nil {
			return err
		}
		pieces = append(pieces, some...)
	}
	dropped := 0
	for _, p := range pieces {
		stable, err := p.stable(ctx, s)
		switch {
		case code(err) == "2BP01": // other objects depend on it
			return keep("something depends on its indexes or keys: " + err.Error())
		case err != nil:
			return err
		case stable:
			dropped++
			err = s.run(ctx, p.dropSQL())
		default:
			_, err = take(ctx, s, p)
		}
		if err != nil {
			return err
		}
	}
	if dropped == 0 {
		return keep(nothingToStrip)
	}
	return nil
}

// noted writes the journal's rows of a table, as sql has them, and gives their pieces.
func noted(ctx context.Context, s *session, sql, table string, args ...any) (pieces []*piece, err error) {
	row, err := s.row(ctx, "select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::text::regclass", table)
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, sql, func(r [][]byte) error {
		f, err := parseFacts(r[3])
		pieces = append(pieces, &piece{id: string(r[0]), kind: string(r[1]), name: string(r[2]), facts: f,
			rel: string(row[0]), schema: string(row[1]), relname: string(row[2]), table: table})
		return err
	}, append([]any{table}, args...)...)
	return pieces, err
}

// stable tries, within the transaction, whether a piece that is made again of its facts is what it was: some expressions
// change when they are parsed again. The table is empty, so that trying costs little.
func (p *piece) stable(ctx context.Context, s *session) (bool, error) {
	describe := func() (string, error) {
		sql := "select pg_get_indexdef(to_regclass($1))"
		args := []any{ident(p.schema, p.name)}
		if p.unique() {
			sql, args = describedUnique, []any{p.rel, p.name}
		}
		if p.kind == "key" {
			sql = "select replace(pg_get_constraintdef(oid), ' NOT VALID', '') from pg_constraint where conrelid = $1::oid and conname = $2"
			args = []any{p.rel, p.name}
		}
		row, err := s.row(ctx, sql, args...)
		if err != nil || row == nil {
			return "", err
		}
		return string(row[0]), nil
	}
	before, err := describe()
	if err != nil {
		return false, err
	}
	if err := s.run(ctx, "savepoint trial; "+p.dropSQL()); err != nil {
		if code(err) == "2BP01" && p.unique() { // something refers to it that stays
			return false, s.run(ctx, "rollback to trial; release trial")
		}
		return false, err
	}
	again := ""
	tried := p.make(ctx, s)
	if tried == nil {
		again, tried = describe()
	}
	if err := s.run(ctx, "rollback to trial; release trial"); err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return tried == nil && again == before, nil
}

func (p *piece) dropSQL() string {
	if p.kind == "key" || p.facts.Constraint != nil {
		return fmt.Sprintf("alter table only %s drop constraint %s", p.table, ident(p.name))
	}
	return "drop index " + ident(p.schema, p.name)
}

// Journaled tells what waits in the journal.
func (db *DB) Journaled(ctx context.Context) (w sink.Waiting, err error) {
	err = db.read(ctx, func(s *session) error {
		there, err := recorded(ctx, s, "journal")
		if err != nil || !there {
			return err
		}
		unique := "(facts->>'unique' is not distinct from 'true')"
		if old, err := oldJournal(ctx, s); err != nil {
			return err
		} else if old {
			unique = "false"
		}
		row, err := s.row(ctx, "select count(*) filter (where kind = 'index' and not "+unique+"), count(*) filter (where kind = 'key' and state <> 'added'), count(*) filter (where state = 'added'), count(*) filter (where "+unique+") from sower.journal")
		if err == nil {
			w = sink.Waiting{Indexes: int(toInt(row[0])), Keys: int(toInt(row[1])), Unchecked: int(toInt(row[2])), Uniques: int(toInt(row[3]))}
		}
		return err
	})
	if err != nil {
		return w, db.recordError(ctx, "read the journal", err)
	}
	return w, nil
}
