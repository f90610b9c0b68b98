package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Cleaner = (*DB)(nil)

// cleaning marks rows in a temporary table of a session of its own, so that what hangs on them is a
// question that the server answers by itself. A mark is a row's table, its place and the transaction
// that wrote it: these three are one version of one row, whatever comes to stand in its place later.
type cleaning struct {
	db     *DB
	s      *session
	run    int64          // since Begin
	tables []*sink.Target // a table's place here is its number in the marks
	oids   []string       // their numbers in the catalog
	keys   map[int][]*referring
	stamps map[int]stamp // of tables that were read whole
	taken  []int         // tables that go whole, without marks
}

// referring is a foreign key that refers to a marked table.
type referring struct {
	name, table string
	rows        string   // the referring table, for a FROM clause
	within      []string // numbers in the catalog: the referring table's, and those of the tables it is a partition of
	same        string   // the condition under which row c refers to row p
	acts        bool     // deleting a parent changes its children rather than being refused
	oid         string   // the constraint's number in the catalog
}

const makeMarks = `
drop table if exists pg_temp.sower_mark;
create temporary table sower_mark (n bigint generated always as identity, root int not null, rel oid not null, tid tid not null, version xid not null, kept boolean not null);
create index on pg_temp.sower_mark (rel, tid);
create index on pg_temp.sower_mark (root, n);
create index on pg_temp.sower_mark (n)`

// placeSQL gives the place of row t, and onMark is true where mark m is of row r.
const placeSQL = "t.tableoid::text || ' ' || t.ctid::text || ' ' || t.xmin::text"

func onMark(m, r string) string {
	return fmt.Sprintf("%[1]s.rel = %[2]s.tableoid and %[1]s.tid = %[2]s.ctid and %[1]s.version = %[2]s.xmin", m, r)
}

// Clean opens a cleaning.
func (db *DB) Clean(ctx context.Context, dry bool) (sink.Cleaning, error) {
	if err := db.mayDefine(ctx); err != nil {
		return nil, explain(ctx, "begin to clean "+db.where, err)
	}
	s, err := db.soleSession(ctx)
	if err != nil {
		return nil, err
	}
	// A policy that hides rows is an error rather than a false count; a commit is worth waiting for here.
	if err := s.run(ctx, "set row_security = off; set synchronous_commit = on; "+makeMarks); err != nil {
		_ = s.close()
		if code(err) == noPrivilege {
			err = &failure{text: fmt.Sprintf("the rows are marked in a temporary table, and the role may make none: an owner must run: grant temporary on database %s to %s", ident(db.name), ident(db.user)), causes: []error{err}}
		}
		return nil, explain(ctx, "begin to clean "+db.where, err)
	}
	return &cleaning{db: db, s: s, keys: map[int][]*referring{}}, nil
}

// Close ends the session, and with it the marks.
func (c *cleaning) Close() error { return c.s.close() }

// Whole is false: each batch stands by itself.
func (c *cleaning) Whole() bool { return false }

// Finish has nothing to do: each transaction stands by itself.
func (c *cleaning) Finish(context.Context) error { return nil }

// Read reads rows by key, with their places.
func (c *cleaning) Read(ctx context.Context, t *sink.Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, places []sink.Place, err error) {
	r, err := newKeyReader(t, key, keys)
	if err != nil {
		return nil, nil, err
	}
	r.places = &places
	found, err = r.read(ctx, c.db, c.s, keys, dst)
	return found, places, explain(ctx, r.what, err)
}

// Scan reads all rows, with their places.
func (c *cleaning) Scan(ctx context.Context, t *sink.Target, each func(rows *column.Batch, places []sink.Place) error) error {
	if err := c.db.mayRead(t.Table); err != nil {
		return explain(ctx, "read the rows of "+tableName(t.Table), err)
	}
	err := c.s.transact(ctx, readOnly, func() error { return scan(ctx, c.s, t, each) })
	return explain(ctx, "read the rows of "+tableName(t.Table), err)
}

// root is a table's number in the marks.
func (c *cleaning) root(ctx context.Context, t *sink.Target) (int, error) {
	at := slices.IndexFunc(c.tables, func(o *sink.Target) bool { return o.Name == t.Name })
	if at >= 0 {
		return at, nil
	}
	may := func() error { return mayWrite(ctx, c.s, []*sink.Target{t}, reading|deleting|defining) }
	var err error
	if c.s.pg.TxStatus() == 'T' { // a scan marks what it finds
		err = may()
	} else {
		err = c.s.transact(ctx, readOnly, may)
	}
	if err != nil {
		return 0, explain(ctx, "delete rows of "+tableName(t.Table), err)
	}
	keys, err := c.referring(ctx, t.Table)
	if err != nil {
		return 0, err
	}
	oid, err := c.s.row(ctx, "select $1::text::regclass::oid", tableSQL(t.Table))
	if err != nil {
		return 0, explain(ctx, "look for "+tableName(t.Table), err)
	}
	c.tables, c.oids = append(c.tables, t), append(c.oids, string(oid[0]))
	c.keys[len(c.tables)-1] = keys
	return len(c.tables) - 1, nil
}

// referring asks the catalog, which knows also the tables that this role cannot see otherwise.
func (c *cleaning) referring(ctx context.Context, t *schema.Table) (keys []*referring, err error) {
	period := "false"
	if c.db.major.Load() >= 18 {
		period = "k.conperiod and x.i = cardinality(k.conkey)"
	}
	sql := `
with tree as (select $1::text::regclass::oid as oid union select relid from pg_partition_tree($1::text::regclass))
select k.conname, n.nspname || '.' || c.relname, case c.relkind when 'p' then '' else 'only ' end || format('%I.%I', n.nspname, c.relname),
       (select string_agg(o::text, ' ') from (select relid::oid from pg_partition_ancestors(c.oid) union select c.oid) a (o)),
       (select string_agg(case when ` + period + ` then format('p.%I && c.%I', pa.attname, ca.attname)
                          else format('p.%I operator(%I.%s) c.%I', pa.attname, onsp.nspname, o.oprname, ca.attname) end, ' and ')
          from unnest(k.confkey, k.conkey, k.conpfeqop) with ordinality x (pk, fk, op, i)
          join pg_attribute pa on pa.attrelid = k.confrelid and pa.attnum = x.pk
          join pg_attribute ca on ca.attrelid = k.conrelid and ca.attnum = x.fk
          join pg_operator o on o.oid = x.op join pg_namespace onsp on onsp.oid = o.oprnamespace)
       || case when k.confrelid = $1::text::regclass then '' -- a key to a partition alone
          else format(' and p.tableoid in (select relid from pg_catalog.pg_partition_tree(%s))', k.confrelid) end,
       k.confdeltype in ('c', 'n', 'd'), k.oid
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
 where k.contype = 'f' and k.confrelid in (select oid from tree)
   and not exists (select 1 from pg_constraint q where q.oid = k.conparentid and q.confrelid in (select oid from tree))
 order by 2, 1`
	err = c.s.each(ctx, sql, func(r [][]byte) error {
		keys = append(keys, &referring{name: string(r[0]), table: string(r[1]), rows: string(r[2]), within: strings.Fields(string(r[3])), same: string(r[4]), acts: toBool(r[5]), oid: string(r[6])})
		return nil
	}, tableSQL(t))
	return keys, explain(ctx, "look for what refers to "+tableName(t), err)
}

// Mark notes rows as the run's.
func (c *cleaning) Mark(ctx context.Context, t *sink.Target, places []sink.Place, kept bool) error {
	root, err := c.root(ctx, t)
	if err != nil || len(places) == 0 {
		return err
	}
	list := []byte{'{'}
	for i, p := range places {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(append(append(list, '"'), p...), '"')
	}
	_, err = c.s.exec(ctx, `insert into pg_temp.sower_mark (root, rel, tid, version, kept)
select $1::int, split_part(p, ' ', 1)::oid, split_part(p, ' ', 2)::tid, split_part(p, ' ', 3)::xid, $3::boolean from unnest($2::text[]) with ordinality u (p, i) order by i`,
		int64(root), append(list, '}'), kept)
	return explain(ctx, "mark rows of "+tableName(t.Table), err)
}

// Spare keeps the parents of what is kept.
func (c *cleaning) Spare(ctx context.Context) (map[string]int64, error) {
	const what = "look for what kept rows refer to"
	if err := c.s.run(ctx, "analyze pg_temp.sower_mark"); err != nil { // nobody else does it for a temporary table
		return nil, explain(ctx, what, err)
	}
	spared := map[string]int64{}
	if any, err := c.s.row(ctx, "select 1 from pg_temp.sower_mark where kept limit 1"); err != nil || any == nil {
		return spared, explain(ctx, what, err)
	}
	err := c.s.transact(ctx, begin, func() error { return c.spare(ctx, spared) })
	return spared, explain(ctx, what, err)
}

// spare notes once which marked row refers to which, and follows that from the rows that are kept: however long
// the chains are, every reference is looked at once.
func (c *cleaning) spare(ctx context.Context, spared map[string]int64) error {
	if err := c.s.run(ctx, "create temporary table sower_edge (child bigint not null, parent bigint not null) on commit drop"); err != nil {
		return err
	}
	for root, t := range c.tables {
		for _, k := range c.keys[root] {
			_, err := c.s.exec(ctx, fmt.Sprintf(`insert into pg_temp.sower_edge
select k.n, m.n from %s c join pg_temp.sower_mark k on %s join %s p on %s join pg_temp.sower_mark m on m.root = %d and %s`,
				k.rows, onMark("k", "c"), rowsSQL(t.Table), k.same, root, onMark("m", "p")))
			if err != nil {
				return err
			}
		}
	}
	// Each step goes by the index: the planner would rather read all of it, as often as the longest chain is long.
	if err := c.s.run(ctx, "create index on pg_temp.sower_edge (child, parent); analyze pg_temp.sower_edge; set local enable_hashjoin = off; set local enable_mergejoin = off"); err != nil {
		return err
	}
	return c.s.each(ctx, `
with recursive k (n) as (select n from pg_temp.sower_mark where kept union select e.parent from k join pg_temp.sower_edge e on e.child = k.n),
     u as (update pg_temp.sower_mark m set kept = true from k where m.n = k.n and not m.kept returning m.root)
select root, count(*) from u group by root`, func(r [][]byte) error {
		spared[c.tables[toInt(r[0])].Name] = toInt(r[1])
		return nil
	})
}

// MarkReferring marks rows that refer to rows that are to go.
func (c *cleaning) MarkReferring(ctx context.Context, t *sink.Target) (marked int64, err error) {
	child, err := c.root(ctx, t)
	if err != nil {
		return 0, err
	}
	for root := range c.tables {
		for _, k := range c.keys[root] {
			if !slices.Contains(k.within, c.oids[child]) || c.takes(k) {
				continue
			}
			n, err := c.s.exec(ctx, fmt.Sprintf(`insert into pg_temp.sower_mark (root, rel, tid, version, kept)
select %d, c.tableoid, c.ctid, c.xmin, false from %s c
 where exists (select 1 from %s p join pg_temp.sower_mark m on %s where m.root = %d and not m.kept and %s)
   and not exists (select 1 from pg_temp.sower_mark m where %s)`,
				child, k.rows, rowsSQL(c.tables[root].Table), onMark("m", "p"), root, k.same, onMark("m", "c")))
			if err != nil {
				return marked, explain(ctx, fmt.Sprintf("mark the rows of %s that refer to %s", k.table, c.tables[root].Name), err)
			}
			marked += n
		}
	}
	return marked, nil
}

// Dependents counts what others hang on rows that are to go.
func (c *cleaning) Dependents(ctx context.Context) (all []sink.Dependent, err error) {
	for root, t := range c.tables {
		for _, k := range c.keys[root] {
			if c.takes(k) {
				continue
			}
			n, err := c.s.number(ctx, fmt.Sprintf(`select count(*) from %s c
 where exists (select 1 from %s p join pg_temp.sower_mark m on %s where m.root = %d and not m.kept and %s)
   and not exists (select 1 from pg_temp.sower_mark m where %s)%s`,
				k.rows, rowsSQL(t.Table), onMark("m", "p"), root, k.same, onMark("m", "c"), c.notTaken("c")))
			if err != nil {
				return nil, explain(ctx, fmt.Sprintf("count the rows of %s that refer to %s", k.table, t.Name), err)
			}
			if n > 0 {
				all = append(all, sink.Dependent{Table: k.table, Constraint: k.name, Parent: t.Name, Rows: n})
			}
		}
	}
	return all, nil
}

// Marked counts the rows that are to go.
func (c *cleaning) Marked(ctx context.Context, t *sink.Target) (int64, error) {
	root, err := c.root(ctx, t)
	if err != nil {
		return 0, err
	}
	n, err := c.s.number(ctx, "select count(*) from pg_temp.sower_mark where root = $1::int and not kept", int64(root))
	return n, explain(ctx, "count the marks", err)
}

// Begin records that the run is whole no more.
func (c *cleaning) Begin(ctx context.Context, r *sink.Run, counted map[string]int64) error {
	err := c.s.transact(ctx, begin, func() error {
		n, err := c.s.number(ctx, "with found as (update sower.run set state = $2, finished = null where number = $1 returning 1) select count(*) from found", r.Number, string(sink.Running))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("there is no run %d any more", r.Number)
		}
		if r.State != sink.Complete {
			return nil // its ledger says which of the counted rows stand
		}
		for name, n := range counted { // of a run whose ledger was not kept
			if _, err := c.s.exec(ctx, `insert into sower.ledger (run, table_name, first_row, row_count)
select $1::bigint, $2::text, 0, $3::bigint where not exists (select 1 from sower.ledger where run = $1 and table_name = $2)`, r.Number, name, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return c.db.recordError(ctx, "record that the run is being cleaned", err)
	}
	r.State, c.run = sink.Running, r.Number
	return nil
}

// repeatableRead makes the server refuse to delete, by a key's action, rows that came after the look at them.
const repeatableRead = "begin isolation level repeatable read"

// Delete deletes marked rows in batches.
func (c *cleaning) Delete(ctx context.Context, t *sink.Target, n int64, whole bool, each func(int64)) (total int64, err error) {
	what := "delete rows of " + tableName(t.Table)
	root, err := c.root(ctx, t)
	if err != nil {
		return 0, err
	}
	row, err := c.s.row(ctx, "select min(n) - 1, max(n) from pg_temp.sower_mark where root = $1::int and not kept", int64(root))
	if err != nil {
		return 0, explain(ctx, what, err)
	}
	first, last := toInt(row[0]), toInt(row[1])
	if row[1] == nil && !whole {
		return 0, nil
	}
	serve, err := c.unserved(ctx, []int{root})
	if err != nil {
		return 0, explain(ctx, what, err)
	}
	if whole || n <= 0 || len(serve) > 0 { // an index is made once, not for each batch
		n = last - first
	}
	for to := last; to > first || whole; to -= n {
		from := max(to-n, first)
		deleted, err := c.inBatches(ctx, []int{root}, from, to, whole, serve)
		if err != nil {
			return total, explain(ctx, what, err)
		}
		total += deleted[0]
		each(deleted[0])
		if whole {
			break
		}
	}
	return total, nil
}

// DeleteTogether deletes from several tables by one statement, at whose end the keys are checked.
func (c *cleaning) DeleteTogether(ctx context.Context, tables []*sink.Target) ([]int64, error) {
	var roots []int
	var names []string
	for _, t := range tables {
		root, err := c.root(ctx, t)
		if err != nil {
			return nil, err
		}
		roots, names = append(roots, root), append(names, t.Name)
	}
	last, err := c.s.number(ctx, "select coalesce(max(n), 0) from pg_temp.sower_mark")
	if err != nil {
		return nil, explain(ctx, "count the marks", err)
	}
	serve, err := c.unserved(ctx, roots)
	if err != nil {
		return nil, explain(ctx, "delete rows of "+strings.Join(names, ", "), err)
	}
	deleted, err := c.inBatches(ctx, roots, 0, last, false, serve)
	return deleted, explain(ctx, "delete rows of "+strings.Join(names, ", "), err)
}

// inBatches deletes the rows of the marks from (excluding) to (including) of some tables, as one
// transaction, which is tried again where it met another. Indexes for the keys to serve stand meanwhile.
func (c *cleaning) inBatches(ctx context.Context, roots []int, from, to int64, ledger bool, serve []unserved) (deleted []int64, err error) {
	var parts, counts []string
	var tables []*schema.Table
	for i, root := range roots {
		tables = append(tables, c.tables[root].Table)
		parts = append(parts, fmt.Sprintf(`d%[1]d as (delete from %[2]s p where p.ctid = any (array(select tid from pg_temp.sower_mark where root = %[3]d and not kept and n > %[4]d and n <= %[5]d))
   and exists (select 1 from pg_temp.sower_mark m where m.root = %[3]d and not m.kept and m.n > %[4]d and m.n <= %[5]d and %[6]s) returning 1)`, i, rowsSQL(c.tables[root].Table), root, from, to, onMark("m", "p")))
		counts = append(counts, fmt.Sprintf("(select pg_catalog.count(*) from d%d)", i))
	}
	sql := "with " + strings.Join(parts, ", ") + " select " + strings.Join(counts, ", ")
	err = repeatedly(ctx, func() error {
		if c.s.pg.IsClosed() {
			return errors.New("the connection was lost, and with it the marks: what was deleted is gone, the same command again goes on")
		}
		return c.s.transact(ctx, repeatableRead, func() error {
			if err := c.db.mayNow(ctx, c.s, tables, reading|deleting); err != nil {
				return err
			}
			var drops []string
			for _, k := range serve {
				drop, err := c.serve(ctx, k)
				if err != nil {
					return err
				}
				if drop != "" {
					drops = append(drops, drop)
				}
			}
			if err := c.unharmed(ctx, roots, from, to); err != nil {
				return err
			}
			if err := c.s.useHere(ctx, c.s.own); err != nil { // triggers of the table find what they call
				return err
			}
			row, err := c.s.row(ctx, sql)
			if err != nil {
				return err
			}
			deleted = deleted[:0]
			for _, cell := range row {
				deleted = append(deleted, toInt(cell))
			}
			if ledger {
				for _, root := range roots {
					if _, err := c.s.exec(ctx, "delete from sower.ledger where run = $1 and table_name = $2", c.run, c.tables[root].Name); err != nil {
						return err
					}
				}
			}
			if len(drops) == 0 {
				return nil
			}
			return c.s.run(ctx, "set constraints all immediate; "+strings.Join(drops, "; "))
		})
	})
	return deleted, err
}

// unharmed is an error where deleting would change rows of others that came to refer to these rows
// meanwhile. Where a key has no action of its own, the server refuses by itself.
func (c *cleaning) unharmed(ctx context.Context, roots []int, from, to int64) error {
	for _, root := range roots {
		for _, k := range c.keys[root] {
			if !k.acts {
				continue
			}
			n, err := c.s.number(ctx, fmt.Sprintf(`select count(*) from %s c
 where exists (select 1 from %s p join pg_temp.sower_mark m on %s where m.root = %d and not m.kept and m.n > %d and m.n <= %d and %s)
   and not exists (select 1 from pg_temp.sower_mark m where %s and not m.kept)`,
				k.rows, rowsSQL(c.tables[root].Table), onMark("m", "p"), root, from, to, k.same, onMark("m", "c")))
			if err != nil {
				return err
			}
			if n > 0 {
				return &failure{text: fmt.Sprintf("%d rows of %s have come to refer to them meanwhile (%s): nothing of this batch is deleted", n, k.table, k.name)}
			}
		}
	}
	return nil
}

// Forget deletes the record of a run. With the last one goes all that sower made for records.
func (c *cleaning) Forget(ctx context.Context, run int64) (left string, err error) {
	err = c.s.transact(ctx, begin, func() error {
		for _, sql := range []string{"delete from sower.ledger where run = $1", "delete from sower.run where number = $1"} {
			if _, err := c.s.exec(ctx, sql, run); err != nil {
				return err
			}
		}
		if runs, err := c.s.number(ctx, "select count(*) from sower.run where state <> 'superseded'"); err != nil || runs > 0 {
			return err
		}
		if err := c.s.run(ctx, "savepoint last"); err != nil {
			return err
		}
		err := c.s.run(ctx, "drop table if exists sower.form; drop table sower.ledger, sower.run; drop schema sower")
		if code(err) == "" {
			return err
		}
		left = err.Error() // it is another's, or others keep things in it
		return c.s.run(ctx, "rollback to savepoint last")
	})
	if err != nil {
		return "", c.db.recordError(ctx, "forget the run", err)
	}
	return left, nil
}
