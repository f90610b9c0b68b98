package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

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

// CreateSchema runs DDL, all in one transaction, on a connection of its own: what the script sets (a
// search path, say) ends with it.
func (db *DB) CreateSchema(ctx context.Context, ddl string) error {
	s, err := db.connect(ctx)
	if err != nil {
		return err
	}
	// Whatever goes wrong, the end of the connection undoes it.
	defer s.close()
	err = s.run(ctx, begin)
	if err == nil {
		err = s.script(ctx, ddl)
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
