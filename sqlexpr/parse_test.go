package sqlexpr

import "testing"

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		`(price >= (0)::numeric)`: `(price >= (0)::numeric)`,
		`((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`: `((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`,
		`NOT a AND b OR c IS NOT NULL`:                       `(((NOT a) AND b) OR (c IS NOT NULL))`,
		`a AND b AND (c AND d)`:                              `(a AND b AND (c AND d))`,
		`EXTRACT(year FROM d) > 2000::numeric`:               `(EXTRACT(year FROM d) > (2000)::numeric)`,
		`TRIM(BOTH FROM x) = x`:                              `(btrim(x) = x)`,
		`TRIM(LEADING '0' FROM x) = x`:                       `(ltrim(x, '0') = x)`,
		`x NOT BETWEEN 1 AND 2 AND y`:                        `((NOT ((x >= 1) AND (x <= 2))) AND y)`,
		`-x::int ^ 2`:                                        `((- (x)::int) ^ 2)`,
		`a - -1 * b`:                                         `(a - (-1 * b))`,
		`(d AT TIME ZONE 'UTC'::text)`:                       `timezone('UTC'::text, d)`,
		`"Order".x[1] || E'a\\b'`:                            `(("Order".x)[1] || 'a\b')`,
		`CASE WHEN (a > 0) THEN true ELSE NULL::boolean END`: `(CASE WHEN (a > 0) THEN true ELSE (NULL)::boolean END)`,
		`a -> 'b' ->> 'c' <> 'd'`:                            `(((a -> 'b') ->> 'c') <> 'd')`,
		`date '2020-01-01' + 1`:                              `('2020-01-01'::date + 1)`,
		`x::timestamp(3) with time zone`:                     `(x)::timestamp(3) with time zone`,
		`(a, b) OVERLAPS (c, d)`:                             `overlaps(a, b, c, d)`,
		`x IN (1, 2) AND y NOT IN ('a')`:                     `((x IN (1, 2)) AND (y NOT IN ('a')))`,
		`x !~* 'a' AND y NOT LIKE 'b%'`:                      `((x !~* 'a') AND (y !~~ 'b%'))`,
		`a OPERATOR(public.=) b`:                             `(a = b)`,
		`"position"(a, 'b'::text) > 0`:                       `(strpos(a, 'b'::text) > 0)`,
		`NOT (ROW(a, b) IS NULL)`:                            `(NOT (ROW(a, b) IS NULL))`,
		`(x COLLATE "C") > 'a' IS TRUE`:                      `(((x COLLATE "C") > 'a') IS TRUE)`,
		`(addr).zip = '1'`:                                   `((addr).zip = '1')`,
		`x ~ U&'\00e4\+01F600\\' AND U&"\0041b"`:             `((x ~ 'ä😀\') AND "Ab")`,
		`a IS DISTINCT FROM b`:                               `(a IS DISTINCT FROM b)`,
	} {
		e, err := Parse(in, false)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if e.String() != want {
			t.Errorf("%s is read as %s, want %s", in, e, want)
		}
		again, err := Parse(e.String(), false)
		if err != nil || again.String() != e.String() {
			t.Errorf("%s is printed as %s, and that as %v (%v)", in, e, again, err)
		}
	}
}

func TestParseSQLite(t *testing.T) {
	for in, want := range map[string]string{
		`a < b = c AND d`:                        `(((a < b) = c) AND d)`,
		`a = b < c`:                              `(a = (b < c))`,
		`x BETWEEN 1 AND 2 OR y GLOB 'a*'`:       `(((x >= 1) AND (x <= 2)) OR (y GLOB 'a*'))`,
		`[my col] IS NOT 'x' AND Length(b) == 2`: `(("my col" IS DISTINCT FROM 'x') AND (length(b) = 2))`,
		`a IS NULL OR b NOTNULL OR c NOT NULL`:   `((a IS NULL) OR (b IS NOT NULL) OR (c IS NOT NULL))`,
		`x NOT LIKE 'a!%' ESCAPE '!'`:            `(NOT "like"('a!%', x, '!'))`,
		`CAST(a AS INTEGER) != 0x1F`:             `(CAST(a AS integer) <> 0x1F)`,
		`a || b = c`:                             `((a || b) = c)`,
	} {
		e, err := Parse(in, true)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		} else if e.String() != want {
			t.Errorf("%s is read as %s, want %s", in, e, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{"", "a >", "(a", "a b", "x in (select 1)", "exists (select 1)", "'abc", `"abc`, "a ? ", "f(distinct x)", "case end", "x is 5", `x = U&'\41'`, `x = U&'\d83d'`, `x = U&'!0041' uescape '!'`, "/* a", "count(*) over ()"} {
		if e, err := Parse(in, false); err == nil {
			t.Errorf("%q was read as %s", in, e)
		}
	}
}

func TestParseBody(t *testing.T) {
	for _, in := range []string{
		"select $1 > 0", "SELECT x > 0 AS ok;", "RETURN (x > 0)", "BEGIN ATOMIC\n SELECT (x > 0) AS \"?column?\";\nEND", "begin atomic return x > 0; end", "begin\n  return x > 0;\nend;", "(x > 0)",
	} {
		if _, err := ParseBody(in); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"select 1 from t", "insert into t values (1)", "select 1; select 2", "select 1, 2"} {
		if e, err := ParseBody(in); err == nil {
			t.Errorf("%q was read as %s", in, e)
		}
	}
}

// ORDER BY is read where nothing in it is odd, and read over elsewhere.
func TestParseOrder(t *testing.T) {
	for in, want := range map[string]string{
		"select a from t order by n desc limit 1":                  "n desc",
		"select a from t where b = 1 order by n, m desc":           "n, m desc",
		"select a from t order by lower(n) asc limit 1 for update": "lower(n)",
		"select a from t order by n desc nulls last limit 1":       "n desc",
		"select a from t order by n using >":                       "",
		"select a from t limit 1":                                  "",
	} {
		q, err := ParseQuery(in, false)
		if err != nil || q.Other {
			t.Errorf("%s: %v, %v", in, q, err)
			continue
		}
		got := ""
		for i, o := range q.Order {
			if i > 0 {
				got += ", "
			}
			if got += o.Expr.String(); o.Desc {
				got += " desc"
			}
		}
		if got != want {
			t.Errorf("%s: ordered by %q, want %q", in, got, want)
		}
	}
}
