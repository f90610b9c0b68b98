package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// oldPiece is a row of a journal of the form before facts, which had statements.
type oldPiece struct {
	tablespace, ddl string
	after           []string
	validate        string // '' for an index, and for a key that was not valid
}

// oldPieces reads a journal of that form.
func oldPieces(ctx context.Context, s *session) (out []*piece, err error) {
	err = s.each(ctx, `select id, kind, table_name, name, tablespace, ddl, array_to_string(after, chr(1)), validate, state = 'added', rank, coalesce(pg_table_size(to_regclass(table_name)), 0)
		from sower.journal order by rank desc, id`, func(r [][]byte) error {
		p := &piece{id: string(r[0]), kind: string(r[1]), table: string(r[2]), name: string(r[3]), added: toBool(r[8]), rank: toInt(r[9]), size: toInt(r[10]),
			old: &oldPiece{tablespace: string(r[4]), ddl: string(r[5]), validate: string(r[7])}}
		if len(r[6]) > 0 {
			p.old.after = strings.Split(string(r[6]), "\x01")
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// oldForm tells whether a statement of an old journal is of the form that its kind has.
func oldForm(kind, sql string) bool {
	toks, err := sqlexpr.Lex(sql, false)
	begins := func(words ...string) bool { return sqlexpr.Run(toks, 0, words...) == 0 }
	switch {
	case err != nil:
		return false
	case kind == "index":
		return begins("create", "index") || begins("create", "unique", "index")
	case kind == "key":
		at := sqlexpr.Run(toks, 2, "add", "constraint")
		return begins("alter", "table") && at > 2 && sqlexpr.Run(toks, at, "foreign", "key", "(") > 0
	case kind == "after":
		return begins("comment", "on", "index") || begins("comment", "on", "constraint") || begins("alter", "index") && sqlexpr.Run(toks, 2, "set", "statistics") > 2
	case kind == "validate":
		return begins("alter", "table") && sqlexpr.Run(toks, 2, "validate", "constraint") > 2
	}
	return false
}

// statement runs one statement of an old journal. It is sent in the protocol that takes no second one behind it.
func (o *oldPiece) statement(ctx context.Context, s *session, p *piece, kind, sql string) error {
	if !oldForm(kind, sql) || kind != "after" && oneExpression(sql) != nil {
		return &failure{text: fmt.Sprintf("the journal has a statement for it that sower does not write (%s): look at sower.journal, id %s", shorten(sql), p.id)}
	}
	_, err := s.exec(ctx, sql)
	return err
}

func (o *oldPiece) make(ctx context.Context, s *session, p *piece) error {
	err := o.statement(ctx, s, p, p.kind, o.ddl)
	for _, sql := range o.after {
		if err == nil {
			err = o.statement(ctx, s, p, "after", sql)
		}
	}
	return err
}

// stands tells whether something of its name is on its table already.
func (o *oldPiece) stands(ctx context.Context, s *session, p *piece) (bool, error) {
	sql := "select 1 from pg_class c join pg_index i on i.indexrelid = c.oid where i.indrelid = $1::text::regclass and c.relname = $2 and i.indisvalid"
	if p.kind == "key" {
		sql = "select 1 from pg_constraint where conrelid = $1::text::regclass and conname = $2"
	}
	row, err := s.row(ctx, sql, p.table, p.name)
	return row != nil, err
}
