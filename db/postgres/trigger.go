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
	"github.com/sowerdata/sower/sqlexpr/routine"
)

var (
	_ sink.TriggerReader = (*DB)(nil)
	_ sink.Prober        = (*DB)(nil)
)

// Writers looks at the text of the triggers' functions. One that writes by way of another function goes unnoticed.
func (db *DB) Writers(ctx context.Context, t *schema.Table, of []*schema.Table) (out []sink.Writer, err error) {
	texts, err := db.writingTexts(ctx)
	if err != nil {
		return nil, explain(ctx, "read the triggers in "+db.where, err)
	}
	for _, other := range of {
		for _, g := range other.Triggers {
			if !g.Disabled && routine.Mentions(texts[g.Function], t.Name) {
				out = append(out, sink.Writer{Table: other, Trigger: g.Name, Function: g.Function})
			}
		}
	}
	return out, nil
}

// writingTexts gives the texts of all trigger functions that write, in whatever language, by their
// names. They are read once.
func (db *DB) writingTexts(ctx context.Context) (map[string]string, error) {
	const sql = `
select quote_ident(n.nspname) || '.' || quote_ident(p.proname), p.prosrc
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where p.oid in (select tgfoid from pg_trigger) and p.prosrc ~* '\m(insert|update|delete|merge|copy)\M'`
	db.writing.Lock()
	defer db.writing.Unlock()
	if db.writing.texts != nil {
		return db.writing.texts, nil
	}
	var texts map[string]string
	err := db.read(ctx, func(s *session) error {
		texts = map[string]string{}
		return s.each(ctx, sql, func(r [][]byte) error {
			texts[string(r[0])] = string(r[1])
			return nil
		})
	})
	if err == nil {
		db.writing.texts = texts
	}
	return texts, err
}

// Try writes each row within a savepoint, and lets what waits for the commit act at once.
func (db *DB) Try(ctx context.Context, t *sink.Target, b *column.Batch, together bool) ([]error, error) {
	l, err := db.newLoader(t)
	if err != nil {
		return nil, err
	}
	l.run = 0
	if err := repeatedly(ctx, func() (err error) { l.s, err = db.dataSession(ctx); return err }); err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.s.run(ctx, begin); err != nil {
		return nil, explain(ctx, "try rows of "+l.name, err)
	}
	out := make([]error, b.N)
	for i := range b.N {
		if out[i], err = l.within(ctx, oneRow(b, i), together); err != nil {
			return nil, explain(ctx, "try rows of "+l.name, err)
		}
	}
	return out, nil
}

// inFunction finds the function that an error of the server came of, in any language: PL/pgSQL function f(integer) line 3
// at RAISE, PL/Python function "f".
var inFunction = regexp.MustCompile(`(?m)^(?:in )?(?:PL/\w+|SQL) function (?:(.+?)\(.*?\)|"(.+?)").*$`)

// refusing classes of errors: what rules, types, checks and the languages of functions say of a row.
var refusingClasses = []string{"09", "22", "23", "27", "2F", "38", "39", "44", "P0"}

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
		if class == "XX" && slices.ContainsFunc(t.Triggers, func(g *schema.Trigger) bool { return !g.Disabled }) {
			return true, "" // functions in C say no more
		}
		return slices.Contains(refusingClasses, class) && pe.Code != uniqueViolation, ""
	}
	name := m[1] + m[2]
	base := name[strings.LastIndexByte(name, '.')+1:]
	i := slices.IndexFunc(t.Triggers, func(g *schema.Trigger) bool {
		return strings.TrimPrefix(g.Function, g.Function[:strings.LastIndexByte(g.Function, '.')+1]) == base
	})
	if i < 0 {
		return true, fmt.Sprintf("the function %s refused it: %s (%s)", name, pe.Message, m[0])
	}
	return true, fmt.Sprintf("its trigger %s (function %s) refused it: %s (%s)", t.Triggers[i].Name, name, pe.Message, m[0])
}

// refusing says of an explained error whether a rule or a trigger of one of the tables is behind it.
func refusing(ctx context.Context, e error, where string, tables ...*schema.Table) {
	var f *failure
	if ctx.Err() != nil || !errors.As(e, &f) {
		return
	}
	best := ""
	var by *schema.Table
	for _, t := range tables {
		refused, words := refusal(t, e)
		if !refused {
			return
		}
		if words != "" && (best == "" || strings.HasPrefix(words, "its")) {
			best = words
			if strings.HasPrefix(words, "its") {
				by = t
			}
			if len(tables) > 1 {
				best = tableName(t) + ": " + words
			}
		}
	}
	if best != "" {
		f.text = where + ": " + best
	}
	f.causes = append(f.causes, sink.ErrRefused)
	if by != nil {
		f.causes = append(f.causes, &sink.RefusedBy{Table: by})
	}
	if code(e) == "23503" {
		f.causes = append(f.causes, sink.ErrParent)
	}
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
