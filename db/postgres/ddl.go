package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// ident quotes names and puts dots between them; empty names are left out.
func ident(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		if n == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteByte('"')
		b.WriteString(strings.ReplaceAll(n, `"`, `""`))
		b.WriteByte('"')
	}
	return b.String()
}

// text quotes a text literal, for sessions with standard_conforming_strings.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// tableName is the table's name as errors show it.
func tableName(t *schema.Table) string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// tableSQL is the table's quoted name.
func tableSQL(t *schema.Table) string { return ident(t.Schema, t.Name) }

// rowsSQL is the table for a FROM clause: its own rows, not those of tables that inherit from it; a
// partitioned table's rows are its partitions'.
func rowsSQL(t *schema.Table) string {
	if t.Partitioned {
		return tableSQL(t)
	}
	return "only " + tableSQL(t)
}

// identList quotes column names with commas between them.
func identList(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = ident(n)
	}
	return strings.Join(q, ", ")
}

// CreateTables gives the statements that make tables that no database has yet, each with the types, keys, uniques, checks
// and references that it describes; all are the tables that its references may lead to.
func CreateTables(tables []*schema.Table) string {
	var b strings.Builder
	namespaces, extensions := map[string]bool{}, map[string]bool{}
	for _, t := range tables {
		if t.Schema != "" && !namespaces[t.Schema] {
			namespaces[t.Schema] = true
			fmt.Fprintf(&b, "create schema if not exists %s;\n", ident(t.Schema))
		}
		for _, c := range t.Columns {
			if e := c.Type.Extension; e != "" && !extensions[e] {
				extensions[e] = true
				fmt.Fprintf(&b, "create extension if not exists %s;\n", ident(e))
			}
		}
	}
	for _, t := range tables {
		createTable(&b, t)
	}
	for _, t := range tables {
		for _, fk := range t.ForeignKeys {
			fmt.Fprintf(&b, "alter table %s add foreign key (%s) references %s (%s);\n", tableSQL(t), identList(fk.Columns),
				ident(fk.RefSchema, fk.RefTable), identList(fk.RefColumns))
		}
		for _, columns := range schema.Unindexed(t) {
			fmt.Fprintf(&b, "create index on %s (%s);\n", tableSQL(t), identList(columns))
		}
	}
	return b.String()
}

func createTable(b *strings.Builder, t *schema.Table) {
	var lines []string
	for _, c := range t.Columns {
		typ := typeSQL(c.Type)
		if c.Type.Category == schema.CompositeType {
			typ = ident(t.Schema, t.Name+"_"+c.Name)
			var fields []string
			for _, f := range c.Type.Fields {
				fields = append(fields, ident(f.Name)+" "+typeSQL(f.Type))
			}
			fmt.Fprintf(b, "create type %s as (%s);\n", typ, strings.Join(fields, ", "))
		}
		if of := c.Type.Element; of != nil && (c.Type.Category == schema.RangeType || c.Type.Category == schema.MultirangeType) { // of its own
			typ = ident(t.Schema, t.Name+"_"+c.Name)
			several := ident(t.Schema, t.Name+"_"+c.Name+"_several")
			fmt.Fprintf(b, "create type %s as range (subtype = %s, multirange_type_name = %s);\n", typ, typeSQL(*of), several)
			if c.Type.Category == schema.MultirangeType {
				typ = several
			}
		}
		line := ident(c.Name) + " " + typ
		if c.Identity != "" {
			line += " generated " + c.Identity + " as identity"
		}
		if c.NotNull {
			line += " not null"
		}
		if len(c.Type.Enum) > 0 {
			labels := make([]string, len(c.Type.Enum))
			for i, l := range c.Type.Enum {
				labels[i] = text(l)
			}
			line += fmt.Sprintf(" check (%s in (%s))", ident(c.Name), strings.Join(labels, ", "))
		}
		lines = append(lines, line)
	}
	for _, u := range t.Uniques {
		kind := "unique"
		if u == t.PrimaryKey {
			kind = "primary key"
		}
		lines = append(lines, fmt.Sprintf("%s (%s)", kind, identList(u.Columns)))
	}
	for _, k := range t.Checks {
		lines = append(lines, fmt.Sprintf("constraint %s check (%s)", ident(k.Name), k.Expression))
	}
	fmt.Fprintf(b, "create table %s (\n  %s\n);\n", tableSQL(t), strings.Join(lines, ",\n  "))
}

// typeSQL gives the type in which PostgreSQL keeps the cells that a description is of.
func typeSQL(t schema.Type) string {
	switch t.Kind {
	case column.Bool:
		return "boolean"
	case column.Int:
		if t.Width == 4 {
			return "integer"
		}
		return "bigint"
	case column.Float:
		return "double precision"
	case column.Decimal:
		return fmt.Sprintf("numeric(%d, %d)", t.Precision, t.Scale)
	case column.Date:
		return "date"
	case column.Time:
		return "time"
	case column.Timestamp:
		return "timestamp"
	case column.UUID:
		return "uuid"
	case column.JSON:
		return "jsonb"
	case column.Bytes:
		return "bytea"
	case column.Literal:
		if t.Category == schema.ArrayType {
			return typeSQL(*t.Element) + strings.Repeat("[]", t.Dimensions)
		}
		if t.Base == "char" {
			return `"char"`
		}
		return t.Base
	}
	return "text"
}

// CreateSchema runs DDL, all in one transaction, on a connection of its own: what the script sets (a
// search path, say) ends with it.
func (db *DB) CreateSchema(ctx context.Context, ddl string) error {
	if err := db.mayDefine(ctx); err != nil {
		return explain(ctx, "create the schema in "+db.where, err)
	}
	s, err := db.connectPatiently(ctx)
	if err != nil {
		return err
	}
	// Whatever goes wrong, the end of the connection undoes it.
	defer s.close()
	if err = s.use(ctx, s.own); err == nil {
		err = s.run(ctx, begin)
	}
	if err == nil {
		err = s.watched(func() error { return s.script(ctx, ddl) })
	}
	if err == nil && s.pg.TxStatus() != 'T' {
		err = &failure{text: "the script ends its transaction itself: take BEGIN, COMMIT and ROLLBACK out of it"}
	}
	if err == nil {
		err = s.run(ctx, "commit")
	}
	return explain(ctx, "create the schema in "+db.where+scriptPlace(ddl, err), err)
}

// script runs a script of any statements. The driver's Exec would wait for ever at a COPY ... FROM
// stdin, which nobody feeds: here it fails.
func (s *session) script(ctx context.Context, sql string) (err error) {
	f := s.pg.Frontend()
	f.SendQuery(&pgproto3.Query{String: sql})
	if err := f.Flush(); err != nil {
		return err
	}
	copying := false
	for {
		msg, lost := s.pg.ReceiveMessage(ctx)
		if lost != nil {
			return lost
		}
		switch msg := msg.(type) {
		case *pgproto3.CopyInResponse:
			copying = true
			f.Send(&pgproto3.CopyFail{Message: "there is no data"})
			if err := f.Flush(); err != nil {
				return err
			}
		case *pgproto3.ErrorResponse:
			err = pgconn.ErrorResponseToPgError(msg)
		case *pgproto3.ReadyForQuery:
			if copying {
				err = &failure{text: "the script holds COPY ... FROM stdin, and there is no data here: take it out", causes: []error{err}}
			}
			return err
		}
	}
}

// scriptPlace names the line of the script that an error of the server points at.
func scriptPlace(script string, err error) string {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Position <= 0 {
		return ""
	}
	line, left := 1, int(pe.Position)-1 // characters
	for _, r := range script {
		if left == 0 {
			break
		}
		left--
		if r == '\n' {
			line++
		}
	}
	return fmt.Sprintf(": line %d of the script", line)
}
