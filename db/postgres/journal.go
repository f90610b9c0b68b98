package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/sink"
)

var _ sink.Rebuilder = (*DB)(nil)

// journalDDL makes the journal: what was dropped and how it comes back. A key passes through the state
// 'added' (present, not valid) before its row goes.
const journalDDL = `
create schema if not exists sower;
create table if not exists sower.journal (
	id bigint generated always as identity primary key,
	kind text not null check (kind in ('index', 'key')),
	table_name text not null, -- quoted
	name text not null,       -- of the index or constraint, as it is
	rank bigint not null,     -- how slow it is to build: the slow ones come first
	tablespace text not null, -- '' for the default one
	ddl text not null,        -- makes it; a key without VALID
	after text[] not null,    -- comments, statistics targets
	validate text not null,   -- '' for an index, and for a key that was not valid
	state text not null default 'dropped',
	dropped timestamptz not null default now())`

// Strip drops the secondary indexes and foreign keys of those tables that are empty, each table in a
// transaction of its own that writes the journal too.
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
		if err := s.run(ctx, journalDDL); err != nil {
			if code(err) == "" {
				return err
			}
			for _, t := range tables {
				kept[t.Name] = "the journal cannot be made: " + err.Error()
			}
			return nil
		}
		for _, t := range tables {
			why, err := stripTable(ctx, s, t)
			if err != nil {
				return fmt.Errorf("%s: %w", tableName(t.Table), err)
			}
			if why == "" {
				stripped = append(stripped, t.Name)
			} else {
				kept[t.Name] = why
			}
		}
		return nil
	})
	return stripped, kept, explain(ctx, "drop indexes and foreign keys in "+db.where, err)
}

// errKept ends the transaction of a table that stays as it is.
var errKept = errors.New("kept")

func stripTable(ctx context.Context, s *session, t *sink.Target) (why string, err error) {
	name := tableSQL(t.Table)
	keep := func(reason string) error {
		why = reason
		return errKept
	}
	err = s.transact(ctx, begin, func() error {
		if why, err := keptTable(ctx, s, name); err != nil {
			return err
		} else if why != "" {
			return keep(why)
		}
		if err := s.run(ctx, "set local lock_timeout = '3s'; lock table only "+name+" in access exclusive mode"); err != nil {
			if code(err) == lockTimeout {
				return keep("others are using it")
			}
			return err
		}
		if full, err := s.row(ctx, "select 1 from only "+name+" limit 1"); err != nil {
			return err
		} else if full != nil {
			return keep(holdsRows)
		}
		return dropAndNote(ctx, s, name, t.Keys, keep)
	})
	if errors.Is(err, errKept) {
		err = nil
	}
	return why, err
}

// dropAndNote writes the journal of a table and drops what stands in it. Left in place: whatever
// presence and collisions rest on (unique, primary, exclusion), what replication or clustering uses,
// indexes of partitions, invalid ones, those that belong to extensions, and keys whose triggers were
// switched off.
func dropAndNote(ctx context.Context, s *session, name string, keysOnly bool, keep func(string) error) error {
	const indexes = `
insert into sower.journal (kind, table_name, name, rank, tablespace, ddl, after, validate)
select 'index', $1::text, c.relname, case a.amname when 'btree' then 0 else 2 end + (i.indexprs is not null)::int, coalesce(ts.spcname, ''), pg_get_indexdef(c.oid),
	array_remove(array_cat(
		array[format('comment on index %s.%I is %L', n.nspname::regnamespace, c.relname, obj_description(c.oid, 'pg_class'))],
		(select array_agg(format('alter index %s.%I alter column %s set statistics %s', n.nspname::regnamespace, c.relname, at.attnum, at.attstattarget) order by at.attnum)
		   from pg_attribute at where at.attrelid = c.oid and at.attstattarget >= 0)), null), ''` + indexesOf + `
 order by c.relname
returning format('drop index %s.%I', (select relnamespace::regnamespace from pg_class where oid = $1::text::regclass), name)`
	const keys = `
insert into sower.journal (kind, table_name, name, rank, tablespace, ddl, after, validate)
select 'key', $1::text, k.conname, 0, '', format('alter table %s add constraint %I %s%s', $1::text, k.conname, pg_get_constraintdef(k.oid), case when k.convalidated then ' not valid' else '' end),
	array_remove(array[format('comment on constraint %I on %s is %L', k.conname, $1::text, obj_description(k.oid, 'pg_constraint'))], null),
	case when k.convalidated then format('alter table %s validate constraint %I', $1::text, k.conname) else '' end` + keysOf + `
 order by k.conname
returning format('alter table %s drop constraint %I', $1::text, name)`
	// Names in the journal are complete whatever the search path of the session that restores.
	if err := s.run(ctx, "set local search_path = ''"); err != nil {
		return err
	}
	var drops []string
	pieces := []string{indexes, keys}
	if keysOnly {
		pieces = pieces[1:]
	}
	for _, sql := range pieces {
		err := s.each(ctx, sql, func(row [][]byte) error {
			drops = append(drops, string(row[0]))
			return nil
		}, name)
		if err != nil {
			return err
		}
	}
	drops, err := keepUnstable(ctx, s, name, drops)
	if err != nil {
		return err
	}
	if len(drops) == 0 {
		return keep(nothingToStrip)
	}
	if err := s.run(ctx, strings.Join(drops, ";")); err != nil {
		if code(err) == "2BP01" { // other objects depend on it
			return keep("something depends on its indexes or keys: " + err.Error())
		}
		return err
	}
	return nil
}

// keepUnstable leaves those indexes in place, and out of the journal, whose definition the server would
// print otherwise once it is made from its own words: some expressions change when they are parsed again.
// The table is empty, so that trying costs little. It gives the drops that remain.
func keepUnstable(ctx context.Context, s *session, name string, drops []string) ([]string, error) {
	type index struct{ id, name, ddl, drop string }
	var doubtful []index
	err := s.each(ctx, `select j.id, j.name, j.ddl, format('drop index %s.%I', n.nspname::regnamespace, j.name) from sower.journal j
		join pg_class c on c.relname = j.name join pg_namespace n on n.oid = c.relnamespace join pg_index i on i.indexrelid = c.oid
		where j.kind = 'index' and j.table_name = $1 and i.indrelid = $1::text::regclass and (i.indpred is not null or i.indexprs is not null)`, func(r [][]byte) error {
		doubtful = append(doubtful, index{string(r[0]), string(r[1]), string(r[2]), string(r[3])})
		return nil
	}, name)
	if err != nil {
		return nil, err
	}
	for _, x := range doubtful {
		if err := s.run(ctx, "savepoint trial; "+x.drop+"; "+x.ddl); err != nil {
			return nil, err
		}
		again, err := s.row(ctx, "select pg_get_indexdef(c.oid) from pg_class c join pg_index i on i.indexrelid = c.oid where i.indrelid = $1::text::regclass and c.relname = $2", name, x.name)
		if err != nil {
			return nil, err
		}
		if err := s.run(ctx, "rollback to trial; release trial"); err != nil {
			return nil, err
		}
		if again == nil || string(again[0]) != x.ddl {
			if _, err := s.exec(ctx, "delete from sower.journal where id = $1::bigint", x.id); err != nil {
				return nil, err
			}
			drops = slices.DeleteFunc(drops, func(d string) bool { return d == x.drop })
		}
	}
	return drops, nil
}

// Journaled is the number of pieces that wait in the journal.
func (db *DB) Journaled(ctx context.Context) (n int, err error) {
	err = db.read(ctx, func(s *session) error {
		there, err := recorded(ctx, s, "journal")
		if err != nil || !there {
			return err
		}
		k, err := s.number(ctx, "select count(*) from sower.journal")
		n = int(k)
		return err
	})
	if err != nil {
		return 0, db.recordError(ctx, "read the journal", err)
	}
	return n, nil
}
