package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Oracle = (*DB)(nil)

// Holds asks the server for its own expression over rows that are given as parameters.
func (db *DB) Holds(ctx context.Context, t *schema.Table, expression string, b *column.Batch) ([]sink.Truth, error) {
	what := fmt.Sprintf("ask %s whether %s holds in %s", db.where, shorten(expression), tableName(t))
	condition := expression
	if valued, found := replaceValue(expression, ""); found {
		name, err := domainColumn(t, expression, b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		condition, _ = replaceValue(valued, ident(name))
	}
	holds := make([]sink.Truth, 0, b.N)
	err := db.ask(ctx, t, []string{condition}, b, keysAtOnce, func(from string) string {
		return "select case (" + condition + ") when true then 't' when false then 'f' end from " + from + " order by " + rowNumber
	}, func(_ int, r [][]byte) error {
		switch {
		case r[0] == nil:
			holds = append(holds, sink.Unknown)
		case toBool(r[0]):
			holds = append(holds, sink.True)
		default:
			holds = append(holds, sink.False)
		}
		return nil
	})
	if err != nil {
		return nil, explain(ctx, what, err)
	}
	return holds, nil
}

// domainColumn is the column that VALUE stands for in the check of a domain.
func domainColumn(t *schema.Table, expression string, b *column.Batch) (string, error) {
	if len(b.Names) == 1 {
		return b.Names[0], nil
	}
	var names []string
	for _, k := range t.Checks {
		if k.Domain != "" && k.Expression == expression && len(k.Columns) == 1 && slices.Contains(b.Names, k.Columns[0]) && !slices.Contains(names, k.Columns[0]) {
			names = append(names, k.Columns[0])
		}
	}
	if len(names) != 1 {
		return "", fmt.Errorf("VALUE may be any of %d columns: ask with a batch of one column", len(names))
	}
	return names[0], nil
}

// replaceValue puts a name in the place of the word VALUE, which the server writes in capitals and bare; it
// tells whether there is one. With "" the expression stays as it is.
func replaceValue(expression, name string) (replaced string, found bool) {
	var b strings.Builder
	for i := 0; i < len(expression); {
		end := i + 1
		switch c := expression[i]; {
		case c == '\'' || c == '"':
			escapes := c == '\'' && i > 0 && expression[i-1] == 'E' && (i < 2 || !wordByte(expression[i-2]))
			end = quotedEnd(expression, i, escapes)
		case wordByte(c):
			for end < len(expression) && wordByte(expression[end]) {
				end++
			}
			if expression[i:end] == "VALUE" {
				found = true
				if name != "" {
					b.WriteString(name)
					i = end
					continue
				}
			}
		}
		b.WriteString(expression[i:end])
		i = end
	}
	return b.String(), found
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quotedEnd gives the index behind the quote that ends what begins at i; a doubled quote is part of it, and
// in texts with escapes what follows a backslash.
func quotedEnd(s string, i int, escapes bool) int {
	q := s[i]
	for i++; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return len(s)
}

// Distinct lets the server group the rows by the expressions' own equality.
func (db *DB) Distinct(ctx context.Context, t *schema.Table, expressions []string, where string, b *column.Batch) (duplicates []int, err error) {
	list := strings.Join(expressions, "), (")
	what := fmt.Sprintf("ask %s which rows for %s are alike in (%s)", db.where, tableName(t), shorten(list))
	if len(expressions) == 0 {
		return nil, fmt.Errorf("%s: there is no expression", what)
	}
	alike := slices.ContainsFunc(t.Uniques, func(u *schema.Unique) bool {
		return u.NullsNotDistinct && u.Where == where && slices.Equal(u.Expressions, expressions)
	})
	used := append(slices.Clone(expressions), where)
	// All rows at once: they may clash with any other.
	err = db.ask(ctx, t, used, b, max(b.N, 1), func(from string) string {
		sql := "select " + rowNumber
		for k, e := range expressions {
			sql += fmt.Sprintf(", (%s) as e%d", e, k)
		}
		sql += " from " + from
		if where != "" {
			sql += " where (" + where + ")"
		}
		keys, filled := []string{}, []string{"true"}
		for k := range expressions {
			keys = append(keys, fmt.Sprintf("e%d", k))
			if !alike {
				filled = append(filled, fmt.Sprintf("e%d is distinct from null", k)) // a composite of nulls is no null here
			}
		}
		return "select n from (select n, row_number() over (partition by " + strings.Join(keys, ", ") + " order by n) as k from (" + sql +
			") as x (n, " + strings.Join(keys, ", ") + ") where " + strings.Join(filled, " and ") + ") y where k > 1 order by n"
	}, func(first int, r [][]byte) error {
		duplicates = append(duplicates, first+int(toInt(r[0]))-1)
		return nil
	})
	if err != nil {
		return nil, explain(ctx, what, err)
	}
	return duplicates, nil
}

// patience is how long an expression of the database may take over the rows of one question.
var patience = 30 * time.Second

// rowNumber counts the rows of a question from 1. Like the others of its kind the name is one that no
// schema has.
const rowNumber = `"sower cells"."sower row"`

// ask runs a query over rows of b, so many at a time, each in a snapshot that writes nothing. query gets
// what stands behind FROM: rows with all columns of t, under its name, and rowNumber. use lists the
// expressions in the query: columns that they do not name are null. The cells travel as text and are cast
// one by one, so that arrays need no arrays of arrays.
func (db *DB) ask(ctx context.Context, t *schema.Table, use []string, b *column.Batch, atOnce int, query func(from string) string, each func(first int, row [][]byte) error) error {
	all := strings.Join(use, "\n")
	for _, c := range t.Columns {
		if c.Generated && names(all, c.Name) {
			all += "\n" + c.Computed
		}
	}
	whole := strings.Contains(all, ".*")
	var vecs []*column.Vec
	var types []schema.Type
	var cells, computed []string
	for _, c := range t.Columns {
		typ := castName(c.Type)
		if c.Generated && c.Computed != "" {
			computed = append(computed, "("+c.Computed+")::"+typ+" as "+ident(c.Name))
			continue
		}
		v := b.Col(c.Name)
		if v == nil || !whole && !names(all, c.Name) {
			cells = append(cells, "null::"+typ+" as "+ident(c.Name))
			continue
		}
		if !Accepts(v.Kind, c.Type) {
			return &failure{text: fmt.Sprintf("column %q of type %s holds no cells of kind %s", c.Name, c.Type.Name, v.Kind)}
		}
		vecs, types = append(vecs, v), append(types, c.Type)
		cells = append(cells, fmt.Sprintf(`"sower cells"."sower %d"::%s`, len(vecs), typ)+collate(c)+" as "+ident(c.Name))
	}
	from := "generate_series(1, $1::int) as \"sower cells\" (\"sower row\")"
	if len(vecs) > 0 {
		var params, aliases []string
		for k := range vecs {
			params = append(params, fmt.Sprintf("$%d::text[]", k+1))
			aliases = append(aliases, fmt.Sprintf(`"sower %d"`, k+1))
		}
		from = "unnest(" + strings.Join(params, ", ") + `) with ordinality as "sower cells" (` + strings.Join(aliases, ", ") + `, "sower row")`
	}
	from += " cross join lateral "
	rows := "(select " + strings.Join(cells, ", ") + ")"
	if len(computed) > 0 {
		rows = "(select " + ident(t.Name) + ".*, " + strings.Join(computed, ", ") + " from " + rows + " as " + ident(t.Name) + ")"
	}
	from += rows + " as " + ident(t.Name)
	return db.read(ctx, func(s *session) error {
		if err := db.mayAsk(ctx, s, t); err != nil {
			return err
		}
		if err := s.run(ctx, fmt.Sprintf("set local statement_timeout = %d", patience.Milliseconds())); err != nil {
			return err
		}
		for first := 0; first < b.N; first += atOnce {
			to := min(first+atOnce, b.N)
			var args []any
			for k, v := range vecs {
				args = append(args, arrayOf(v, types[k], first, to))
			}
			if len(vecs) == 0 {
				args = []any{int64(to - first)}
			}
			err := s.each(ctx, query(from), func(r [][]byte) error { return each(first, r) }, args...)
			if code(err) == canceled && ctx.Err() == nil {
				text := fmt.Sprintf("no answer within %s: a function that it calls does not return, or waits for something: "+
					"leave the table out (--exclude), or mend the function", patience)
				return &failure{text: text, causes: []error{err}}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// collate is the column's collation as its own expressions see it.
func collate(c *schema.Column) string {
	if c.Collation == "" {
		return ""
	}
	return " collate " + c.Collation
}

// names tells whether an expression may name the column; it is sure where it says no.
func names(expression, column string) bool {
	return strings.Contains(expression, column) || strings.Contains(expression, strings.ReplaceAll(column, `"`, `""`))
}

// Keys reads the rows in an order that is the same on every server.
func (db *DB) Keys(ctx context.Context, t *schema.Table, columns []string, limit int64) (*column.Batch, error) {
	by := columns
	if t.PrimaryKey != nil {
		by = t.PrimaryKey.Columns
	}
	var order []string
	for _, name := range by {
		if c := t.Column(name); c != nil { // else keys says so
			order = append(order, inOrder(c))
		}
	}
	return db.keys(ctx, t, columns, strings.Join(order, ", "), limit)
}

// Last implements sink.Tail.
func (db *DB) Last(ctx context.Context, t *schema.Table, columns []string) (*column.Batch, error) {
	return db.keys(ctx, t, columns, identList(columns[:1])+" desc nulls last", 1)
}

// keys reads cells of the first rows in an order.
func (db *DB) keys(ctx context.Context, t *schema.Table, columns []string, order string, limit int64) (*column.Batch, error) {
	what := "read keys of " + tableName(t)
	b := &column.Batch{}
	target := &sink.Target{Table: t, Name: tableName(t), Columns: columns}
	var types []schema.Type
	for _, name := range columns {
		c := t.Column(name)
		if c == nil {
			return nil, fmt.Errorf("%s: the table has no column %q", what, name)
		}
		types = append(types, c.Type)
		target.Kinds = append(target.Kinds, c.Type.Kind)
	}
	resetBatch(b, target, types)
	if len(columns) == 0 {
		return nil, fmt.Errorf("%s: no columns are asked for", what)
	}
	sql := "select " + identList(columns) + " from " + rowsSQL(t) + " order by " + order + " limit " + strconv.FormatInt(max(limit, 0), 10)
	raw := rawRows{cols: len(columns)}
	if err := db.mayRead(t); err != nil {
		return nil, explain(ctx, what, err)
	}
	err := db.read(ctx, func(s *session) error {
		return s.each(ctx, sql, func(r [][]byte) error { b.N++; return raw.append(r) })
	})
	if err == nil {
		rows := make([]int32, b.N)
		for i := range rows {
			rows[i] = int32(i)
		}
		for c := range columns {
			if bad := raw.decode(b.Vecs[c], c, rows, types[c]); bad != nil {
				err = errors.Join(err, &failure{text: fmt.Sprintf("column %q: %v", columns[c], bad), causes: []error{bad}})
			}
		}
	}
	if err != nil {
		return nil, explain(ctx, what, err)
	}
	return b, nil
}

// inOrder is what rows are ordered by for a column: texts by their bytes, whatever the database's language,
// and so every type that has no order of its own.
func inOrder(c *schema.Column) string {
	name := ident(c.Name)
	switch {
	case c.Type.Kind == column.Literal && (c.Type.Category == schema.EnumType || c.Type.Base == "numeric"):
		return name
	case c.Type.Kind == column.Text, c.Type.Kind == column.JSON, c.Type.Kind == column.Literal:
		return name + `::text collate "C"`
	}
	return name
}
