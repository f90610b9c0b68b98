package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// Inspect reflects the tables that people made: ordinary and partitioned ones outside of the system's
// schemas, of extensions and of sower's own schema. It asks a handful of questions however many tables
// there are. Expressions and type names come with their schemas, whatever the search path is.
func (db *DB) Inspect(ctx context.Context) (*schema.Database, error) {
	d := &schema.Database{Dialect: "postgres", Version: db.version}
	err := db.read(ctx, func(s *session) error {
		i := inspector{s: s, major: db.major, db: d, tables: map[uint32]*table{}, domains: map[uint32]*domain{}, enums: map[uint32][]string{}, types: map[uint32]rawType{}}
		for _, step := range []func(context.Context) error{
			i.readDatabase, i.readTables, i.readTypes, i.readDomains, i.readColumns, i.readSequences, i.readIndexes, i.readConstraints, i.readTriggers,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		i.placePartitions()
		return i.findLateSequences(ctx)
	})
	if err != nil {
		return nil, explain(ctx, "inspect "+db.where, err)
	}
	return d, nil
}

// DatabaseName is the server's own word for the database that this connection is in.
func (db *DB) DatabaseName(ctx context.Context) (name string, err error) {
	err = db.control(ctx, func(s *session) error {
		row, err := s.row(ctx, "select current_database()")
		if err == nil {
			name = string(row[0])
		}
		return explain(ctx, "ask "+db.where+" for its name", err)
	})
	return name, err
}

// inspector collects what the catalog's answers say.
type inspector struct {
	s       *session
	major   int
	db      *schema.Database
	tables  map[uint32]*table // by oid
	order   []*table
	domains map[uint32]*domain
	enums   map[uint32][]string
	types   map[uint32]rawType
	path    string // the user's search path
}

// table is a table with what only the catalog's numbers tell.
type table struct {
	*schema.Table
	oid      uint32
	parent   uint32 // of a partition
	listKey  int    // partitioned by list: the number of the key column; 0 for an expression
	strategy string // partitioned: list, range, hash
	byNumber map[int]*schema.Column
}

// ownSchema is the first schema of the search path that is not sower's record: "$user" leads there for a
// role of that name.
const ownSchema = "(select s from unnest(current_schemas(false)) with ordinality x(s, n) where s <> 'sower' order by n limit 1)"

func (i *inspector) readDatabase(ctx context.Context) error {
	row, err := i.s.row(ctx, "select current_database(), "+ownSchema+", current_setting('search_path')")
	if err != nil {
		return err
	}
	i.db.Name, i.db.Defaults, i.path = string(row[0]), string(row[1]), string(row[2])
	// So that the catalog's expressions name everything with its schema. It ends with the transaction.
	return i.s.run(ctx, "set local search_path = ''")
}

// userSchemas is the condition on a pg_namespace n.
const userSchemas = `n.nspname <> 'information_schema' and n.nspname <> 'sower' and n.nspname !~ '^pg_'`

func (i *inspector) readTables(ctx context.Context) error {
	const sql = `
select c.oid, n.nspname, c.relname, c.relkind, coalesce(x.extname, ''), coalesce(m.description, ''),
       c.relrowsecurity, case when c.reltuples = 0 and c.relpages = 0 and c.relkind = 'r' then -1 else c.reltuples end::bigint,
       has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert'),
       coalesce(h.inhparent, 0), coalesce(pg_get_expr(c.relpartbound, c.oid), ''),
       coalesce(p.partstrat::text, ''), case when p.partnatts = 1 then p.partattrs[0] else 0 end
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_description m on m.classoid = 'pg_class'::regclass and m.objoid = c.oid and m.objsubid = 0
  left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0 and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass
  left join pg_extension x on x.oid = d.refobjid
  left join pg_inherits h on h.inhrelid = c.oid and c.relispartition
  left join pg_partitioned_table p on p.partrelid = c.oid
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't' and ` + userSchemas + `
 order by n.nspname, c.relname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		nsp, name, kind, extension := string(r[1]), string(r[2]), r[3][0], string(r[4])
		what := map[byte]string{'r': "table", 'p': "table", 'v': "view", 'm': "materialized view", 'f': "foreign table"}[kind]
		if extension != "" {
			what += " of the extension " + extension
		}
		if extension != "" || kind != 'r' && kind != 'p' {
			i.db.LeftOut = append(i.db.LeftOut, fmt.Sprintf("%s.%s (%s)", nsp, name, what))
			if kind != 'r' && kind != 'p' {
				return nil
			}
		}
		t := &table{oid: uint32(toInt(r[0])), parent: uint32(toInt(r[9])), listKey: int(toInt(r[12])), byNumber: map[int]*schema.Column{}}
		t.strategy = map[string]string{"l": "list", "r": "range", "h": "hash"}[string(r[11])]
		t.Table = &schema.Table{Schema: nsp, Name: name, Comment: string(r[5]), Partitioned: kind == 'p',
			RowSecurity: toBool(r[6]), Rows: toInt(r[7]), CanInsert: toBool(r[8])}
		if t.parent != 0 {
			t.Partition = &schema.Partition{Bound: string(r[10])}
		}
		i.tables[t.oid] = t
		if extension != "" {
			return nil // known only to the foreign keys that refer to it
		}
		i.order = append(i.order, t)
		i.db.Tables = append(i.db.Tables, t.Table)
		return nil
	})
}

// readTypes reads the types that columns or domains have.
func (i *inspector) readTypes(ctx context.Context) error {
	const sql = `
select t.oid, format_type(t.oid, null), case when n.nspname = 'pg_catalog' then t.typname else '' end, t.typname
  from pg_type t
  join pg_namespace n on n.oid = t.typnamespace
 where t.oid in (select a.atttypid from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and ` + userSchemas + `
                 union select typbasetype from pg_type where typtype = 'd')`
	err := i.s.each(ctx, sql, func(r [][]byte) error {
		i.types[uint32(toInt(r[0]))] = rawType{name: string(r[1]), base: string(r[2]), own: string(r[3])}
		return nil
	})
	if err != nil {
		return err
	}
	return i.s.each(ctx, "select enumtypid, enumlabel from pg_enum order by enumtypid, enumsortorder", func(r [][]byte) error {
		oid := uint32(toInt(r[0]))
		i.enums[oid] = append(i.enums[oid], string(r[1]))
		return nil
	})
}

func (i *inspector) readDomains(ctx context.Context) error {
	const sql = `
select t.oid, format_type(t.oid, null), t.typbasetype, t.typtypmod, t.typnotnull, coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault, '')
  from pg_type t where t.typtype = 'd'`
	err := i.s.each(ctx, sql, func(r [][]byte) error {
		i.domains[uint32(toInt(r[0]))] = &domain{name: string(r[1]), over: uint32(toInt(r[2])), typmod: int32(toInt(r[3])), notNull: toBool(r[4]), dflt: string(r[5])}
		return nil
	})
	if err != nil || len(i.domains) == 0 {
		return err
	}
	const checks = `
select contypid, conname, pg_get_expr(conbin, 0) from pg_constraint where contypid <> 0 and contype = 'c' order by contypid, conname`
	return i.s.each(ctx, checks, func(r [][]byte) error {
		if d := i.domains[uint32(toInt(r[0]))]; d != nil {
			d.checks = append(d.checks, &schema.Check{Name: string(r[1]), Expression: string(r[2])})
		}
		return nil
	})
}

func (i *inspector) readColumns(ctx context.Context) error {
	const sql = `
select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated <> '',
       coalesce(pg_get_expr(e.adbin, e.adrelid), ''), coalesce(m.description, ''),
       case when a.attcollation <> t.typcollation or t.typtype = 'd' and a.attcollation not in (0, 100) then a.attcollation::regcollation::text else '' end
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
  left join pg_description m on m.classoid = 'pg_class'::regclass and m.objoid = a.attrelid and m.objsubid = a.attnum
 where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and ` + userSchemas + `
 order by a.attrelid, a.attnum`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		t := i.tables[uint32(toInt(r[0]))]
		if t == nil {
			return nil
		}
		c := &schema.Column{Name: string(r[2]), NotNull: toBool(r[5]), Generated: toBool(r[7]), Comment: string(r[9]), Collation: string(r[10])}
		if !c.Generated {
			c.Default = string(r[8])
		}
		switch string(r[6]) {
		case "a":
			c.Identity = "always"
		case "d":
			c.Identity = "by default"
		}
		i.setType(t, c, uint32(toInt(r[3])), int32(toInt(r[4])))
		t.Columns = append(t.Columns, c)
		t.byNumber[int(toInt(r[1]))] = c
		return nil
	})
}

// setType resolves a column's type through its domains; their checks become checks of the table.
func (i *inspector) setType(t *table, c *schema.Column, oid uint32, typmod int32) {
	name := ""
	for d := i.domains[oid]; d != nil; d = i.domains[oid] {
		if name == "" {
			name = d.name
		}
		c.NotNull = c.NotNull || d.notNull
		if c.Default == "" && !c.Generated && c.Identity == "" {
			c.Default = d.dflt
		}
		for _, k := range d.checks {
			t.Checks = append(t.Checks, &schema.Check{Name: k.Name, Expression: k.Expression, Columns: []string{c.Name}})
		}
		oid, typmod = d.over, d.typmod
	}
	c.Type = typeOf(i.types[oid], typmod)
	c.Type.Domain, c.Type.Enum = name, i.enums[oid]
}

// readSequences finds the sequences that feed columns: of identity columns, and those whose nextval is
// the default, whoever owns them.
func (i *inspector) readSequences(ctx context.Context) error {
	const sql = `
select d.refobjid, d.refobjsubid, s.oid::regclass::text
  from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
 where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype = 'i'
union all
select e.adrelid, e.adnum, s.oid::regclass::text
  from pg_depend d join pg_class s on s.oid = d.refobjid and s.relkind = 'S' join pg_attrdef e on e.oid = d.objid
 where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and pg_get_expr(e.adbin, e.adrelid) like '%nextval(%'`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		if t := i.tables[uint32(toInt(r[0]))]; t != nil {
			if c := t.byNumber[int(toInt(r[1]))]; c != nil {
				c.Sequence = string(r[2])
			}
		}
		return nil
	})
}

// findLateSequences finds the sequences of defaults that name them by text, which no dependency tells.
func (i *inspector) findLateSequences(ctx context.Context) error {
	var cols []*schema.Column
	for _, t := range i.order {
		for _, c := range t.Columns {
			if c.Sequence == "" && strings.HasPrefix(c.Default, "nextval(") {
				cols = append(cols, c)
			}
		}
	}
	if len(cols) == 0 {
		return nil
	}
	// Such a name means what it means on the user's search path.
	if _, err := i.s.exec(ctx, "select set_config('search_path', $1, true)", i.path); err != nil {
		return err
	}
	for _, c := range cols {
		_, rest, _ := strings.Cut(c.Default, "'")
		name, _, _ := strings.Cut(rest, "'::")
		row, err := i.s.row(ctx, `select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1) and c.relkind = 'S'`, strings.ReplaceAll(name, "''", "'"))
		if err != nil {
			return err
		}
		if row != nil {
			c.Sequence = string(row[0])
		}
	}
	return nil
}

func (i *inspector) readIndexes(ctx context.Context) error {
	nulls := "false"
	if i.major >= 15 {
		nulls = "x.indnullsnotdistinct"
	}
	count := map[uint32]int{}
	err := i.s.each(ctx, "select indrelid, count(*) from pg_index where indislive group by 1", func(r [][]byte) error {
		count[uint32(toInt(r[0]))] = int(toInt(r[1]))
		return nil
	})
	if err != nil {
		return err
	}
	for oid, t := range i.tables {
		t.Indexes = count[oid]
	}
	sql := `
select x.indrelid, k.relname, x.indisprimary, (x.indkey::int2[])[0:x.indnkeyatts - 1], coalesce(pg_get_expr(x.indpred, x.indrelid), ''), ` + nulls + `,
       case when x.indexprs is not null then
         (select array_to_string(array_agg(pg_get_indexdef(x.indexrelid, p, false) order by p), e'\x01') from generate_series(1, x.indnkeyatts) p)
       end
  from pg_index x
  join pg_class k on k.oid = x.indexrelid
  join pg_class c on c.oid = x.indrelid
  join pg_namespace n on n.oid = c.relnamespace
 where x.indisunique and x.indislive and c.relkind in ('r', 'p') and ` + userSchemas + `
 order by x.indrelid, not x.indisprimary, k.relname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		t := i.tables[uint32(toInt(r[0]))]
		if t == nil {
			return nil
		}
		u := &schema.Unique{Name: string(r[1]), Primary: toBool(r[2]), Where: string(r[4]), NullsNotDistinct: toBool(r[5])}
		if r[6] != nil && slices.Contains(toInts(afterBounds(r[3])), 0) {
			u.Expressions = strings.Split(string(r[6]), "\x01")
		} else {
			u.Columns = t.names(toInts(afterBounds(r[3])))
		}
		t.Uniques = append(t.Uniques, u)
		if u.Primary {
			t.PrimaryKey = u
		}
		return nil
	})
}

// afterBounds leaves out the bounds of an array's text: "[0:1]={1,2}".
func afterBounds(b []byte) []byte {
	if _, rest, ok := strings.Cut(string(b), "="); ok {
		return []byte(rest)
	}
	return b
}

// names gives the columns of attribute numbers.
func (t *table) names(numbers []int) (names []string) {
	for _, n := range numbers {
		if c := t.byNumber[n]; c != nil {
			names = append(names, c.Name)
		}
	}
	return names
}

func (i *inspector) readConstraints(ctx context.Context) error {
	const checks = `
select conrelid, conname, pg_get_expr(conbin, conrelid), conkey from pg_constraint
 where contype = 'c' and conrelid <> 0 order by conrelid, conname`
	err := i.s.each(ctx, checks, func(r [][]byte) error {
		if t := i.tables[uint32(toInt(r[0]))]; t != nil {
			t.Checks = append(t.Checks, &schema.Check{Name: string(r[1]), Expression: string(r[2]), Columns: t.names(toInts(r[3]))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	// A foreign key to a partitioned table has inner copies to each of its partitions: they are left out.
	const keys = `
with recursive up (oid, top) as (
  select oid, oid from pg_constraint where contype = 'f' and conparentid = 0
  union all
  select k.oid, u.top from pg_constraint k join up u on k.conparentid = u.oid where k.contype = 'f'
)
select k.conrelid, k.conname, k.confrelid, k.conkey, k.confkey, k.condeferrable, k.confmatchtype = 'f'
  from up join pg_constraint k on k.oid = up.oid join pg_constraint o on o.oid = up.top
 where k.confrelid = o.confrelid order by k.conrelid, k.conname`
	return i.s.each(ctx, keys, func(r [][]byte) error {
		t, ref := i.tables[uint32(toInt(r[0]))], i.tables[uint32(toInt(r[2]))]
		if t == nil || ref == nil {
			return nil
		}
		t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Name: string(r[1]), Columns: t.names(toInts(r[3])),
			RefSchema: ref.Schema, RefTable: ref.Name, RefColumns: ref.names(toInts(r[4])), Deferrable: toBool(r[5]), MatchFull: toBool(r[6])})
		return nil
	})
}

func (i *inspector) readTriggers(ctx context.Context) error {
	const sql = `select tgrelid, tgname from pg_trigger where not tgisinternal and tgenabled in ('O', 'A') order by tgrelid, tgname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		if t := i.tables[uint32(toInt(r[0]))]; t != nil {
			t.Triggers = append(t.Triggers, &schema.Trigger{Name: string(r[1]), Row: true})
		}
		return nil
	})
}
