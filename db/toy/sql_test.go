package toy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// The language of this database: CREATE TABLE with columns, keys and references, and the number of a table's rows that
// are so or so.

// types are what columns may be.
var types = map[string]schema.Type{
	"integer": {Name: "integer", Base: "int4", Kind: column.Int, Width: 4}, "bigint": {Name: "bigint", Base: "int8", Kind: column.Int, Width: 8},
	"text": {Name: "text", Base: "text", Kind: column.Text}, "boolean": {Name: "boolean", Base: "bool", Kind: column.Bool},
	"timestamp": {Name: "timestamp", Base: "timestamp", Kind: column.Timestamp, Scale: 6}, "date": {Name: "date", Base: "date", Kind: column.Date},
}

var (
	remark     = regexp.MustCompile(`--[^\n]*`)
	createForm = regexp.MustCompile(`(?is)^create table (\w+) \((.*)\)$`)
	columnForm = regexp.MustCompile(`(?i)^(\w+) (\w+)( primary key)?( not null)?( unique)?(?: default .*)?(?: references (\w+))?$`)
	countForm  = regexp.MustCompile(`^select count\(\*\) from "?(\w+)"?(?: t)?(?: where (?:t\.)?"(\w+)" (<=|=|in|between) (.*))?$`)
)

// create makes the tables of some statements, or none of them.
func (d *database) create(ddl string) error {
	d.Lock()
	defer d.Unlock()
	made := slices.Clone(d.tables)
	for _, statement := range split(remark.ReplaceAllString(ddl, ""), ';') {
		m := createForm.FindStringSubmatch(statement)
		if m == nil {
			return fmt.Errorf("not understood: %s", statement)
		}
		if slices.ContainsFunc(made, func(t *table) bool { return t.schema.Name == m[1] }) {
			return fmt.Errorf("table %s is there", m[1])
		}
		s := &schema.Table{Name: m[1], CanInsert: true}
		for _, text := range split(m[2], ',') {
			c := columnForm.FindStringSubmatch(text)
			if c == nil || types[c[2]].Name == "" {
				return fmt.Errorf("table %s: not understood: %s", m[1], text)
			}
			s.Columns = append(s.Columns, &schema.Column{Name: c[1], Type: types[c[2]], NotNull: c[3]+c[4] != ""})
			if c[3]+c[5] != "" {
				u := &schema.Unique{Name: m[1] + "_" + c[1] + "_key", Columns: c[1:2:2], Depends: c[1:2:2], Primary: c[3] != "", Constraint: true}
				if s.Uniques = append(s.Uniques, u); u.Primary {
					s.PrimaryKey = u
				}
			}
			if c[6] != "" {
				s.ForeignKeys = append(s.ForeignKeys, &schema.ForeignKey{Name: m[1] + "_" + c[1] + "_fkey", Columns: c[1:2:2], RefTable: c[6], RefColumns: []string{"id"}})
			}
		}
		made = append(made, newTable(s))
	}
	d.tables = made
	return nil
}

// split divides a text where a character stands outside of quotes; what is empty is left out.
func split(text string, at rune) (out []string) {
	quoted := false
	for _, part := range strings.FieldsFunc(text, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return r == at && !quoted
	}) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// QueryInt counts the rows of a table in which a column is a value, at most one, between two, or among the keys.
func (s *Store) QueryInt(_ context.Context, sql string, keys *column.Vec) (int64, error) {
	m := countForm.FindStringSubmatch(sql)
	if m == nil {
		return 0, fmt.Errorf("not understood: %s", sql)
	}
	s.db.Lock()
	defer s.db.Unlock()
	t, err := s.db.table(m[1])
	if err != nil {
		return 0, err
	}
	if m[2] == "" {
		return int64(t.rows.N), nil
	}
	v := t.rows.Col(m[2])
	if v == nil {
		return 0, fmt.Errorf("%s has no column %s", m[1], m[2])
	}
	literal := strings.ReplaceAll(strings.Trim(m[4], "'"), "''", "'")
	low, high, _ := strings.Cut(literal, " and ")
	least, _ := strconv.ParseInt(low, 10, 64)
	most, _ := strconv.ParseInt(high, 10, 64)
	if m[3] == "<=" {
		least, most = math.MinInt64, least
	}
	n := int64(0)
	for row := range t.rows.N {
		switch {
		case v.Null(row):
		case m[3] == "=" && v.String(row) == literal, (m[3] == "<=" || m[3] == "between") && v.Ints[row] >= least && v.Ints[row] <= most:
			n++
		case m[3] == "in" && keys != nil:
			for i := range keys.Len() {
				if keys.String(i) == v.String(row) {
					n++
				}
			}
		}
	}
	return n, nil
}

// QueryInts takes no more than one.
func (s *Store) QueryInts(ctx context.Context, sql string, keys *column.Vec, n int) ([]int64, error) {
	if n != 1 {
		return nil, errors.New("a query gives one number")
	}
	one, err := s.QueryInt(ctx, sql, keys)
	return []int64{one}, err
}

// dialect writes that language, and for rules, which this database does not answer, what any other would have.
type dialect struct{}

var _ gen.Dialect = dialect{}

func (dialect) Name() string { return "toy" }
func (dialect) Ident(names ...string) string {
	return `"` + strings.Join(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" }), `"."`) + `"`
}
func (dialect) Text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func (d dialect) Value(v any) string { return d.Text(fmt.Sprint(v)) }
func (d dialect) Cell(v *column.Vec, i int) string {
	if v.Null(i) {
		return "null"
	}
	return d.Text(v.String(i))
}
func (dialect) Prefix(x string, n int) string             { return fmt.Sprintf("prefix(%s, %d)", x, n) }
func (dialect) Length(x string) string                    { return "length(" + x + ")" }
func (d dialect) JSONField(x, key string) string          { return "field(" + x + ", " + d.Text(key) + ")" }
func (d dialect) JSONArray(x, key string) string          { return d.JSONField(x, key) }
func (dialect) JSONEqual(a, b string) string              { return a + " = " + b }
func (dialect) JSONLength(x string) string                { return "elements(" + x + ")" }
func (dialect) JSONDistinct(x string) string              { return "distinct(" + x + ")" }
func (dialect) JSONWithin(x string, pool []string) string { return "within(" + x + ")" }
func (dialect) Greatest(xs ...string) string              { return "greatest(" + strings.Join(xs, ", ") + ")" }
func (dialect) AddMicros(x string, us int64) string       { return fmt.Sprintf("%s + %d", x, us) }
func (dialect) Matches(string, string) string             { return "" }
func (dialect) InKeys(x string) string                    { return x + " in (?)" }
