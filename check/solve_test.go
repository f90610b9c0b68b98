package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func solveTable(checks ...string) *schema.Table {
	st := func(name string, k column.Kind, w int) schema.Type { return schema.Type{Name: name, Kind: k, Width: w} }
	t := &schema.Table{Name: "t", Columns: []*schema.Column{
		{Name: "kind", NotNull: true, Type: st("text", column.Text, 0)},
		{Name: "state", Type: st("text", column.Text, 0)},
		{Name: "n", Type: st("integer", column.Int, 4)},
		{Name: "m", NotNull: true, Type: st("integer", column.Int, 4)},
		{Name: "price", Type: st("numeric", column.Decimal, 0)},
		{Name: "b", NotNull: true, Type: st("boolean", column.Bool, 0)},
		{Name: "c", Type: st("boolean", column.Bool, 0)},
		{Name: "d", Type: st("date", column.Date, 0)},
		{Name: "e", Type: st("date", column.Date, 0)},
		{Name: "ts", Type: st("timestamp with time zone", column.Timestamp, 0)},
		{Name: "code", Type: st("text", column.Text, 0)},
		{Name: "doc", Type: st("jsonb", column.JSON, 0)},
	}}
	for i, c := range checks {
		t.Checks = append(t.Checks, &schema.Check{Name: fmt.Sprintf("c%d", i+1), Expression: c})
	}
	return t
}

// What the solver makes of the shapes that schemas have.
func TestSolveShapes(t *testing.T) {
	for _, c := range []struct {
		checks []string
		want   []string // a part of each case, in order
	}{
		{[]string{"n >= 0", "n < 10"}, []string{`n={"Min":{"Value":"0",},"Max":{"Value":"10","Open":true},}`}},
		{[]string{"n > 5 and n < 8 and n <> 7"}, []string{`n={"In":["6"],}`}},
		{[]string{"n % 6 = 0", "n % 4 = 0"}, []string{`"Multiple":"12"`}},
		{[]string{"greatest(n, m) = 10", "n is not null"}, []string{`m={"Null":1,"Max":{"Value":"10",},} n={"Null":1,"In":["10"],}`, `m={"Null":1,"In":["10"],} n={"Null":1,"Max":{"Value":"10",},}`}},
		{[]string{"(m, n) < (5, 5)"}, []string{`m={"Null":1,"Max":{"Value":"5","Open":true},}`, `m={"Null":1,"In":["5"],} n={"Max":{"Value":"5","Open":true},}`}},
		{[]string{"m = 7"}, []string{`m={"Null":1,"In":["7"],}`}},
		{[]string{"n + 2 <= 10 and 5 - n <= 3"}, []string{`n={"Min":{"Value":"2",},"Max":{"Value":"8",},}`}},
		{[]string{"price > 0.5::numeric", "not (price > 3)"}, []string{`price={"Min":{"Value":"0.5","Open":true},"Max":{"Value":"3",},}`}},
		{[]string{"(kind = 'a') = (n is not null)", "kind in ('a', 'b')"}, []string{`"kind_a": kind={"Null":1,"In":["a"],} n={"Null":1,}`, `"kind_b": kind={"Null":1,"In":["b"],} n={"Null":2,}`}},
		{[]string{"kind = 'a' or n is null"}, []string{`kind={"Null":1,"In":["a"],}`, `n={"Null":2,}`}},
		{[]string{"n is null or n > 3"}, []string{`n={"Min":{"Value":"3","Open":true},}`}},
		{[]string{"d is null or e is null or d <= e"}, []string{`between=[{d e <= }]`}},
		{[]string{"not (b and c)", "b"}, []string{`b={"Null":1,"In":["true"],} c={"In":["false"],}`}},
		{[]string{"b <> c"}, []string{`b={"Null":1,"In":["false"],} c={"In":["true"],}`, `b={"Null":1,"In":["true"],} c={"In":["false"],}`, `c={"Null":2,}`}},
		{[]string{"num_nonnulls(n, d) = 1"}, []string{`d={"Null":1,} n={"Null":2,}`, `d={"Null":2,} n={"Null":1,}`}},
		{[]string{"case when kind = 'x' then n > 3 else n is null end"}, []string{`kind={"Null":1,"In":["x"],} n={"Min":{"Value":"3","Open":true},}`, `kind={"Null":1,"NotIn":["x"],} n={"Null":2,}`}},
		{[]string{"upper(code) = any (array['AB', 'cd'])"}, []string{`code={"In":["AB"],}`}},
		{[]string{"code = lower(btrim(code))", "length(code) between 2 and 5"}, []string{`code={"MinLength":2,"MaxLength":5,"Lower":true,"Trimmed":true,}`}},
		{[]string{"code like 'k8s:%' or code like 'ip:%'"}, []string{`(?:^k8s:(?s:.*)$)|(?:^ip:(?s:.*)$)`}},
		{[]string{"left(code, 3) = 'abc'", "position('.' in code) = 0", "code !~* 'x'"}, []string{`"Patterns":[{"Regexp":"^abc",},{"Regexp":"\\.","Not":true,},{"Regexp":"x","Not":true,"IgnoreCase":true}]`}},
		{[]string{"ts <= now() - interval '18 years'"}, []string{`ts={"Max":{"Value":"now - 18 years",},}`}},
		{[]string{"d > current_date + 7"}, []string{`d={"Min":{"Value":"now + 7 days","Open":true},}`}},
		{[]string{"d >= timestamptz '2020-01-01 10:00:00+00'"}, []string{`d={"Min":{"Value":"2020-01-01","Open":true},}`}},
		{[]string{"extract(year from d) between 2000 and 2010"}, []string{`d={"Min":{"Value":"2000-01-01",},"Max":{"Value":"2011-01-01","Open":true},}`}},
		{[]string{"coalesce(e, 'infinity'::date) > d"}, []string{`between=[{d e < }]`}},
		{[]string{"e >= d + 3", "n = least(n, m)"}, []string{`between=[{d e <= -3 days} {n m <= }]`}},
		{[]string{"code between 'a' and 'h'", "'c' < code"}, []string{`code={"Min":{"Value":"c","Open":true},"Max":{"Value":"h",},} rest(`}}, // a hint: the order is the database's
		{[]string{"not (code < 'M') and code < 'z'"}, []string{`code={"Min":{"Value":"M",},} rest(`}},
		{[]string{"code > 'n' and code < 'c'"}, []string{`code={"Min":{"Value":"n","Open":true},} rest(`}},
		{[]string{"n <> m"}, []string{`between=[{n m <> }]`}},
		{[]string{"jsonb_typeof(doc) = 'array'"}, []string{`doc={"JSON":"array",}`}},
		{[]string{"doc ? 'a' and (doc ->> 'a') <> '' and not doc ? 'b'"}, []string{`doc={"Members":[{"Name":"a","Filled":true,},{"Name":"b","Absent":true,}],}`}},
		{[]string{"doc ?& array['a', 'b'] and jsonb_typeof(doc -> 'a') = 'number'", "doc ->> 'b' in ('x', 'y')", "doc ->> 'b' in ('y', 'z')"}, []string{`{"Name":"a","Type":"number",},{"Name":"b","In":["y"],}`}},
		{[]string{"(doc -> 'a') is not null or (doc ->> 'b') = 'x'"}, []string{`"Members":[{"Name":"a",`, `"Members":[{"Name":"b",`}},
		{[]string{"doc ? 'a'", "not doc ? 'a'"}, []string{`doc={"Null":2,}`}},
		{[]string{"price = n * 2 + m"}, []string{`equal=[{price ((n * 2) + m) [n m]}]`}},
		{[]string{"n = extract(year from d)"}, []string{`equal=[{n year(d) [d]}]`}},
		{[]string{"(n)::numeric = EXTRACT(quarter FROM d)", "code = to_char((d)::timestamp with time zone, 'YYYY-MM'::text)"}, []string{`equal=[{n quarter(d) [d]} {code format(d, "YYYY-MM") [d]}]`}},
		{[]string{"e = (date_trunc('month'::text, (d)::timestamp with time zone))::date"}, []string{`equal=[{e trunc(d, "month") [d]}]`}},
		{[]string{"e = (ts)::date"}, []string{`equal=[{e date(ts) [ts]}]`}},
		{[]string{"code = ((lower(kind) || '-'::text) || (n)::text)"}, []string{`equal=[{code concat(concat(lower(kind), "-"), text(n)) [kind n]}]`}},
		{[]string{"state = case when n >= 10 then 'many' when n >= 2 then 'few' else 'one' end"}, []string{`equal=[{state ((n >= 10) ? "many" : ((n >= 2) ? "few" : "one")) [n]}]`}},
		{[]string{"ts = d + interval '90 minutes'"}, []string{`equal=[{ts plus(d, 90, "minute") [d]}]`}},
		{[]string{"ts = d + n * interval '1 hour'", "n between 1 and 8"}, []string{`equal=[{ts plus(d, n, "hour") [d n]}]`}},
		{[]string{"ts = d + make_interval(days => n, hours => m)"}, []string{`equal=[{ts plus(plus(d, n, "day"), m, "hour") [d n m]}]`}},
		{[]string{"n = e - d"}, []string{`equal=[{n elapsed(d, e, "day") [e d]}]`}},
		{[]string{"e - d between 3 and 10"}, []string{`between=[{d e <= -3 days} {e d <= 10 days}]`}},
		{[]string{"left(code, 2) = kind"}, []string{`between=[{code kind starts }]`}},
		{[]string{"code like kind || '-%'"}, []string{`between=[{code kind starts -}]`}},
		{[]string{"right(code, 1) = kind"}, []string{`between=[{code kind ends }]`}},
		{[]string{"code = concat_ws('/', kind, lpad(n::text, 4, '0'))"}, []string{`equal=[{code concat(kind, "/", lpad(text(n), 4, "0")) [kind n]}]`}},
		{[]string{"code = translate(lower(kind), ' .', '__')"}, []string{`equal=[{code replace(replace(lower(kind), " ", "_"), ".", "_") [kind]}]`}},
		{[]string{"doc @> '{\"a\": \"x\", \"b\": {\"c\": 1}}'"}, []string{`doc={"JSON":"object","Members":[{"Name":"a","Type":"string","In":["x"],},{"Name":"b","Type":"object","Members":[{"Name":"c","Type":"number","In":["1"],}],}],}`}},
		{[]string{"jsonb_array_length(doc) between 1 and 3"}, []string{`doc={"JSON":"array","MinSize":1,"MaxSize":3,}`}},
		{[]string{"doc @? '$.items[*] ? (@.qty > 0)'"}, []string{`doc={"Members":[{"Name":"items","Type":"array","Items":[{"Type":"object","Members":[{"Name":"qty","Type":"number","Min":{"Value":"0","Open":true},}],}],}],}`}},
		{[]string{"((doc ->> 'n')::int) > 3", "doc #>> '{a,b}' = 'x'"}, []string{`doc={"Members":[{"Name":"n","Type":"number","Min":{"Value":"3","Open":true},},{"Name":"a","Type":"object","Members":[{"Name":"b","In":["x"],}],}],}`}},
		{[]string{"n = m * 2"}, []string{`equal=[{n (m * 2) [m]}]`}},
		{[]string{"coalesce(n, m) is not null"}, []string{`"":`}},
		{[]string{"coalesce(n, price) is not null"}, []string{`n={"Null":1,}`, `price={"Null":1,}`}},
		{[]string{"(n is null)::int + (d is null)::int = 2"}, []string{`d={"Null":2,} n={"Null":2,}`}},
		{[]string{"state = 'a' or state = 'b'", "state <> 'b'"}, []string{`state={"In":["a"],}`}},
		{[]string{"n = m and m = 4"}, []string{`m={"Null":1,"In":["4"],} n={"In":["4"],}`}},
		{nil, []string{`"":`}},
		{[]string{"app.magic(n)"}, []string{`rest(c1: app.magic(n) open [n] unknown [the function app.magic])`}},
	} {
		cases, err := Solve(solveTable(c.checks...), nil, 8, Options{Now: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Errorf("%v: %v", c.checks, err)
			continue
		}
		var got []string
		for _, k := range cases {
			got = append(got, show(k))
		}
		ok := len(got) == len(c.want)
		for i := range got {
			ok = ok && strings.Contains(got[i], c.want[i])
		}
		if !ok {
			t.Errorf("%v gives\n%s\nwant\n%s", c.checks, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// What no row satisfies is said, and nothing else is.
func TestSolveNever(t *testing.T) {
	for _, c := range [][]string{
		{"false"}, {"m > 3", "m < 4"}, {"kind = 'a'", "kind = 'b'"}, {"b", "not b"}, {"m is null"}, {"n is null", "n is not null"},
		{"kind in ('a', 'b')", "kind <> 'a'", "length(kind) > 1"}, {"case when b then m > 5 else m > 6 end", "m = 3"},
	} {
		cases, err := Solve(solveTable(c...), nil, 8, Options{})
		var never *NeverError
		if !errors.As(err, &never) {
			t.Errorf("%v: %v, %d cases: no row satisfies it", c, err, len(cases))
		}
	}
	for _, c := range [][]string{{"n > 3", "n < 4"}, {"state = 'a'", "state = 'b'"}, {"n > 3", "n < m", "m < 2"}} { // a null does
		if _, err := Solve(solveTable(c...), nil, 8, Options{}); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// The ways to make a predicate true, and not true.
func TestPredicate(t *testing.T) {
	for where, want := range map[string][2]string{
		"d IS NULL":            {`d={"Null":2,}`, `d={"Null":1,}`},
		"b":                    {`b={"Null":1,"In":["true"],}`, `b={"Null":1,"In":["false"],}`},
		"kind = 'a' AND n > 3": {`kind={"Null":1,"In":["a"],} n={"Null":1,"Min":{"Value":"3","Open":true},}`, `n={"Max":{"Value":"3",},}; kind={"Null":1,"NotIn":["a"],}`},
		"state = ANY (ARRAY['x'::text, 'y'::text])": {`state={"Null":1,"In":["x","y"],}`, `state={"NotIn":["x","y"],}`},
		"true": {`"":`, ``},
	} {
		yes, no, err := Predicate(where, solveTable(), 8, Options{})
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		for i, cases := range [][]Case{yes, no} {
			var got []string
			for _, k := range cases {
				got = append(got, show(k))
			}
			parts := strings.Split(want[i], "; ")
			if want[i] == "" {
				parts = nil
			}
			if len(got) != len(parts) || slices.ContainsFunc(parts, func(p string) bool {
				return !slices.ContainsFunc(got, func(g string) bool { return strings.Contains(g, p) })
			}) {
				t.Errorf("%s, %v: %v, want %v", where, i == 0, got, parts)
			}
		}
	}
}

func TestSolveSQLite(t *testing.T) {
	tb := &schema.Table{Name: "t", Columns: []*schema.Column{
		{Name: "kind", NotNull: true, Type: schema.Type{Name: "text", Kind: column.Text}},
		{Name: "n", Type: schema.Type{Name: "integer", Kind: column.Int, Width: 8}},
		{Name: "flag", NotNull: true, Type: schema.Type{Name: "boolean", Kind: column.Bool}},
		{Name: "at", Type: schema.Type{Name: "datetime", Kind: column.Timestamp}},
		{Name: "price", Type: schema.Type{Name: "decimal", Kind: column.Decimal, Scale: 2}},
	}}
	for _, e := range []string{
		`kind IN ("a", 'b')`, `n BETWEEN 1 AND 5`, `flag IN (0, 1)`, `(kind = 'a') = (n IS NOT NULL)`, `at >= '2020-01-01'`, `price >= 0`, `length(kind) <= 3`, `kind GLOB '[a-z]*'`, `typeof(n) IN ('integer', 'null')`,
	} {
		tb.Checks = append(tb.Checks, &schema.Check{Name: e, Expression: e})
	}
	cases, err := Solve(tb, nil, 8, Options{SQLite: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range cases {
		got = append(got, show(k))
	}
	for i, want := range []string{
		`"kind_a": at={"Min":{"Value":"2020-01-01 00:00:00",},} kind={"Null":1,"In":["a"],} n={"Null":1,"In":["1","2","3","4","5"],} price={"Min":{"Value":"0",},}`,
		`"kind_b": at={"Min":{"Value":"2020-01-01 00:00:00",},} kind={"Null":1,"In":["b"],} n={"Null":2,} price={"Min":{"Value":"0",},}`,
	} {
		if len(got) != 2 || got[i] != want {
			t.Errorf("case %d of\n%s\nwant\n%s", i, strings.Join(got, "\n"), want)
		}
	}
}
