package check

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func sqliteColumns() []sampleColumn {
	ints := []string{"0", "1", "-1", "2", "3", "7", "10", "100", "-100", "9223372036854775807"}
	return []sampleColumn{
		{"i", "bigint", schema.Type{Name: "bigint", Kind: column.Int, Width: 8}, ints},
		{"j", "bigint", schema.Type{Name: "bigint", Kind: column.Int, Width: 8}, ints},
		{"r", "real", schema.Type{Name: "real", Kind: column.Float, Width: 8}, []string{"0", "0.5", "-2.5", "3", "100", "1e20"}},
		{"n", "numeric(10,2)", schema.Type{Name: "numeric", Kind: column.Decimal, Precision: 10, Scale: 2}, []string{"0", "1.50", "-0.25", "99.99", "100"}},
		{"flag", "boolean", schema.Type{Name: "boolean", Kind: column.Bool}, []string{"true", "false"}},
		{"t", "text", schema.Type{Name: "text", Kind: column.Text}, append([]string{"abcabc", "3abc", " 5 ", "1e2", "[x]", "{}", "[1,2]"}, texts...)},
		{"u", "varchar(40)", schema.Type{Name: "varchar", Kind: column.Text}, texts},
		{"nc", "text collate nocase", schema.Type{Name: "text", Kind: column.Text}, texts},
		{"b", "blob", schema.Type{Name: "blob", Kind: column.Bytes}, []string{`\x`, `\x00ff`, `\x616263`}},
		{"d", "date", schema.Type{Name: "date", Kind: column.Date}, []string{"2020-01-01", "1999-12-31", "2024-02-29"}},
		{"ts", "datetime", schema.Type{Name: "datetime", Kind: column.Timestamp}, []string{"2020-01-01 00:00:00", "2024-02-29 13:14:15", "1999-12-31 23:59:59"}},
		{"js", "json", schema.Type{Name: "json", Kind: column.JSON}, []string{`{"a": 1}`, `[1, 2]`, `"x"`, `true`, `null`}},
	}
}

var sqliteExpressions = lines(`
i > 0
i between 1 and 10
i not between 1 and 10
i in (1, 2, '3')
i not in (1, null)
i in ()
i = '1'
i <> j
i == j
i != 3
i + j > 5
i - j
i * 2 > j
i / 2 = 1
i / j > 1
i % 2 = 0
i % j = 1
-i < 5
~i < 0
i & 1
i | 8 > 10
i < r
r = 3
r >= 0 and r <= 1
r * 2 > 1
r / 2 < n
n > 1.5
n = 100
n + r > 1
n * 100 = 9999
n in (100, '1.5')
i
not i
i and j
i or r
flag
not flag
flag = 1
flag in (0, 1)
flag is true
flag is not true
flag is false
(t is null) <> (u is null)
(t is null) + (u is null) = 1
(i is not null) = (t is not null)
i is null or j notnull
i is j
i is not j
i is distinct from j
t is 'abc'
t = 'abc'
t <> ''
t > ''
t > 'a'
t >= u
t in ('open', 'closed', 'void')
t not in ('open')
t = 12
t > 5
t + 1 > 4
t in (12, 'abc')
t || u = 'abcabc'
t || i = 'a1'
length(t) > 3
length(trim(t)) > 0
length(b) = 2
length(i) = 2
length(t) between 1 and 20
t = lower(t)
t = upper(t)
t = trim(t)
trim(t, ' a') = 'bc'
ltrim(t) = rtrim(t)
substr(t, 1, 1) = 'a'
substr(t, 2) = 'bc'
substr(t, -1) = 'c'
substr(t, -2, 1) = 'b'
substr(t, 0, 2) = 'a'
substr(t, 3, -2) = 'ab'
substring(t, 2, 1) = 'b'
instr(t, 'b') = 2
instr(t, '@') > 0
replace(t, 'a', 'x') = 'xbc'
t like 'A%'
t like '%b%'
t like 'a_c'
t not like '%@%'
t like 'a\_c' escape '\'
t like u
i like '1%'
t glob 'a*'
t glob '[a-c]*'
t glob '[^a]*'
t not glob '*[^a-z]*'
t glob '?b?'
t glob '*.*'
nc = 'ABC'
nc in ('abc', 'OPEN')
nc <> 'open'
nc = t
t = nc
t = 'ABC' collate nocase
nc > 'B'
typeof(i) = 'integer'
typeof(r) = 'real'
typeof(n) in ('integer', 'real')
typeof(t) = 'text'
typeof(b) = 'blob'
typeof(d) = 'text'
coalesce(i, j) is not null
coalesce(t, u, 'x') = 'x'
ifnull(i, 0) > 0
nullif(i, j) is null
iif(i > 0, t is null, t is not null)
abs(i) > 5
abs(r) < 3
abs(t) > 5
min(i, j) > 0
max(i, j, 5) = 5
d > '2000-01-01'
d between '2000-01-01' and '2023-01-01'
d = date(d)
date(ts) = '2020-01-01'
datetime(d) <= ts
ts > d
ts >= '2020-01-01'
json_valid(js)
json_valid(t)
json_type(js) = 'object'
json_array_length(js) = 2
unicode(t) = 97
cast(t as integer) > 2
cast(r as integer) = 2
cast(i as text) = '1'
cast(i as real) / 2 = 0.5
cast(t as real) > 1
case t when 'open' then i > 0 when 'closed' then i < 0 else 1 end
case when i > 0 then r > 0 end
x'616263' = b
b > 'z'
'abc' < t
1 < i
"open" = t
i > 0 or null
null
1
(i, j) = (1, 2)
round(r, 1) = 0.5
hex(b) = '00FF'
strftime('%Y', d) = '2020'
cast(strftime('%w', ts) as integer) between 1 and 5
strftime('%j %H:%M:%S', ts) > '050 13'
d = date(d, 'start of month')
date(d, '+1 month') > '2020-01-31'
date(d, '-1 year', '+1 day') > ts
datetime(ts, '+90 minutes') = '2020-01-01 01:30:00'
date(d, 'weekday 0') = '2020-01-05'
julianday(ts) - julianday(d) > 0.5
unixepoch(ts) % 900 = 0
time(ts) = '13:14:15'
`)

// Every expression has for every row the value that SQLite gives it, or the package says that it does not know.
func TestSQLiteDiffersNot(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	cols := sqliteColumns()
	table := &schema.Table{Name: "s"}
	ddl, marks := "create table s (id integer primary key", "?"
	for _, c := range cols {
		ddl += fmt.Sprintf(", %s %s", c.name, c.ddl)
		marks += ", ?"
		sc := &schema.Column{Name: c.name, Type: c.t}
		if strings.Contains(c.ddl, "nocase") {
			sc.Collation = "NOCASE"
		}
		table.Columns = append(table.Columns, sc)
	}
	if _, err := db.Exec(ddl + ")"); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	cells := map[string][]*string{}
	for i := range differRows {
		row := []any{i}
		for _, c := range cols {
			if r.IntN(6) == 0 {
				cells[c.name] = append(cells[c.name], nil)
				row = append(row, nil)
				continue
			}
			v := c.values[r.IntN(len(c.values))]
			cells[c.name] = append(cells[c.name], &v)
			row = append(row, sqliteBind(t, c.t, v))
		}
		if _, err := db.Exec("insert into s values ("+marks+")", row...); err != nil {
			t.Fatal(err)
		}
	}
	vecs := map[string]*column.Vec{}
	for _, c := range cols {
		vecs[c.name] = cellVec(t, c.t, cells[c.name])
	}
	known, agree := 0, 0
	for _, e := range sqliteExpressions {
		p, err := Compile(table, e, "", Options{SQLite: true})
		var u *ErrUnknown
		if errors.As(err, &u) {
			t.Logf("unknown: %s: %v", e, err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		known++
		rows, err := db.Query("select case when (" + e + ") then 1 when not (" + e + ") then 0 end from s order by id")
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		ev, wrong := p.Evaluator(), 0
		var in []*column.Vec
		for _, name := range p.Columns {
			in = append(in, vecs[name])
		}
		for i := 0; rows.Next(); i++ {
			var v sql.NullInt64
			if err := rows.Scan(&v); err != nil {
				t.Fatal(err)
			}
			want := Unknown
			if v.Valid {
				want = Truth(v.Int64)
			}
			got, err := ev.Eval(in, i)
			if err != nil {
				continue
			}
			agree++
			if got != want {
				if wrong++; wrong == 1 {
					var given []string
					for k, name := range p.Columns {
						given = append(given, fmt.Sprintf("%s=%q(null %v)", name, in[k].String(i), in[k].Null(i)))
					}
					t.Errorf("%s gives %s, and SQLite %s, over %s", e, got, want, strings.Join(given, " "))
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Logf("%s: %v", e, err)
		}
		rows.Close()
	}
	t.Logf("%d of %d expressions are known; %d values agree", known, len(sqliteExpressions), agree)
	if known < len(sqliteExpressions)*9/10 || agree < known*differRows*3/4 {
		t.Error("too few are known")
	}
}

// sqliteBind gives a cell as the engine's encoder does.
func sqliteBind(t testing.TB, st schema.Type, v string) any {
	switch st.Kind {
	case column.Int:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	case column.Float, column.Decimal:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	case column.Bool:
		return map[string]int64{"true": 1, "false": 0}[v]
	case column.Bytes:
		b, err := hex.DecodeString(v[2:])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return v
}
