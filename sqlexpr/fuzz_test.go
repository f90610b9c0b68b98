package sqlexpr

import "testing"

// FuzzParse: no text breaks the parser, and what it prints is read as the same again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`(price >= (0)::numeric)`, `((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`, `NOT a AND b OR c IS NOT NULL`,
		`EXTRACT(year FROM d) > 2000::numeric`, `TRIM(LEADING '0' FROM x) = x`, `x NOT BETWEEN 1 AND 2 AND y`, `(d AT TIME ZONE 'UTC'::text)`, `"Order".x[1] || E'a\\b'`,
		`CASE WHEN (a > 0) THEN true ELSE NULL::boolean END`, `(a, b) OVERLAPS (c, d)`, `x !~* 'a' AND y NOT LIKE 'b%'`, `((((((((((a))))))))))`, `'` + "\x00" + `'`, `a.b.c`, `1e999`, `[x]`, "`y`", `f("A b".c '1')`,
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, src string, sqlite bool) {
		e, err := Parse(src, sqlite)
		if err != nil {
			return
		}
		text := e.String()
		again, err := Parse(text, sqlite)
		if err != nil {
			return // what is printed for people has forms that only one database reads
		}
		if got := again.String(); got != text {
			t.Errorf("%q prints as %q, and that as %q", src, text, got)
		}
	})
}
