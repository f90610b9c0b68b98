package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strings"
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

// oldForms are what the statements of an old journal look like, by their kind. What stands after the name of a table, and
// before an expression's parentheses, has no comma: a list of further actions would have one.
var oldForms = map[string]*regexp.Regexp{
	"index":    regexp.MustCompile(`(?is)^create (unique )?index `),
	"key":      regexp.MustCompile(`(?s)^alter table .+ add constraint .+ FOREIGN KEY \(`),
	"after":    regexp.MustCompile(`(?s)^(comment on (index|constraint) |alter index .+ set statistics )`),
	"validate": regexp.MustCompile(`(?s)^alter table .+ validate constraint `),
}

// statement runs one statement of an old journal. It is sent in the protocol that takes no second one behind it.
func (o *oldPiece) statement(ctx context.Context, s *session, p *piece, kind, sql string) error {
	if !oldForms[kind].MatchString(sql) || kind != "after" && oneExpression(sql) != nil {
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
