package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// Rows that have what a Case asks satisfy every check of their table. They are drawn here by the Case alone, from
// values of every kind, by a reading of its fields that shares no code with the solver's; what is judged is judged by the
// server.
func TestCasesAreSound(t *testing.T) {
	files, err := filepath.Glob("../corpus/testdata/check_*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	servers := 0
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		if servers++; servers > 1 {
			return // the solver is the same
		}
		rows, tables := 0, 0
		for _, file := range files {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ddl := ""
			for _, f := range a.Files {
				if f.Name == "postgres.sql" {
					ddl = string(f.Data)
				}
			}
			name := strings.TrimSuffix(filepath.Base(file), ".txtar")
			url := s.NewDatabase(t, name)
			s.Psql(t, url, ddl)
			found, o := reflectTables(t, s, url, ddl)
			for _, tb := range found {
				cases, err := Solve(tb, nil, 8, o)
				var never *NeverError
				if errors.As(err, &never) {
					if name != "check_never" {
						t.Errorf("%s %s: %v", name, tb.Name, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s %s: %v", name, tb.Name, err)
					continue
				}
				if len(cases) == 0 {
					t.Errorf("%s %s: no case", name, tb.Name)
				}
				tables++
				for _, c := range cases {
					rows += soundCase(t, s, url, tb, c, o)
					if os.Getenv("VERBOSE") != "" {
						t.Log(tb.Name, show(c))
					}
				}
			}
		}
		t.Logf("%d rows of %d tables", rows, tables)
		if rows < 2000 {
			t.Errorf("only %d rows were drawn", rows)
		}
	})
}

func show(c Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q:", c.Name)
	var names []string
	for n := range c.Columns {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		d := c.Columns[n]
		j, _ := json.Marshal(d)
		fmt.Fprintf(&b, " %s=%s", n, regexp.MustCompile(`"\w+":(null|0|""|false),?`).ReplaceAllString(string(j), ""))
	}
	if len(c.Between) > 0 {
		b.WriteString(" between=[")
		for i, r := range c.Between {
			if i > 0 {
				b.WriteString(" ")
			}
			fmt.Fprintf(&b, "{%s %s %s %s}", r.Left, r.Right, r.Op, r.Offset)
		}
		b.WriteString("]")
	}
	if len(c.Equal) > 0 {
		b.WriteString(" equal=[")
		for i, e := range c.Equal {
			if i > 0 {
				b.WriteString(" ")
			}
			fmt.Fprintf(&b, "{%s %s %v}", e.Column, e.Expression, e.Columns)
		}
		b.WriteString("]")
	}
	for _, r := range c.Rest {
		fmt.Fprintf(&b, " rest(%s: %s open %v unknown %v)", r.Name, r.Expression, r.Open, r.Functions)
	}
	return b.String()
}

// pools are values of every kind, those of corners among them.
func pool(sc *schema.Column, d *Domain, r *rand.Rand) []string {
	var out []string
	if d != nil {
		out = append(out, d.In...)
		for _, b := range []*Bound{d.Min, d.Max} {
			if b != nil && !strings.HasPrefix(b.Value, "now") {
				out = append(out, b.Value)
			}
		}
	}
	out = append(out, sc.Type.Enum...)
	switch sc.Type.Kind {
	case column.Int:
		for i := range 14 {
			out = append(out, fmt.Sprint(i-3))
		}
		out = append(out, "15", "16", "50", "100", "101", "1999", "2000", "365", fmt.Sprint(r.IntN(1000)))
	case column.Decimal, column.Float:
		out = append(out, "0", "1", "-1", "0.5", "15", "15.5", "100", "-90", "180", "2.5", fmt.Sprint(r.IntN(200)))
	case column.Bool:
		out = append(out, "true", "false")
	case column.Date:
		out = append(out, "1989-12-31", "1990-01-01", "2001-02-03", "2007-06-01", "2024-02-29", "2024-03-01", "2024-03-07", "2025-06-01", "2099-01-01")
	case column.Timestamp:
		out = append(out, "1999-12-31 23:59:59", "2001-01-01 00:00:00", "2001-01-01 00:00:01", "2024-01-01 10:00:00", "2024-01-01 11:00:00", "2025-06-01 12:00:00", "2100-01-01 00:00:00")
	case column.Time:
		out = append(out, "00:00:00", "06:00:00", "12:00:00", "21:59:59", "22:00:00")
	case column.Text:
		if len(sc.Type.Enum) == 0 {
			out = append(out, texts...)
			out = append(out, "0x"+strings.Repeat("ab", 32), "https://a.example/", "/a/b", "//", "obj_0123456789", "abcdef", "a@b.example", "a/b", "1.2.3", "#aabbcc", "refs/x", "DE02120300000000202051",
				"de_DE", "+491234567", "x.png", "k8s:x", "NW", "y", "n", "bike", "A", "Abc", "abc def", "slug-1", "USABC2312345", "ff", "a.b", "a  ")
		}
	case column.JSON:
		out = append(out, `{}`, `{"version": 1}`, `[]`, `"x"`, `1`, `{"size": 3}`)
	case column.Bytes:
		out = append(out, `\x`, `\x00`, `\x`+strings.Repeat("ab", 32))
	case column.Literal:
		switch {
		case sc.Type.Name == "text[]":
			out = append(out, "{}", "{a}", "{reader}", "{reader,owner}", "{a,b,c,d,e,f}", "{NULL}", "{a b}")
		case strings.HasSuffix(sc.Type.Name, "[]"):
			out = append(out, "{}", "{1}", "{1,2,3}", "{1,NULL}", "{1,2,3,4,5}")
		case strings.HasSuffix(sc.Type.Name, "range") && strings.HasPrefix(sc.Type.Name, "ts"):
			out = append(out, "empty", `["2024-01-01 10:00:00+00","2024-01-01 11:00:00+00")`, `["2024-01-01 10:00:00+00",)`)
		case strings.HasSuffix(sc.Type.Name, "range"):
			out = append(out, "empty", "[1,5)", "[2,3)", "(,5)", "[0,)")
		case sc.Type.Name == "interval":
			out = append(out, "00:00:00", "1 day", "-1 days", "00:00:01")
		}
	}
	return out
}

// fits reads a Domain as its comments have it.
func fits(sc *schema.Column, d *Domain, v string, now time.Time) bool {
	ct := columnType(sc)
	cmp := func(a, b string) int {
		t := ct
		if t.number() {
			t = numericType
		}
		if rest, ok := strings.CutPrefix(b, "now"); ok {
			at := now
			if f := strings.Fields(rest); len(f) == 3 {
				var n int
				fmt.Sscan(f[1], &n)
				if f[0] == "-" {
					n = -n
				}
				switch strings.TrimSuffix(f[2], "s") {
				case "year":
					at = at.AddDate(n, 0, 0)
				case "day":
					at = at.AddDate(0, 0, n)
				default:
					panic(b)
				}
			}
			x, err := timestampType.input(a)
			if err != nil {
				panic(err)
			}
			return int(max(-1, min(1, x.n-at.UnixMicro())))
		}
		x, err1 := t.input(a)
		y, err2 := t.input(b)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprint(a, b, err1, err2))
		}
		return t.compare(x, y)
	}
	same := func(a, b string) bool {
		if ct.number() {
			return cmp(a, b) == 0
		}
		return a == b
	}
	in := func(list []string) bool { return slices.ContainsFunc(list, func(x string) bool { return same(x, v) }) }
	if d.In != nil && !in(d.In) || in(d.NotIn) {
		return false
	}
	if d.Min != nil {
		if c := cmp(v, d.Min.Value); c < 0 || c == 0 && d.Min.Open {
			return false
		}
	}
	if d.Max != nil {
		if c := cmp(v, d.Max.Value); c > 0 || c == 0 && d.Max.Open {
			return false
		}
	}
	if d.Multiple != "" {
		x, _ := parseNumeric(v)
		k, _ := parseNumeric(d.Multiple)
		if m, err := modNumeric(x, k); err != nil || !isZero(m) {
			return false
		}
	}
	n := len([]rune(v))
	if d.Bytes {
		n = len(v)
		if sc.Type.Kind == column.Bytes {
			n = (len(v) - 2) / 2
		}
	}
	if n < d.MinLength || d.MaxLength > 0 && n > d.MaxLength {
		return false
	}
	for _, p := range d.Patterns {
		re := p.Regexp
		if p.IgnoreCase {
			re = "(?i)" + re
		}
		if regexp.MustCompile(re).MatchString(v) == p.Not {
			return false
		}
	}
	if d.Lower && strings.ToLower(v) != v || d.Upper && strings.ToUpper(v) != v || d.Trimmed && strings.TrimSpace(v) != v || d.Filled && strings.TrimSpace(v) == "" {
		return false
	}
	if d.JSON != "" && typeofJSON([]byte(v)) != d.JSON {
		return false
	}
	if d.Elements != nil || d.MinSize > 0 || d.MaxSize > 0 || d.NoNulls {
		a, err := ct.input(v)
		if err != nil {
			return false
		}
		elems := a.x.(*list).elems
		if len(elems) < d.MinSize || d.MaxSize > 0 && len(elems) > d.MaxSize {
			return false
		}
		for _, e := range elems {
			if e.null {
				if d.NoNulls {
					return false
				}
			} else if d.Elements != nil && !slices.Contains(d.Elements.In, string(e.b)) {
				return false
			}
		}
	}
	return true
}

// soundCase draws rows of a Case and lets the server judge them.
func soundCase(t *testing.T, s *pgtest.Server, url string, tb *schema.Table, c Case, o Options) int {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 8))
	var sql strings.Builder
	n, tries := 0, 0
	legal := map[string][]string{}
	for _, sc := range tb.Columns {
		d := c.Columns[sc.Name]
		if d == nil {
			d = &Domain{}
		}
		for _, v := range pool(sc, d, r) {
			if sc.Type.Kind == column.Text && sc.Type.Length > 0 && len([]rune(v)) > sc.Type.Length {
				continue
			}
			if fits(sc, d, v, o.Now) {
				legal[sc.Name] = append(legal[sc.Name], v)
			}
		}
	}
	programs := map[*Check]*Program{}
	for _, k := range c.Rest {
		programs[k], _ = Compile(tb, k.Expression, "", o)
	}
	var drawn []map[string]*string
	for ; n < 40 && tries < 6000; tries++ {
		row := map[string]*string{}
		for _, sc := range tb.Columns {
			d := c.Columns[sc.Name]
			if d == nil {
				d = &Domain{}
			}
			if d.Null == IsNull || d.Null == Either && !sc.NotNull && r.IntN(4) == 0 {
				row[sc.Name] = nil
				continue
			}
			ok := legal[sc.Name]
			if len(ok) == 0 {
				if d.Null == NotNull || sc.NotNull {
					t.Logf("%s.%s: no value for %+v", tb.Name, sc.Name, *d)
					return 0
				}
				row[sc.Name] = nil
				continue
			}
			v := ok[r.IntN(len(ok))]
			row[sc.Name] = &v
		}
		if related(tb, c, row) && restHolds(t, tb, c, row, programs) {
			drawn = append(drawn, row)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	fmt.Fprintf(&sql, "select json_agg(v) from (select ")
	for i, k := range tb.Checks {
		e := k.Expression
		if k.Domain != "" {
			e = regexp.MustCompile(`\bVALUE\b`).ReplaceAllString(e, `"`+k.Columns[0]+`"`)
		}
		if i > 0 {
			sql.WriteString(" || ")
		}
		fmt.Fprintf(&sql, "case when (%s) is not false then 't' else 'f' end", strings.ReplaceAll(e, "now()", "timestamptz '2025-06-01 12:00:00+00'"))
	}
	if len(tb.Checks) == 0 {
		return 0
	}
	sql.WriteString(" as v from (values ")
	for i, row := range drawn {
		if i > 0 {
			sql.WriteString(", ")
		}
		for j, sc := range tb.Columns {
			sep := ", "
			if j == 0 {
				sep = "("
			}
			sql.WriteString(sep)
			name := sc.Type.Name
			if name == "character" {
				name = "bpchar" // of any length
			}
			if row[sc.Name] == nil {
				fmt.Fprintf(&sql, "null::%s", name)
			} else {
				fmt.Fprintf(&sql, "%s::%s", sqlexpr.QuoteString(*row[sc.Name]), name)
			}
		}
		sql.WriteString(")")
	}
	sql.WriteString(") as x (")
	for j, sc := range tb.Columns {
		if j > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString(sqlexpr.QuoteIdent(sc.Name))
	}
	sql.WriteString(")) as y")
	var got []string
	if err := json.Unmarshal([]byte(s.Psql(t, url, "set timezone = 'UTC';"+sql.String())), &got); err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if at := strings.IndexByte(v, 'f'); at >= 0 {
			var cells []string
			for _, sc := range tb.Columns {
				if p := drawn[i][sc.Name]; p != nil {
					cells = append(cells, fmt.Sprintf("%s=%q", sc.Name, *p))
				} else {
					cells = append(cells, sc.Name+"=null")
				}
			}
			t.Errorf("%s: case %s\nhas the row %s\nwhich violates %s", tb.Name, show(c), strings.Join(cells, " "), tb.Checks[at].Expression)
			break
		}
	}
	return n
}

func related(tb *schema.Table, c Case, row map[string]*string) bool {
	for _, r := range c.Between {
		a, b := row[r.Left], row[r.Right]
		if a == nil || b == nil {
			continue
		}
		ct := columnType(tb.Column(r.Left))
		right := *b
		if ct.number() {
			ct = numericType
		}
		x, err1 := ct.input(*a)
		y, err2 := ct.input(right)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprint(err1, err2))
		}
		if r.Offset != "" && !ct.text() {
			if ct.number() {
				k, _ := parseNumeric(r.Offset)
				y = addNumeric(y, k)
			} else {
				i, err := parseInterval(r.Offset)
				if err != nil {
					panic(err)
				}
				if ct.kind == kDate {
					y.n += int64(i.days)
				} else {
					y.n = shift(y.n, i)
				}
			}
		}
		ok := true
		switch r.Op {
		case "starts":
			ok = strings.HasPrefix(*a, right+r.Offset)
		case "ends":
			ok = strings.HasSuffix(*a, r.Offset+right)
		case "contained":
			p, q := x.x.(*span), y.x.(*span)
			ok = p.empty || !q.empty && ct.covers(q, p)
		default:
			ok = holds(r.Op, ct.compare(x, y))
		}
		if !ok {
			return false
		}
	}
	return true
}

func restHolds(t testing.TB, tb *schema.Table, c Case, row map[string]*string, programs map[*Check]*Program) bool {
	for _, k := range c.Rest {
		p := programs[k]
		if p == nil {
			return false // only the server can tell
		}
		var in []*column.Vec
		for _, name := range p.Columns {
			v, err := cellOf(columnType(tb.Column(name)), tb.Column(name), row[name])
			if err != nil {
				t.Fatal(err)
			}
			in = append(in, v)
		}
		if got, err := p.Evaluator().Eval(in, 0); err != nil || got == False {
			return false
		}
	}
	return true
}
