package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// CreateSchema runs DDL, all in one transaction, so that it stands whole or not at all.
func (db *DB) CreateSchema(ctx context.Context, ddl string) error {
	start := true
	for _, t := range tokens(ddl) {
		if start && (t.is("begin") || t.is("commit") || t.is("rollback") || t.is("vacuum") || t.is("attach")) {
			return fmt.Errorf("create the schema in %s: the DDL has %s: leave it out, everything runs in one transaction", db.path, strings.ToUpper(t.text))
		}
		start = t.is(";")
	}
	return db.change(ctx, "create the schema in "+db.path, func(w execer) error {
		if strings.Contains(strings.ToLower(ddl), "regexp") { // see distrust; readers find out as they connect
			if err := w.exec(ctx, "pragma trusted_schema=on"); err != nil {
				return err
			}
			db.reads.SetMaxIdleConns(0)
			db.reads.SetMaxIdleConns(2)
		}
		return w.exec(ctx, ddl)
	})
}

// CreateTables gives the statements that make tables that no database has yet, with the checks and references that they
// describe, and an index for each of these.
func CreateTables(tables []*schema.Table) string {
	var b strings.Builder
	for _, t := range tables {
		b.WriteString(createTable(t, t.Checks) + ";\n")
		for _, columns := range schema.Unindexed(t) {
			name := t.Name + "_" + strings.Join(columns, "_") + "_idx"
			fmt.Fprintf(&b, "create index %s on %s (%s);\n", quoteIdent(name), quoteIdent(t.Name), quoteIdents(columns))
		}
	}
	return b.String()
}

// CreateTable gives the statement that makes a table with the columns, keys, uniques and foreign keys of t, whatever
// t was reflected from: each type becomes one that holds the same cells. Checks, defaults and uniques over
// expressions, which are in another database's SQL, stay behind; but for lists of labels.
func CreateTable(t *schema.Table) string { return createTable(t, nil) }

func createTable(t *schema.Table, checks []*schema.Check) string {
	var b strings.Builder
	fmt.Fprintf(&b, "create table %s (\n", quoteIdent(t.Name))
	rowid := ""
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  %s ", quoteIdent(c.Name))
		if c.Identity != "" && t.PrimaryKey != nil && len(t.PrimaryKey.Columns) == 1 && t.PrimaryKey.Columns[0] == c.Name {
			rowid = c.Name
			b.WriteString("integer primary key autoincrement")
			continue
		}
		b.WriteString(declaredType(c.Type))
		if c.NotNull {
			b.WriteString(" not null")
		}
		if len(c.Type.Enum) > 0 {
			labels := make([]string, len(c.Type.Enum))
			for i, l := range c.Type.Enum {
				labels[i] = quoteText(l)
			}
			fmt.Fprintf(&b, " check (%s in (%s))", quoteIdent(c.Name), strings.Join(labels, ", "))
		}
	}
	if pk := t.PrimaryKey; pk != nil && rowid == "" {
		fmt.Fprintf(&b, ",\n  primary key (%s)", quoteIdents(pk.Columns))
	}
	for _, u := range t.Uniques {
		if u != t.PrimaryKey && u.Where == "" && len(u.Columns) > 0 {
			fmt.Fprintf(&b, ",\n  unique (%s)", quoteIdents(u.Columns))
		}
	}
	for _, k := range checks {
		fmt.Fprintf(&b, ",\n  constraint %s check (%s)", quoteIdent(k.Name), k.Expression)
	}
	for _, fk := range t.ForeignKeys {
		fmt.Fprintf(&b, ",\n  foreign key (%s) references %s (%s)", quoteIdents(fk.Columns), quoteIdent(fk.RefTable),
			quoteIdents(fk.RefColumns))
	}
	b.WriteString("\n)")
	return b.String()
}

// quoteIdent gives a name as SQL.
func quoteIdent(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func quoteIdents(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quoteIdent(n)
	}
	return strings.Join(quoted, ", ")
}

// quoteText gives a text as SQL.
func quoteText(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.IndexByte(s, 0) >= 0 { // SQL ends at a zero byte
		q = "(" + strings.ReplaceAll(q, "\x00", "'||char(0)||'") + ")"
	}
	return q
}

// execer runs statements on the writer's connection, within a transaction.
type execer struct {
	db *DB
}

func (w execer) exec(ctx context.Context, query string, args ...any) error {
	_, err := w.db.writer.ExecContext(ctx, query, args...)
	return err
}

// change runs do in a transaction of its own. The error names what was being done.
func (db *DB) change(ctx context.Context, what string, do func(w execer) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := db.beWriter(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := db.transact(ctx, do); err != nil {
		return db.failure(what, err)
	}
	return nil
}

// beWriter opens the writer's connection, once. The caller holds db.mu for writing.
func (db *DB) beWriter(ctx context.Context) error {
	if db.readOnly {
		return fmt.Errorf("%w: %s was opened for reading", sink.ErrReadOnly, db.path)
	}
	if db.writer != nil {
		return nil
	}
	conn, err := db.writes.Conn(ctx)
	if err != nil {
		return db.failure("open for writing", err)
	}
	db.writer = conn
	return nil
}

// transact runs do between BEGIN IMMEDIATE and COMMIT on the writer's connection, or rolls back. Foreign
// keys are checked at COMMIT, so that the order of rows within a transaction is free. The caller holds
// db.mu for writing.
func (db *DB) transact(ctx context.Context, do func(w execer) error) (err error) {
	w := execer{db}
	if err := db.patiently(ctx, func() error { return w.exec(ctx, "begin immediate") }); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// SQLite may have rolled back by itself (disk full, interrupt): then this fails, and is not needed.
			_ = w.exec(context.WithoutCancel(ctx), "rollback")
		}
	}()
	if err := w.exec(ctx, "pragma defer_foreign_keys = on"); err != nil {
		return err
	}
	if err := do(w); err != nil {
		return err
	}
	return db.patiently(ctx, func() error { return w.exec(ctx, "commit") })
}
