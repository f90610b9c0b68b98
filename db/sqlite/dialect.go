package sqlite

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"

	sqlite3 "modernc.org/sqlite"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// Dialect writes SQL for SQLite. Matches and AddMicros stand on functions of Go, which only this
// package's own connections have.
type Dialect struct{}

var _ gen.Dialect = Dialect{}

// Name gives "sqlite".
func (Dialect) Name() string { return "sqlite" }

// Ident quotes names; empty ones are left out.
func (Dialect) Ident(names ...string) string {
	var parts []string
	for _, n := range names {
		if n != "" {
			parts = append(parts, quoteIdent(n))
		}
	}
	return strings.Join(parts, ".")
}

// Text gives a text literal.
func (Dialect) Text(s string) string { return quoteText(s) }

// Value gives a literal.
func (d Dialect) Value(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case bool:
		if x {
			return "1"
		}
		return "0"
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return floatText(x)
	case string:
		return quoteText(x)
	}
	return quoteText(fmt.Sprint(v))
}

func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "null"
	case math.IsInf(f, 1):
		return "9e999"
	case math.IsInf(f, -1):
		return "-9e999"
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0" // else an integer, and a division by it one of integers
	}
	return s
}

// Cell gives a literal of a cell, as it is stored.
func (d Dialect) Cell(v *column.Vec, i int) string {
	if v.Null(i) {
		return "null"
	}
	switch v.Kind {
	case column.Bool, column.Int:
		return strconv.FormatInt(v.Ints[i], 10)
	case column.Float:
		return floatText(v.Floats[i])
	case column.Decimal:
		return v.String(i)
	case column.Bytes:
		return "x'" + hex.EncodeToString(v.Bytes(i)) + "'"
	}
	return quoteText(v.String(i))
}

// Prefix gives the first n characters of text x.
func (Dialect) Prefix(x string, n int) string { return fmt.Sprintf("substr(%s, 1, %d)", x, n) }

// Length gives the number of characters of text x.
func (Dialect) Length(x string) string { return "length(" + x + ")" }

// path gives the JSON path of a key, as SQL.
func path(key string) string { return quoteText(`$."` + key + `"`) }

// odd tells whether a key cannot stand in a JSON path.
func odd(key string) bool { return strings.ContainsAny(key, "\"\\\x00") }

// JSONField gives a field of object x as text.
func (Dialect) JSONField(x, key string) string {
	if odd(key) {
		return fmt.Sprintf("(select cast(case type when 'true' then 'true' when 'false' then 'false' else value end as text) from json_each(%s) where key = %s)", x, quoteText(key))
	}
	return fmt.Sprintf("case json_type(%[1]s, %[2]s) when 'true' then 'true' when 'false' then 'false' else cast(%[1]s ->> %[2]s as text) end", x, path(key))
}

// JSONArray gives a field of object x as JSON.
func (Dialect) JSONArray(x, key string) string {
	if odd(key) {
		return fmt.Sprintf("(select value from json_each(%s) where key = %s)", x, quoteText(key))
	}
	return fmt.Sprintf("(%s -> %s)", x, path(key))
}

// JSONEqual says that two documents are the same.
func (Dialect) JSONEqual(a, b string) string {
	return "json(" + a + ") = json(" + b + ")"
}

// JSONLength gives the number of elements of array x.
func (Dialect) JSONLength(x string) string { return "json_array_length(" + x + ")" }

// JSONDistinct says that array x has no element twice.
func (Dialect) JSONDistinct(x string) string {
	return fmt.Sprintf("(select count(*) = count(distinct type || ':' || coalesce(value, '')) from json_each(%s))", x)
}

// JSONWithin says that every element of array x is one of the pool's texts.
func (Dialect) JSONWithin(x string, pool []string) string {
	quoted := make([]string, len(pool))
	for i, s := range pool {
		quoted[i] = quoteText(s)
	}
	return fmt.Sprintf("not exists (select 1 from json_each(%s) where type <> 'text' or value not in (%s))", x, strings.Join(quoted, ", "))
}

// Greatest gives the largest; max alone would give null where one is null.
func (Dialect) Greatest(xs ...string) string {
	if len(xs) == 1 {
		return xs[0]
	}
	return "(select max(v) from (select " + strings.Join(xs, " as v union all select ") + " as v))"
}

// AddMicros moves timestamp x by us microseconds.
func (Dialect) AddMicros(x string, us int64) string {
	return fmt.Sprintf("sower_add_micros(%s, %d)", x, us)
}

// Matches says that text x matches the RE2 pattern wholly.
func (Dialect) Matches(x, pattern string) string {
	return fmt.Sprintf("%s regexp %s", x, quoteText(`\A(?:`+pattern+`)\z`))
}

// InKeys says that x is one of the keys given as the query's parameter.
func (Dialect) InKeys(x string) string {
	return fmt.Sprintf("%s in (select %s from json_each(?1) e)", x, keyValue)
}

// registerFunctions gives a driver's connections the functions that the dialect uses. regexp also makes
// SQLite's REGEXP operator work, which it has no function for of its own, so that CHECK constraints of
// applications that bring one can be obeyed.
func registerFunctions(drv *sqlite3.Driver) error {
	if err := drv.RegisterDeterministicScalarFunction("regexp", 2, matchFunction); err != nil {
		return err
	}
	return drv.RegisterDeterministicScalarFunction("sower_add_micros", 2, addMicrosFunction)
}

// patterns are compiled once. There are as many as rules and checks; only a query that makes patterns
// of data could fill the map without end, so that it is emptied at some size.
var patterns struct {
	sync.RWMutex
	compiled map[string]*regexp.Regexp
}

func compile(pattern string) (*regexp.Regexp, error) {
	patterns.RLock()
	re := patterns.compiled[pattern]
	patterns.RUnlock()
	if re != nil {
		return re, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	patterns.Lock()
	defer patterns.Unlock()
	if patterns.compiled == nil || len(patterns.compiled) > 1000 {
		patterns.compiled = map[string]*regexp.Regexp{}
	}
	patterns.compiled[pattern] = re
	return re, nil
}

// matchFunction is regexp(pattern, text): `text regexp pattern`.
func matchFunction(_ *sqlite3.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil || args[1] == nil {
		return nil, nil
	}
	pattern, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("regexp: the pattern is no text")
	}
	re, err := compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("regexp: %w", err)
	}
	var matched bool
	switch x := args[1].(type) {
	case string:
		matched = re.MatchString(x)
	case []byte:
		matched = re.Match(x)
	default:
		matched = re.MatchString(fmt.Sprint(x))
	}
	if matched {
		return int64(1), nil
	}
	return int64(0), nil
}

// addMicrosFunction is sower_add_micros(timestamp, microseconds).
func addMicrosFunction(_ *sqlite3.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil || args[1] == nil {
		return nil, nil
	}
	text, _ := args[0].(string)
	us, ok := parseTimestamp(text)
	by, isInt := args[1].(int64)
	if !ok || !isInt {
		return nil, fmt.Errorf("sower_add_micros: %v is no timestamp, or %v no number of microseconds", args[0], args[1])
	}
	return string(column.AppendTimestamp(nil, us+by)), nil
}
