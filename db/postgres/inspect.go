package postgres

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/schema"
)

// Inspect reflects the tables that people made: ordinary and partitioned ones outside of the system's
// schemas, of extensions and of sower's own schema. It asks a handful of questions however many tables
// there are. Expressions and type names come with their schemas, whatever the search path is.
func (db *DB) Inspect(ctx context.Context) (*schema.Database, error) {
	d := &schema.Database{Dialect: "postgres", Version: db.version}
	err := db.read(ctx, func(s *session) error {
		i := inspector{s: s, major: int(db.major.Load()), db: d, tables: map[uint32]*table{}, enums: map[uint32][]string{}, types: map[uint32]*rawType{}, calls: map[uint32][]string{}}
		for _, step := range []func(context.Context) error{
			i.readDatabase, i.readTables, i.readInheritance, i.readFunctions, i.readTypes, i.readColumns, i.readIndexes, i.readJournaled, i.readExclusions,
			i.readChecks, i.readForeignKeys, i.readTriggers, i.readSequences, i.placePartitions, i.findLateSequences, i.findCode, i.findRows,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		i.feedSequences()
		return nil
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
	s      *session
	major  int
	db     *schema.Database
	tables map[uint32]*table // by oid
	order  []*table
	types  map[uint32]*rawType
	enums  map[uint32][]string
	calls  map[uint32][]string // by constraint: the user's functions that its check calls
}

// table is a table with what only the catalog's numbers tell.
type table struct {
	*schema.Table
	oid      uint32
	parent   uint32 // of a partition
	key      []int  // partitioned: the numbers of the key columns; 0 for an expression
	strategy string // partitioned: list, range, hash
	byNumber map[int]*schema.Column
	stored   bool // its file is not empty: rows, or what is left of them
	readable bool // the role may read it, and sees all of its rows
}

// ownSchema is the first schema of the search path that is not sower's record: "$user" leads there for a
// role of that name. It is asked under the own path.
const ownSchema = "(select s from pg_catalog.unnest(pg_catalog.current_schemas(false)) with ordinality x(s, n) where s operator(pg_catalog.<>) 'sower' order by n limit 1)"

func (i *inspector) readDatabase(ctx context.Context) error {
	if err := i.s.useHere(ctx, i.s.own); err != nil {
		return err
	}
	row, err := i.s.row(ctx, "select pg_catalog.current_database(), "+ownSchema)
	if err != nil {
		return err
	}
	i.db.Name, i.db.Defaults = string(row[0]), string(row[1])
	// Under it the catalog's expressions name everything but pg_catalog's with its schema.
	return i.s.useHere(ctx, controlPath)
}

// userSchemas is the condition on a pg_namespace n.
const userSchemas = `n.nspname <> 'information_schema' and n.nspname <> 'sower' and n.nspname !~ '^pg_'`

// qualified is the quoted name of what is called so in the pg_namespace n.
func qualified(name string) string {
	return "quote_ident(n.nspname) || '.' || quote_ident(" + name + ")"
}

func (i *inspector) readTables(ctx context.Context) error {
	const sql = `
select c.oid, n.nspname, c.relname, c.relkind, coalesce(x.extname, ''), coalesce(m.description, ''),
       c.relrowsecurity, case when c.reltuples = 0 and c.relpages = 0 and c.relkind = 'r' then -1 else c.reltuples end::bigint,
       has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'insert'),
       coalesce(h.inhparent, 0), coalesce(pg_get_expr(c.relpartbound, c.oid), ''),
       coalesce(p.partstrat::text, ''), coalesce(p.partattrs::text, ''), c.relpersistence = 'u',
       case when c.relispartition and c.relkind in ('r', 'p') then coalesce(pg_get_partition_constraintdef(c.oid), '') end,
       c.relkind = 'r' and coalesce(pg_relation_size(c.oid), 0) > 0,
       has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select') and not (c.relrowsecurity and row_security_active(c.oid))
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
		t := &table{oid: toOID(r[0]), parent: toOID(r[9]), key: toInts(r[12]), stored: toBool(r[15]), readable: toBool(r[16]), byNumber: map[int]*schema.Column{}}
		t.strategy = map[string]string{"l": "list", "r": "range", "h": "hash"}[string(r[11])]
		t.Table = &schema.Table{Schema: nsp, Name: name, ID: int64(t.oid), Comment: string(r[5]), Partitioned: kind == 'p',
			RowSecurity: toBool(r[6]), Rows: toInt(r[7]), CanInsert: toBool(r[8]), Unlogged: toBool(r[13])}
		if t.parent != 0 {
			t.Partition = &schema.Partition{Bound: string(r[10]), Condition: string(r[14])}
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

// readInheritance reads who inherits from whom, partitions left out.
func (i *inspector) readInheritance(ctx context.Context) error {
	const sql = `
select h.inhrelid, h.inhparent, c.relkind from pg_inherits h join pg_class c on c.oid = h.inhrelid
 where not c.relispartition and c.relkind in ('r', 'f') order by h.inhrelid, h.inhseqno`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		child, parent := i.tables[toOID(r[0])], i.tables[toOID(r[1])]
		if parent == nil {
			return nil
		}
		parent.Inherited = true
		if child != nil {
			child.Inherits = append(child.Inherits, parent.Schema+"."+parent.Name)
		}
		return nil
	})
}

func (i *inspector) readColumns(ctx context.Context) error {
	const sql = `
select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated <> '',
       coalesce(pg_get_expr(e.adbin, e.adrelid), ''), coalesce(m.description, ''),
       case when a.attcollation <> t.typcollation or t.typtype = 'd' and a.attcollation not in (0, 100) then a.attcollation::regcollation::text else '' end,
       a.attndims, not has_table_privilege(c.oid, 'insert') and not has_column_privilege(c.oid, a.attnum, 'insert')
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
  left join pg_description m on m.classoid = 'pg_class'::regclass and m.objoid = a.attrelid and m.objsubid = a.attnum
 where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and ` + userSchemas + `
 order by a.attrelid, a.attnum`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		t := i.tables[toOID(r[0])]
		if t == nil {
			return nil
		}
		c := &schema.Column{Name: string(r[2]), ID: int(toInt(r[1])), NotNull: toBool(r[5]), Generated: toBool(r[7]), Comment: string(r[9]), Collation: string(r[10]), Denied: t.CanInsert && toBool(r[12])}
		if c.Generated {
			c.Computed = string(r[8])
		} else {
			c.Default = string(r[8])
		}
		switch string(r[6]) {
		case "a":
			c.Identity = "always"
		case "d":
			c.Identity = "by default"
		}
		i.setType(t, c, toOID(r[3]), int32(toInt(r[4])), int(toInt(r[11])))
		t.Columns = append(t.Columns, c)
		t.byNumber[int(toInt(r[1]))] = c
		return nil
	})
}

// setType gives a column its type; the checks of its domains become checks of the table.
func (i *inspector) setType(t *table, c *schema.Column, oid uint32, typmod int32, dims int) {
	for d := i.types[oid]; d != nil && d.kind == 'd'; d = i.types[d.over] {
		c.NotNull = c.NotNull || d.notNull
		if c.Default == "" && !c.Generated && c.Identity == "" {
			c.Default = d.dflt
		}
		for _, k := range d.checks {
			own := *k
			own.Columns = []string{c.Name}
			t.Checks = append(t.Checks, &own)
		}
	}
	c.Type = i.typeAt(oid, typmod, dims, 0)
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
