package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/sink"
)

// Foreign keys of many tables go, and come back, several tables in one transaction: for small tables, what each costs by
// itself (round trips, a commit that waits for the disk) is more than what their rows cost. Whatever does not go smoothly
// is undone as a whole and left to the way of single tables (journal.go, restore.go), which knows what to say.

const (
	keyGroup      = 50                     // tables in one transaction: so few that their locks are no matter
	groupPatience = 500 * time.Millisecond // for each of their locks
)

// stripKeys drops the foreign keys of those of tables of which nothing else is to go, and gives these tables.
func stripKeys(ctx context.Context, s *session, tables []*sink.Target, patience *time.Duration) (done []*sink.Target) {
	tables = slices.DeleteFunc(slices.Clone(tables), func(t *sink.Target) bool { return !t.Keys || len(t.Uniques) > 0 })
	if len(tables) < 2 {
		return nil
	}
	for group := range slices.Chunk(tables, keyGroup) {
		var some []*sink.Target
		started := time.Now()
		err := s.transact(ctx, begin, func() (err error) {
			some, err = stripGroup(ctx, s, group)
			return err
		})
		*patience -= time.Since(started)
		if err == nil {
			done = append(done, some...)
		} else {
			s.db.log().Debug("foreign keys go table by table", "because", err)
		}
	}
	return done
}

// stripGroup is stripKeys for one transaction. Tables that hold rows, and those with a key that only a trial would show to
// come back as it was, are left out.
func stripGroup(ctx context.Context, s *session, tables []*sink.Target) (done []*sink.Target, err error) {
	left, locks, err := groupLocks(ctx, s, tables)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	// Names in definitions are complete under this search path.
	if err := s.run(ctx, fmt.Sprintf("set local search_path = ''; set local lock_timeout = %d; lock table only %s in access exclusive mode",
		groupPatience.Milliseconds(), strings.Join(locks, ", only "))); err != nil {
		return nil, err
	}
	var full []string
	for name := range left {
		full = append(full, "select "+text(name)+" where exists (select 1 from only "+name+")")
	}
	if err := s.each(ctx, strings.Join(full, " union all "), func(r [][]byte) error {
		delete(left, string(r[0]))
		return nil
	}); err != nil {
		return nil, err
	}
	const keys = `
insert into sower.journal (kind, rel, table_name, name, rank, facts)
select 'key', k.conrelid, n.name, k.conname, 0, ` + keyFactsSQL + `
  from pg_catalog.unnest($1::text[]) n (name) join pg_constraint k on k.conrelid = n.name::regclass where true` + plainKey + `
 order by n.name, k.conname
returning id, table_name, name, facts, (select pg_get_constraintdef(k.oid) from pg_constraint k where k.conrelid = journal.rel and k.conname = journal.name and k.contype = 'f')`
	var names []string
	for _, t := range tables {
		if name := tableSQL(t.Table); left[name] {
			names = append(names, name)
		}
	}
	drops, ids := map[string][]string{}, map[string][]string{}
	if err := s.each(ctx, keys, func(r [][]byte) error {
		name := string(r[1])
		f, err := parseFacts(r[3])
		if err != nil {
			return err
		}
		ids[name] = append(ids[name], string(r[0]))
		drops[name] = append(drops[name], (&piece{kind: "key", name: string(r[2]), table: name, facts: f}).dropSQL())
		if !f.writes(string(r[4])) {
			delete(left, name)
		}
		return nil
	}, nameArray(names)); err != nil {
		return nil, err
	}
	var all, out []string
	for _, t := range tables {
		name := tableSQL(t.Table)
		switch {
		case len(drops[name]) == 0:
		case left[name]:
			all, done = append(all, drops[name]...), append(done, t)
		default:
			out = append(out, ids[name]...)
		}
	}
	if len(out) > 0 {
		if _, err := s.exec(ctx, "delete from sower.journal where id = any ($1::bigint[])", nameArray(out)); err != nil {
			return nil, err
		}
	}
	return done, s.all(ctx, all)
}

// groupLocks gives the tables (quoted) of which nothing but their rows can say that their foreign keys may not go, and the
// locks that this takes: on them, and on what they refer to. This role must be able to add the keys again.
func groupLocks(ctx context.Context, s *session, tables []*sink.Target) (left map[string]bool, locks []string, err error) {
	const found = `
select n.name, pg_has_role(c.relowner, 'usage') and c.relkind = 'r' and not c.relispartition and not exists (select 1 from pg_inherits where inhparent = c.oid or inhrelid = c.oid)
	and has_table_privilege(p.oid, 'update, delete, truncate') and has_table_privilege(p.oid, 'references') and has_schema_privilege(p.relnamespace, 'usage'),
	format('%I.%I', m.nspname, p.relname)
  from pg_catalog.unnest($1::text[]) n (name) join pg_class c on c.oid = n.name::regclass join pg_constraint k on k.conrelid = c.oid
  join pg_class p on p.oid = k.confrelid join pg_namespace m on m.oid = p.relnamespace
 where not exists (select 1 from pg_event_trigger where evtenabled <> 'D')` + plainKey
	var names []string
	for _, t := range tables {
		names = append(names, tableSQL(t.Table))
	}
	left = map[string]bool{}
	parents := map[string][]string{}
	if err := s.each(ctx, found, func(r [][]byte) error {
		name := string(r[0])
		may, known := left[name]
		left[name] = toBool(r[1]) && (may || !known)
		parents[name] = append(parents[name], string(r[2]))
		return nil
	}, nameArray(names)); err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if left[name] {
			locks = append(append(locks, name), parents[name]...)
		} else {
			delete(left, name)
		}
	}
	slices.Sort(locks)
	return left, slices.Compact(locks), nil
}

// addKeys brings foreign keys back, not valid, and notes at each that it is; those of which something is out of the ordinary stay away.
func (r *rebuild) addKeys(ctx context.Context, pieces []*piece) {
	pieces = slices.DeleteFunc(slices.Clone(pieces), func(p *piece) bool { return p.added || p.old != nil || !p.valid() })
	if len(pieces) < 2 {
		return
	}
	s, err := r.db.workSession(ctx)
	if err != nil {
		return
	}
	defer func() { _ = r.db.giveSession(s) }()
	for group := range slices.Chunk(pieces, keyGroup) {
		if err := s.transact(ctx, durable, func() error { return addGroup(ctx, s, group) }); err != nil {
			r.db.log().Debug("foreign keys come back one by one", "because", err)
			continue
		}
		for _, p := range group {
			p.added = true
		}
	}
}

// addGroup is addKeys for one transaction: all of the group, or an error.
func addGroup(ctx context.Context, s *session, group []*piece) error {
	if err := s.run(ctx, fmt.Sprintf("set local lock_timeout = %d", groupPatience.Milliseconds())); err != nil {
		return err
	}
	var ids, tables []string
	for _, p := range group {
		ids, tables = append(ids, p.id), append(tables, p.rel, p.facts.Reference.Table)
	}
	waiting, err := s.number(ctx, `select count(*) from sower.journal j where j.id = any ($1::bigint[]) and j.state = 'dropped'
		and not exists (select 1 from pg_constraint k where k.conrelid = j.rel and k.conname = j.name)`, nameArray(ids))
	if err != nil {
		return err
	}
	if int(waiting) != len(group) {
		return &failure{text: "some of them are there"}
	}
	called, columns, err := namesOf(ctx, s, tables)
	if err != nil {
		return err
	}
	var list []string
	for _, p := range group {
		to := p.facts.Reference.Table
		sql, after, err := p.facts.keySQL(p.name, p.table, called[to], columns[p.rel], columns[to])
		if err != nil {
			return err
		}
		list = append(append(list, sql), after...)
	}
	if err := s.all(ctx, list); err != nil {
		return err
	}
	_, err = s.exec(ctx, "update sower.journal set state = 'added' where id = any ($1::bigint[])", nameArray(ids))
	return err
}

// namesOf gives what tables, given by their numbers, are called, quoted, and their columns by number.
func namesOf(ctx context.Context, s *session, tables []string) (called map[string]string, columns map[string]map[int]string, err error) {
	called, columns = map[string]string{}, map[string]map[int]string{}
	err = s.each(ctx, `select c.oid, format('%I.%I', n.nspname, c.relname), a.attnum, a.attname
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_attribute a on a.attrelid = c.oid
 where c.oid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped`, func(r [][]byte) error {
		table := string(r[0])
		if called[table] = string(r[1]); columns[table] == nil {
			columns[table] = map[int]string{}
		}
		number, err := strconv.Atoi(string(r[2]))
		columns[table][number] = string(r[3])
		return err
	}, nameArray(tables))
	return called, columns, err
}

// smallTable is the size, in bytes, up to which the tails of several tables go together.
const smallTable = 1 << 20

// tailGroup is the number of tables whose tails go together: so few that all connections have some.
const tailGroup = 10

// tails is tail for several small tables.
func (r *rebuild) tails(ctx context.Context, b *builder, tables []*rebuilding) {
	ended := b.trace(ctx, "keys, statistics", tables[0].name)
	defer ended()
	keys, names := []*piece{}, []string{}
	for _, t := range tables {
		keys = append(keys, t.keys...)
		if t.statistics != "" {
			names = append(names, t.name)
		}
	}
	validated := len(keys) > 1 && b.tried(ctx, func(s *session) error {
		return s.transact(ctx, durable, func() error { return validateGroup(ctx, s, keys) })
	})
	going := b.r.how.Stopping == nil || !b.r.how.Stopping()
	analyzed := going && len(names) > 1 && b.tried(ctx, func(s *session) error { return s.run(ctx, "analyze "+strings.Join(names, ", ")) })
	for _, t := range tables {
		for _, p := range t.keys {
			if validated {
				b.noteDone("keys", p.String())
			}
		}
		if validated {
			t.keys = nil
		}
		if t.statistics != "" && analyzed {
			b.noteDone("statistics", t.statistics)
			t.statistics = ""
		}
		t.tail(ctx, b)
	}
}

// validateGroup validates foreign keys within one transaction: all of them, or an error.
func validateGroup(ctx context.Context, s *session, keys []*piece) error {
	var ids, list []string
	for _, p := range keys {
		ids = append(ids, p.id)
		list = append(list, fmt.Sprintf("alter table %s validate constraint %s", p.table, ident(p.name)))
	}
	taken, err := s.exec(ctx, `delete from sower.journal j where j.id = any ($1::bigint[])
		and exists (select 1 from pg_constraint k where k.conrelid = j.rel and k.conname = j.name and k.contype = 'f')`, nameArray(ids))
	if err != nil {
		return err
	}
	if int(taken) != len(keys) {
		return &failure{text: "some of them are not there"}
	}
	return s.all(ctx, list)
}
