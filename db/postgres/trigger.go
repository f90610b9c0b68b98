package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var (
	_ sink.TriggerReader = (*DB)(nil)
	_ sink.Prober        = (*DB)(nil)
)

// Writers looks at the text of the triggers' functions. A function in another language than SQL's, or one that
// writes by way of another function, goes unnoticed.
func (db *DB) Writers(ctx context.Context, t *schema.Table, of []*schema.Table) (out []sink.Writer, err error) {
	const sql = `
select 1 from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where quote_ident(n.nspname) || '.' || quote_ident(p.proname) = $1 and p.prosrc ~* '\m(insert|update|delete|merge|copy)\M' and p.prosrc ~* ('\m' || regexp_replace($2, '(\W)', '\\\1', 'g') || '\M')`
	err = db.read(ctx, func(s *session) error {
		out = nil
		for _, other := range of {
			for _, g := range other.Triggers {
				if g.Disabled {
					continue
				}
				row, err := s.row(ctx, sql, g.Function, t.Name)
				if err != nil {
					return err
				}
				if row != nil {
					out = append(out, sink.Writer{Table: other, Trigger: g.Name, Function: g.Function})
				}
			}
		}
		return nil
	})
	return out, explain(ctx, "read the triggers in "+db.where, err)
}

// Try writes each row within a savepoint, and lets what waits for the commit act at once.
func (db *DB) Try(ctx context.Context, t *sink.Target, b *column.Batch) ([]error, error) {
	l, err := db.newLoader(t)
	if err != nil {
		return nil, err
	}
	l.run = 0
	if l.s, err = db.workSession(ctx); err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.s.run(ctx, begin); err != nil {
		return nil, explain(ctx, "try rows of "+l.name, err)
	}
	out := make([]error, b.N)
	for i := range b.N {
		one := &column.Batch{First: b.First + int64(i), N: 1, Names: b.Names}
		for _, v := range b.Vecs {
			cell := new(column.Vec)
			cell.ResetAs(v)
			cell.AppendCell(v, i)
			one.Vecs = append(one.Vecs, cell)
		}
		if err := l.s.run(ctx, "savepoint one"); err != nil {
			return nil, explain(ctx, "try rows of "+l.name, err)
		}
		err := l.write(ctx, one)
		if err == nil {
			err = explain(ctx, "try a row of "+l.name, l.s.run(ctx, "set constraints all immediate; set constraints all deferred"))
		}
		out[i] = err
		if err := l.s.run(ctx, "rollback to one; release one"); err != nil {
			return nil, explain(ctx, "try rows of "+l.name, err)
		}
	}
	return out, nil
}

// inFunction finds the function that an error of the server came of: PL/pgSQL function f(integer) line 3 at RAISE.
var inFunction = regexp.MustCompile(`(?m)^PL/pgSQL function (.+?)\(.*?\) (?:line .*|.*)$`)

// refusal tells whether err says that a rule or a trigger did not take a row, and gives the words for it where a
// trigger of t was it: the trigger, its function, and the place in it.
func refusal(t *schema.Table, err error) (refused bool, words string) {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || passing(err) {
		return false, ""
	}
	m := inFunction.FindStringSubmatch(pe.Where)
	if m == nil {
		class := pe.Code[:min(2, len(pe.Code))]
		return class == "23" && pe.Code != uniqueViolation || class == "22" || class == "44" || class == "P0", ""
	}
	base := m[1][strings.LastIndexByte(m[1], '.')+1:]
	i := slices.IndexFunc(t.Triggers, func(g *schema.Trigger) bool {
		return strings.TrimPrefix(g.Function, g.Function[:strings.LastIndexByte(g.Function, '.')+1]) == base
	})
	if i < 0 {
		return true, fmt.Sprintf("the function %s refused it: %s (%s)", m[1], pe.Message, m[0])
	}
	return true, fmt.Sprintf("its trigger %s (function %s) refused it: %s (%s)", t.Triggers[i].Name, m[1], pe.Message, m[0])
}

// refusing says of an explained error whether a rule or a trigger of one of the tables is behind it.
func refusing(ctx context.Context, e error, where string, tables ...*schema.Table) {
	var f *failure
	if ctx.Err() != nil || !errors.As(e, &f) {
		return
	}
	best := ""
	for _, t := range tables {
		refused, words := refusal(t, e)
		if !refused {
			return
		}
		if words != "" && (best == "" || strings.HasPrefix(words, "its")) {
			best = words
			if len(tables) > 1 {
				best = tableName(t) + ": " + words
			}
		}
	}
	if best != "" {
		f.text = where + ": " + best
	}
	f.causes = append(f.causes, sink.ErrRefused)
}

// dropped is the error of a table whose triggers did not let all rows come to stand.
func dropped(t *schema.Table, where string, took, of int64) error {
	var names []string
	for _, g := range t.Triggers {
		if g.Before && g.Row && !g.Disabled {
			names = append(names, g.Name+" (function "+g.Function+")")
		}
	}
	who := "a trigger or a rule of the table drops rows"
	if len(names) > 0 {
		who = "its trigger " + strings.Join(names, " or ") + " drops rows"
	}
	return &failure{text: fmt.Sprintf("%s: the server took %d of %d rows: %s; disable it, or leave the table out", where, took, of, who), causes: []error{sink.ErrRefused}}
}
