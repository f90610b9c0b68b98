package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// Inspect reflects the schema. Generated columns are marked, those hidden in virtual tables left out;
// views, virtual tables and what virtual tables keep are in LeftOut; SQLite's own tables and those of
// sower (sqlite_*, sower_*) are not shown at all. It reads in a handful of queries, however many tables
// there are.
func (db *DB) Inspect(ctx context.Context) (*schema.Database, error) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	tx, err := db.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one state of the file for all queries
	if err != nil {
		return nil, db.failure("inspect "+db.path, err)
	}
	defer tx.Rollback()
	in := &inspection{ctx: ctx, tx: tx, db: &schema.Database{Dialect: "sqlite", Name: db.name}, tables: map[string]*inspected{}, partial: map[string]bool{}, readOnly: db.readOnly}
	for _, step := range []func() error{in.readTables, in.readColumns, in.readKeys, in.readForeignKeys, in.readTriggers, in.readStatistics, in.findRows} {
		if err := step(); err != nil {
			return nil, db.failure("inspect "+db.path, err)
		}
	}
	return in.db, nil
}

type inspection struct {
	ctx      context.Context
	tx       *sql.Tx
	db       *schema.Database
	tables   map[string]*inspected
	readOnly bool
	partial  map[string]bool // names of partial indexes
}

// inspected is a table with what is known of it besides.
type inspected struct {
	*schema.Table
	text tableText
	pk   map[int]string // column by its place in the key, from 1
}

// each runs a query and calls do for every row, whose values scan reads.
func (in *inspection) each(query string, do func(scan func(...any) error) error) error {
	rows, err := in.tx.QueryContext(in.ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ours are the ordinary tables of the file.
const ours = `
	with ours as (
		select l.name, l.wr, l.strict, s.sql, s.rowid as ord from pragma_table_list l join sqlite_schema s on s.type = 'table' and s.name = l.name
		where l.schema = 'main' and l.type = 'table' and l.name not like 'sqlite\_%' escape '\' and l.name not like 'sower\_%' escape '\')
`

func (in *inspection) readTables() error {
	if err := in.tx.QueryRowContext(in.ctx, "select sqlite_version()").Scan(&in.db.Version); err != nil {
		return err
	}
	err := in.each(ours+"select name, wr, strict, sql from ours order by name", func(scan func(...any) error) error {
		var name, text string
		var withoutRowid, strict bool
		if err := scan(&name, &withoutRowid, &strict, &text); err != nil {
			return err
		}
		t := &inspected{Table: &schema.Table{Name: name, CanInsert: !in.readOnly, Rows: -1}, text: readTable(text), pk: map[int]string{}}
		if withoutRowid {
			t.Options = append(t.Options, "without rowid")
		}
		if strict {
			t.Options = append(t.Options, "strict")
		}
		in.tables[name] = t
		in.db.Tables = append(in.db.Tables, t.Table)
		return nil
	})
	if err != nil {
		return err
	}
	return in.each(`select name, case type when 'virtual' then 'virtual table' when 'shadow' then 'part of a virtual table' else type end from pragma_table_list
		where schema = 'main' and type <> 'table' and name not like 'sqlite\_%' escape '\' order by name`, func(scan func(...any) error) error {
		var name, what string
		err := scan(&name, &what)
		in.db.LeftOut = append(in.db.LeftOut, name+" ("+what+")")
		return err
	})
}

func (in *inspection) readColumns() error {
	return in.each(ours+`select o.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden from ours o join pragma_table_xinfo(o.name) c order by o.name, c.cid`, func(scan func(...any) error) error {
		var table, name, declared string
		var notNull bool
		var def sql.NullString
		var pk, hidden int
		if err := scan(&table, &name, &declared, &notNull, &def, &pk, &hidden); err != nil {
			return err
		}
		if hidden == 1 {
			return nil
		}
		t := in.tables[table]
		c := &schema.Column{Name: name, Type: typeOf(declared), NotNull: notNull || pk > 0, Default: def.String, Generated: hidden > 1}
		for of, expression := range t.text.computed {
			if strings.EqualFold(of, name) && c.Generated {
				c.Computed = expression
			}
		}
		for of, collation := range t.text.collations {
			if strings.EqualFold(of, name) && !strings.EqualFold(collation, "binary") {
				c.Collation = collation
			}
		}
		t.Columns = append(t.Columns, c)
		if pk > 0 {
			t.pk[pk] = name
		}
		return nil
	})
}

// readKeys reads the indexes, and makes keys of the unique ones and of the rowid.
func (in *inspection) readKeys() error {
	type index struct {
		unique       *schema.Unique
		plain        bool     // its parts are columns under their own collations
		parts        []string // as the index's text has them
		pk, isUnique bool
	}
	keyed := map[string]bool{} // tables whose primary key is an index
	var current *index
	flush := func(table string) {
		if current == nil || !current.isUnique {
			return
		}
		u := current.unique
		if !current.plain {
			u.Columns, u.Expressions = nil, current.parts
		}
		t := in.tables[table]
		u.Depends = slices.Clone(u.Columns)
		for _, name := range namesIn(strings.Join(u.Expressions, ", ")+" "+u.Where, t.names()) {
			if !slices.Contains(u.Depends, name) {
				u.Depends = append(u.Depends, name)
			}
		}
		t.Uniques = append(t.Uniques, u)
		if current.pk {
			t.PrimaryKey = u
			keyed[table] = true
		}
	}
	last, lastIndex := "", ""
	err := in.each(ours+`select o.name, i.name, i."unique", i.origin, i.partial, s.sql, x.cid, x.name, x.coll
		from ours o join pragma_index_list(o.name) i join pragma_index_xinfo(i.name) x left join sqlite_schema s on s.type = 'index' and s.name = i.name
		where x.key order by o.name, i.seq desc, x.seqno`, func(scan func(...any) error) error {
		var table, name, origin, collation string
		var isUnique, partial bool
		var text, col sql.NullString
		var cid int
		if err := scan(&table, &name, &isUnique, &origin, &partial, &text, &cid, &col, &collation); err != nil {
			return err
		}
		t := in.tables[table]
		if table != last || name != lastIndex {
			flush(last)
			last, lastIndex = table, name
			t.Indexes++
			in.partial[name] = partial
			current = &index{unique: &schema.Unique{Name: name, Primary: origin == "pk", Constraint: origin != "c"}, plain: true, pk: origin == "pk", isUnique: isUnique}
			if text.Valid {
				current.parts, current.unique.Where = readIndex(text.String)
			}
		}
		c := t.Column(col.String)
		if cid < 0 || c == nil {
			current.plain = false // an expression
			return nil
		}
		if own := cmpOr(c.Collation, "BINARY"); !strings.EqualFold(own, collation) {
			current.plain = false // the column under another collation is unique in another way
			if !text.Valid {
				current.parts = append(current.parts, quoteIdent(c.Name)+" collate "+collation)
			}
		} else if !text.Valid {
			current.parts = append(current.parts, quoteIdent(c.Name))
		}
		current.unique.Columns = append(current.unique.Columns, c.Name)
		return nil
	})
	if err != nil {
		return err
	}
	flush(last)
	for name, t := range in.tables {
		if len(t.pk) == 0 || keyed[name] {
			continue
		}
		// INTEGER PRIMARY KEY: the key is the rowid, which SQLite fills where it is not given.
		c := t.Column(t.pk[1])
		c.Identity = "by default"
		if t.text.autoincrement {
			c.Sequence = sequenceTable
		}
		t.PrimaryKey = &schema.Unique{Name: "primary key", Columns: []string{c.Name}, Primary: true, Constraint: true, Depends: []string{c.Name}}
		t.Uniques = slices.Insert(t.Uniques, 0, t.PrimaryKey)
	}
	return nil
}

// sequenceTable is where SQLite keeps the last key of AUTOINCREMENT columns.
const sequenceTable = "sqlite_sequence"

func cmpOr(s, or string) string {
	if s == "" {
		return or
	}
	return s
}

func (in *inspection) readForeignKeys() error {
	last := ""
	count := map[string]int{}
	lastID := -1
	err := in.each(ours+`select o.name, f.id, f."table", f."from", f."to", f.on_delete, f.on_update from ours o join pragma_foreign_key_list(o.name) f order by o.name, f.id desc, f.seq`, func(scan func(...any) error) error {
		var table, ref, from, onDelete, onUpdate string
		var id int
		var to sql.NullString
		if err := scan(&table, &id, &ref, &from, &to, &onDelete, &onUpdate); err != nil {
			return err
		}
		t := in.tables[table]
		if table != last || id != lastID {
			last, lastID = table, id
			// SQLite numbers them from the last in the text to the first.
			k := count[table]
			count[table]++
			fk := &schema.ForeignKey{Name: "foreign key " + strconv.Itoa(k+1), RefTable: ref, OnDelete: actionOf(onDelete), OnUpdate: actionOf(onUpdate)}
			if k < len(t.text.references) {
				fk.Deferrable, fk.Deferred = t.text.references[k].deferrable, t.text.references[k].deferred
			}
			t.ForeignKeys = append(t.ForeignKeys, fk)
		}
		fk := t.ForeignKeys[len(t.ForeignKeys)-1]
		fk.Columns = append(fk.Columns, from)
		if to.Valid {
			fk.RefColumns = append(fk.RefColumns, to.String)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range in.tables {
		for _, c := range t.text.checks {
			k := &schema.Check{Name: c.name, Expression: c.expression, Columns: namesIn(c.expression, t.names())}
			if k.Name == "" {
				k.Name = t.nameCheck(k)
			}
			t.Checks = append(t.Checks, k)
		}
		for _, fk := range t.ForeignKeys {
			in.settle(t, fk)
		}
	}
	return nil
}

// nameCheck gives a check that its author left without a name the one that PostgreSQL would give it: a blueprint
// refers to checks by name.
func (t *inspected) nameCheck(k *schema.Check) string {
	base := t.Name + "_check"
	if len(k.Columns) == 1 {
		base = t.Name + "_" + k.Columns[0] + "_check"
	}
	taken := func(name string) bool {
		named := func(c checkText) bool { return strings.EqualFold(c.name, name) }
		return slices.ContainsFunc(t.text.checks, named) ||
			slices.ContainsFunc(t.Checks, func(o *schema.Check) bool { return strings.EqualFold(o.Name, name) })
	}
	name := base
	for i := 1; taken(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// names are the names of all columns.
func (t *inspected) names() (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// actionOf reads an action as SQLite writes it.
func actionOf(s string) schema.Action {
	if s = strings.ToLower(s); s == "no action" {
		return ""
	}
	return schema.Action(s)
}

// settle gives a foreign key the names as the tables have them (SQLite keeps them as they were written,
// where capitals do not count), and the parent's primary key where it names no columns.
func (in *inspection) settle(t *inspected, fk *schema.ForeignKey) {
	own(t.Table, fk.Columns)
	parent := in.tables[fk.RefTable]
	for name, p := range in.tables {
		if parent == nil && strings.EqualFold(name, fk.RefTable) {
			parent = p
		}
	}
	if parent == nil {
		fk.Broken, t.Refused = true, "its foreign key refers to the table "+fk.RefTable+", which is not there: SQLite takes no rows"
		return
	}
	fk.RefTable = parent.Name
	if len(fk.RefColumns) == 0 && parent.PrimaryKey != nil {
		fk.RefColumns = slices.Clone(parent.PrimaryKey.Columns)
	}
	own(parent.Table, fk.RefColumns)
	if !isKey(parent.Table, fk.RefColumns) {
		fk.Broken = true
		t.Refused = "its foreign key to " + fk.RefTable + " refers to no key: SQLite takes no rows"
		parent.Refused = "the foreign key of " + t.Name + " refers to no key of it: SQLite takes no rows"
	}
	names := fmt.Sprintf("%s(%s)", t.Name, strings.Join(fk.Columns, ", "))
	fk.Name = names + " -> " + fk.RefTable
}

// isKey tells whether foreign keys can refer to columns: the primary key, or those of a unique index over whole rows.
func isKey(t *schema.Table, columns []string) bool {
	names := slices.Sorted(slices.Values(columns))
	return slices.ContainsFunc(append(slices.Clone(t.Uniques), t.PrimaryKey), func(u *schema.Unique) bool {
		return u != nil && u.Where == "" && len(u.Columns) > 0 && slices.Equal(slices.Sorted(slices.Values(u.Columns)), names)
	})
}

// own puts the table's own spelling in place of column names.
func own(t *schema.Table, names []string) {
	for i, name := range names {
		if t.Column(name) != nil {
			continue
		}
		for _, c := range t.Columns {
			if strings.EqualFold(c.Name, name) {
				names[i] = c.Name
			}
		}
	}
}

func (in *inspection) readTriggers() error {
	return in.each("select tbl_name, name, sql from sqlite_schema where type = 'trigger' order by name", func(scan func(...any) error) error {
		var table, name, text string
		if err := scan(&table, &name, &text); err != nil {
			return err
		}
		before, insert, when := readTrigger(text)
		if !insert {
			return nil
		}
		for own, t := range in.tables {
			if strings.EqualFold(own, table) {
				code, err := routine.Parse(text, true)
				if err != nil {
					code = nil
				}
				t.Triggers = append(t.Triggers, &schema.Trigger{Name: name, Before: before, Row: true, When: when, Code: code})
			}
		}
		return nil
	})
}

// readStatistics takes the numbers of rows that the last ANALYZE found.
func (in *inspection) readStatistics() error {
	var analyzed bool
	err := in.tx.QueryRowContext(in.ctx, "select exists (select 1 from sqlite_schema where name = 'sqlite_stat1')").Scan(&analyzed)
	if err != nil || !analyzed {
		return err
	}
	return in.each("select tbl, coalesce(idx, ''), stat from sqlite_stat1 where stat is not null", func(scan func(...any) error) error {
		var table, index, stat string
		if err := scan(&table, &index, &stat); err != nil {
			return err
		}
		first, _, _ := strings.Cut(stat, " ")
		n, err := strconv.ParseInt(first, 10, 64)
		// A partial index counts fewer rows than the table has.
		if t := in.tables[table]; t != nil && err == nil && !in.partial[index] {
			t.Rows = n
		}
		return nil
	})
}

// rowsAtOnce is the number of tables that one question for rows names.
const rowsAtOnce = 200

// findRows tells which tables hold rows.
func (in *inspection) findRows() error {
	for part := range slices.Chunk(in.db.Tables, rowsAtOnce) {
		sql := make([]string, len(part))
		into := make([]any, len(part))
		for k, t := range part {
			sql[k] = "exists (select 1 from main." + quoteIdent(t.Name) + ")"
			into[k] = &t.HasRows
		}
		if err := in.tx.QueryRowContext(in.ctx, "select "+strings.Join(sql, ", ")).Scan(into...); err != nil {
			return err
		}
	}
	return nil
}
