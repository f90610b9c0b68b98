package postgres

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/sink"
)

// What Strip takes away of the table $1: its secondary indexes (i, c) and its foreign keys (k), and of those uniques (i, c,
// k) that $2 names the ones of a form that is sure to come back: a btree over columns of the server's own types, each
// equal only to itself, whose columns no other unique has, so that a foreign key finds the one again that it had. An index over a function
// stays whose text may mean something else, or nothing, in another search path: servers from 17 on build every index in
// one of their own, and what could be made when the table was empty may fail once it has rows.
const (
	indexesOf = `
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace join pg_am a on a.oid = c.relam
  left join pg_tablespace ts on ts.oid = c.reltablespace
 where i.indrelid = $1::text::regclass and i.indisvalid and i.indisready and not (i.indisunique or i.indisprimary or i.indisexclusion or i.indisreplident or i.indisclustered)
   and not exists (select 1 from pg_constraint k where k.conindid = c.oid)
   and not exists (select 1 from pg_inherits h where h.inhrelid = c.oid or h.inhparent = c.oid)
   and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_extension'::regclass)
   and not exists (select 1 from pg_depend d join pg_proc f on f.oid = d.refobjid join pg_language l on l.oid = f.prolang
     where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_proc'::regclass and l.lanname not in ('internal', 'c')
       and to_jsonb(f)->>'prosqlbody' is null and not exists (select 1 from unnest(f.proconfig) g where g like 'search_path=%'))`
	uniquesOf = `
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
  left join pg_constraint k on k.conindid = c.oid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
 where i.indrelid = $1::text::regclass and c.relname = any ($2::name[]) and i.indisunique and i.indisvalid and i.indisready and i.indislive and not i.indisexclusion
   and a.amname = 'btree' and i.indpred is null and i.indexprs is null
   and (k.oid is null or k.contype in ('p', 'u') and k.conname = c.relname and k.convalidated and to_jsonb(k)->>'conperiod' is distinct from 'true')
   and not exists (select 1 from unnest(i.indkey::int2[]) n join pg_attribute t on t.attrelid = i.indrelid and t.attnum = n join pg_type y on y.oid = t.atttypid
     join pg_namespace n2 on n2.oid = y.typnamespace left join pg_collation l on l.oid = t.attcollation
     where n2.nspname <> 'pg_catalog' or y.typname in ('float4', 'float8') or not coalesce(l.collisdeterministic, true))
   and not exists (select 1 from pg_index o where o.indrelid = i.indrelid and o.indexrelid <> i.indexrelid and o.indisunique and o.indpred is null and o.indexprs is null
     and (o.indkey::int2[])[0:o.indnkeyatts - 1] <@ (i.indkey::int2[])[0:i.indnkeyatts - 1] and (o.indkey::int2[])[0:o.indnkeyatts - 1] @> (i.indkey::int2[])[0:i.indnkeyatts - 1])
   and not exists (select 1 from pg_inherits h where h.inhrelid = c.oid or h.inhparent = c.oid)
   and not exists (select 1 from pg_depend d where d.refclassid = 'pg_constraint'::regclass and d.refobjid = k.oid and d.deptype = 'n')
   and not exists (select 1 from pg_seclabel b where b.classoid = 'pg_class'::regclass and b.objoid = c.oid)
   and not exists (select 1 from pg_depend d where (d.classid = 'pg_class'::regclass and d.objid = c.oid or d.classid = 'pg_constraint'::regclass and d.objid = k.oid)
     and d.refclassid = 'pg_extension'::regclass)`
	keysOf = `
  from pg_constraint k
 where k.conrelid = $1::text::regclass` + plainKey
	plainKey = `
   and k.contype = 'f' and k.conparentid = 0
   and not exists (select 1 from pg_class c where c.oid = k.confrelid and c.relkind <> 'r')
   and not exists (select 1 from pg_constraint p where p.conparentid = k.oid)
   and not exists (select 1 from pg_trigger g where g.tgconstraint = k.oid and g.tgenabled <> 'O')
   and pg_get_constraintdef(k.oid) !~* 'not enforced'
   and not exists (select 1 from pg_depend d where d.classid = 'pg_constraint'::regclass and d.objid = k.oid and d.refclassid = 'pg_extension'::regclass)`
)

// holdsRows is why a table stays as it is that is not empty.
const holdsRows = "it holds rows"

// keptAll says why all tables of the database stay as they are; "" where they need not.
func keptAll(ctx context.Context, s *session) (why string, err error) {
	slots, err := s.number(ctx, "select count(*) from pg_replication_slots where slot_type = 'logical' and database = current_database()")
	if err == nil && slots > 0 {
		why = "the database has logical replication slots"
	}
	return why, err
}

// keptTable says why a table (quoted) stays as it is, whatever it holds; "" where it need not.
func keptTable(ctx context.Context, s *session, table string) (why string, err error) {
	row, err := s.row(ctx, `select c.relkind = 'r' and not c.relispartition, pg_has_role(c.relowner, 'usage'), exists (select 1 from pg_event_trigger where evtenabled <> 'D'),
		exists (select 1 from pg_inherits where inhparent = c.oid or inhrelid = c.oid) from pg_class c where c.oid = $1::text::regclass`, table)
	switch {
	case err != nil:
		return "", err
	case !toBool(row[0]) || toBool(row[3]):
		return "it is a partition, or has tables that inherit from it", nil
	case !toBool(row[1]):
		return "the role does not own it", nil
	case toBool(row[2]):
		return "the database has event triggers", nil
	}
	return "", nil
}

// Format names the format of COPY; "" where nothing is copied.
func (db *DB) Format(t *sink.Target) (string, error) {
	l, err := db.newLoader(t)
	if err != nil || l.copy == "" {
		return "", err
	}
	return l.rows.enc.Format.String(), nil
}

// Loadings tells how each table would be loaded now, as far as that shows without a try: others may use a table when
// the time comes, and something may depend on its indexes.
func (db *DB) Loadings(ctx context.Context, tables []*sink.Target) (out []sink.Loading, err error) {
	err = db.read(ctx, func(s *session) error {
		out = nil
		all, err := keptAll(ctx, s)
		if err != nil {
			return err
		}
		if all == "" {
			row, err := s.row(ctx, `select case when exists (select 1 from pg_namespace where nspname = 'sower') then has_schema_privilege('sower', 'create') else has_database_privilege(current_database(), 'create') end`)
			if err != nil {
				return err
			}
			if !toBool(row[0]) {
				all = "the role may not make the journal"
			}
		}
		for _, t := range tables {
			l, err := db.loading(ctx, s, t, all)
			if err != nil {
				return fmt.Errorf("%s: %w", tableName(t.Table), err)
			}
			out = append(out, l)
		}
		return countUniques(ctx, s, tables, out)
	})
	return out, explain(ctx, "look at how tables are loaded in "+db.where, err)
}

// countUniques adds the uniques that would be taken away: those to which no foreign key refers that stays.
func countUniques(ctx context.Context, s *session, tables []*sink.Target, out []sink.Loading) error {
	if why, err := uniquesStay(ctx, s); err != nil || why != "" {
		return err
	}
	var stripped []string
	for i, t := range tables {
		if out[i].Kept == "" {
			stripped = append(stripped, tableSQL(t.Table))
		}
	}
	for i, t := range tables {
		l := &out[i]
		if len(t.Uniques) == 0 || l.Kept != "" && l.Kept != nothingToStrip {
			continue
		}
		n, err := s.number(ctx, "select count(*)"+uniquesOf+` and not exists (select 1 from pg_constraint f where f.contype = 'f' and f.conindid = c.oid
			and f.conrelid <> all (select n::regclass from unnest($3::text[]) n))`, tableSQL(t.Table), nameArray(t.Uniques), nameArray(stripped))
		if err != nil {
			return err
		}
		if l.Uniques = int(n); n > 0 {
			l.Kept = ""
		}
	}
	return nil
}

func (db *DB) loading(ctx context.Context, s *session, t *sink.Target, kept string) (l sink.Loading, err error) {
	name := tableSQL(t.Table)
	if l.Kept = kept; kept == "" {
		if l.Kept, err = keptTable(ctx, s, name); err != nil {
			return l, err
		}
	}
	if l.Kept != "" {
		return l, nil
	}
	if err := db.mayRead(t.Table); err != nil {
		return l, err
	}
	row, err := s.row(ctx, "select exists (select 1 from only "+name+"), (select count(*)"+indexesOf+"), (select count(*)"+keysOf+")", name)
	if err != nil {
		return l, err
	}
	if l.Keys = int(toInt(row[2])); !t.Keys {
		l.Indexes = int(toInt(row[1]))
	}
	switch {
	case toBool(row[0]):
		l = sink.Loading{Kept: holdsRows}
	case l.Indexes+l.Keys == 0:
		l.Kept = nothingToStrip
	}
	return l, nil
}

// nothingToStrip is why a table stays as it is that has nothing to take away.
const nothingToStrip = "it has no secondary index and no foreign key"
