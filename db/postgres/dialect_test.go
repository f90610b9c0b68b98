package postgres_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

// verdict asks the server for the value of an expression, as true, false, null or a text.
func verdict(t *testing.T, s *pgtest.Server, url, from, expr string) string {
	t.Helper()
	return s.Psql(t, url, "set timezone = 'UTC'; select coalesce(("+expr+")::text, 'null') "+from)
}

func TestDialect(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `
create table t (b bool, i int, n numeric(10,2), f float8, f4 real, x text, c char(4), u uuid, ux text, d date, tm time, ts timestamp, tz timestamptz, j jsonb, js json, jt text, by bytea);
insert into t values (true, -5, 1.50, 0.1, 0.1, 'héllo ''x'' \', 'ab', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001',
  '0044-03-15 BC', '12:00', '2025-05-01 10:00', '2025-05-01 10:00Z', '{"s": "a\"b", "n": 5, "a": [1, "x", "x"], "o": null, "p": ["x", "y"], "e": []}', '["x"]', '["x", "z"]', '\x00ff');`)
		d := db.Dialect()
		if d.Name() != "postgres" || d.Ident("", "a\"b", "", "c") != `"a""b"."c"` || d.Ident() != "" {
			t.Errorf("%s %s", d.Name(), d.Ident("", "a\"b", "", "c"))
		}
		cell := func(v *column.Vec) string { return d.Cell(v, 0) }
		for expr, want := range map[string]string{
			"x = " + d.Text(`héllo 'x' \`):                                     "true",
			d.Text("") + " = ''":                                               "true",
			d.Value(nil):                                                       "null",
			"b = " + d.Value(true):                                             "true",
			"i = " + d.Value(int64(-5)):                                        "true",
			"0 -" + d.Value(int64(-5)):                                         "5",
			"n = " + d.Value(1.5):                                              "true",
			"f = " + d.Value(0.1):                                              "true",
			"x <> " + d.Value("a"):                                             "true",
			d.Value(int64(math.MinInt64)):                                      "-9223372036854775808",
			"f < " + d.Value(math.Inf(1)):                                      "true",
			"0.0 -" + d.Value(-0.5):                                            "0.5",
			"b = " + cell(vec(kindBool, true)):                                 "true",
			"i = " + cell(vec(kindInt, -5)):                                    "true",
			"n = " + cell(decimals(2, 150)):                                    "true",
			"f = " + cell(vec(kindFloat, 0.1)):                                 "true",
			"f4 = " + cell(vec(kindFloat, float64(float32(.1)))):               "true",
			"d = " + cell(vec(kindDate, -735160)):                              "true",
			"tm = " + cell(vec(kindTime, day/2)):                               "true",
			"ts = " + cell(vec(kindTimestamp, 1_746_093_600_000_000)):          "true",
			"tz = " + cell(vec(kindTimestamp, 1_746_093_600_000_000)):          "true",
			"u = " + cell(vec(kindUUID, [16]byte{15: 1})):                      "true",
			"ux = " + cell(vec(kindUUID, [16]byte{15: 1})):                     "true",
			"x = " + cell(vec(kindText, `héllo 'x' \`)):                        "true",
			"j->'p' = " + cell(vec(kindJSON, `["x", "y"]`)):                    "true",
			"by = " + cell(vec(kindBytes, "\x00\xff")):                         "true",
			"j is not distinct from " + cell(vec(kindText, nil)):               "false",
			d.Prefix("x", 2):                                                   "hé",
			d.Prefix("x", 0):                                                   "",
			d.Length("x"):                                                      "11",
			d.Length("c"):                                                      "2",
			d.JSONField("j", "s"):                                              `a"b`,
			d.JSONField("j", "n"):                                              "5",
			d.JSONField("j", "o"):                                              "null",
			d.JSONField("j", "it's"):                                           "null",
			d.JSONArray("j", "a"):                                              `[1, "x", "x"]`,
			d.JSONLength(d.JSONArray("j", "a")):                                "3",
			d.JSONLength(d.JSONArray("j", "nope")):                             "null",
			d.JSONLength("j"):                                                  "-1",
			d.JSONLength("js"):                                                 "1",
			d.JSONLength("jt"):                                                 "2",
			d.JSONLength("null::jsonb"):                                        "null",
			d.JSONDistinct(d.JSONArray("j", "a")):                              "false",
			d.JSONDistinct(d.JSONArray("j", "p")):                              "true",
			d.JSONDistinct(d.JSONArray("j", "e")):                              "true",
			d.JSONDistinct(d.JSONArray("j", "n")):                              "false",
			d.JSONDistinct(d.JSONArray("j", "nope")):                           "null",
			d.JSONDistinct(`'["1", 1, "a", "A"]'::json`):                       "true",
			d.JSONDistinct("jt"):                                               "true",
			d.JSONWithin(d.JSONArray("j", "p"), []string{"y", "x", `it's "\`}): "true",
			d.JSONWithin(d.JSONArray("j", "p"), []string{"x", "xy"}):           "false",
			d.JSONWithin(d.JSONArray("j", "a"), []string{"x", "1"}):            "true",
			d.JSONWithin(`'["x", null]'`, []string{"x", "null"}):               "false",
			d.JSONWithin(d.JSONArray("j", "e"), nil):                           "true",
			d.JSONWithin(d.JSONArray("j", "s"), []string{`a"b`}):               "false",
			d.JSONWithin(d.JSONArray("j", "nope"), []string{"x"}):              "null",
			d.JSONWithin(`'["it''s \"\\"]'::text`, []string{`it's "\`}):        "true",
			d.JSONWithin(`'[["x"]]'::text`, []string{"x"}):                     "false",
			d.Greatest("i", "3", "null"):                                       "3",
			d.Greatest("null::int", "i"):                                       "-5",
			d.Greatest("i"):                                                    "-5",
			d.Greatest():                                                       "null",
			d.AddMicros("ts", -1):                                              "2025-05-01 09:59:59.999999",
			d.AddMicros("tz", 86_400_000_000):                                  "2025-05-02 10:00:00+00",
			d.AddMicros("ts", 9_000_000_000_000_000):                           "2310-07-14 02:00:00",
			d.AddMicros(cell(vec(kindTimestamp, 0)), 5):                        "1970-01-01 00:00:00.000005",
			"not " + d.Matches("c", "ab"):                                      "false",
			d.Matches("u", "[0-9a-f-]{36}"):                                    "true",
		} {
			if got := verdict(t, s, url, "from t", expr); got != want {
				t.Errorf("%s: %s, want %s", expr, got, want)
			}
		}
	})
}

var patterns = []string{
	"", "a", "abc", "a|b", "a|bc|", "(a|b)c", "a*", "a+b?", "(ab)*", "(?:ab){2}", "a{2,3}", "a{2,}", "a{0}", "[a-c]", "[^a-c]", "[^a]*", ".", ".*", "(?s).", "(?s).*",
	`\d+`, `\w+`, `\s`, `\D`, `\W`, `\S*`, `\.`, `\\`, `[\]\\^-]`, `[-a]`, `[a-]`, `[[:alpha:]]+`, `[[:^digit:]]`, `\pL+`, `\p{Greek}+`, "é+", "[à-ü]", "[^à-ü]", "日本", "😀+", `\x41`, `\x{1F600}`,
	"(?i)abc", "(?i)straße", "(?i)[a-c]+", "(?i)k", "^a$", `\Aa\z`, "^", "$", "a?b??c*?", "(a+)+", "((a|b)*c)+", "[a-z0-9._%+-]+@[a-z]+\\.com", "#[0-9a-f]{6}", "'", `''`, "%", "_", "(", "a**",
	`\bword\b`, "(?m)^a$", "a{300}", "(a{20}){20}", "[^\\x00-\\x7f]", `\t`, "\t", " ", "a b", `[\s\S]`, "(?P<n>a)b", `\Q.*\E`, "x{1}", "(|a)b", "(a|)+", `[\n]`, "(?U)a+", `(?-s).`, "a(?i:b)c", `\C`,
}

var samples = []string{
	"", "a", "A", "b", "c", "ab", "abc", "ABC", "abab", "aa", "aaa", "aaaa", "bc", "ac", "1", "12", "a1_", " ", "\n", "a\nb", "\t", ".", "\\", "]", "^", "-", "é", "É", "éé", "Ω", "ωΩ", "日本", "😀", "😀😀",
	"strasse", "STRAßE", "straße", "STRAẞE", "k", "K", "K", "ſ", "x@y.com", "foo.bar@baz.com", "#00ff9a", "'", "''", "%", "_", "word", "a b", ".*", "bb", "abbc", "x", "_9", "à", "ü", "abC", "aBc", "\u007f", "\u0080", "\u00a0", "0", "٣", "$", "a$",
}

// Where a pattern can be written in PostgreSQL's language, it means there what it means in Go.
func TestMatches(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		_, url := fresh(t, s, "")
		d := open(t, url, postgres.Options{}).Dialect()
		var list []string
		for _, x := range samples {
			list = append(list, d.Text(x))
		}
		var asked []string
		var exprs strings.Builder
		for _, p := range patterns {
			if m := d.Matches("x", p); m != "" {
				asked = append(asked, p)
				fmt.Fprintf(&exprs, ", %s", m)
			}
		}
		if len(asked) < len(patterns)-9 {
			t.Errorf("only %d of %d patterns can be asked", len(asked), len(patterns))
		}
		out := s.Psql(t, url, "select i"+exprs.String()+" from unnest(array["+strings.Join(list, ", ")+"]) with ordinality u (x, i) order by i")
		lines := strings.Split(out, "\n")
		if len(lines) != len(samples) {
			t.Fatalf("%d lines", len(lines))
		}
		for i, line := range lines {
			for k, got := range strings.Split(line, "|")[1:] {
				want := regexp.MustCompile(`^(?:` + asked[k] + `)$`).MatchString(samples[i])
				if asked[k] == "^" || asked[k] == "$" {
					want = samples[i] == ""
				}
				if (got == "t") != want {
					t.Errorf("%q matches %q: %t here, %s there", asked[k], samples[i], want, got)
				}
			}
		}
		for _, p := range []string{"(", "a**", `\bword\b`, "(?m)^a$", "a{300}", `\C`, strings.Repeat("日", 3000)} {
			if got := d.Matches("x", p); got != "" {
				t.Errorf("%q became %s", p, got)
			}
		}
	})
}

// In a database of another encoding only ASCII is asked.
func TestMatchesASCII(t *testing.T) {
	s := pgtest.Shared(t, 0)
	name := "ascii_" + strings.TrimPrefix(strings.ToLower(t.Name()), "test") + "_test"
	s.Psql(t, "postgres", "drop database if exists "+name)
	s.Psql(t, "postgres", "create database "+name+" encoding 'LATIN1' template template0 locale 'C'")
	t.Cleanup(func() { s.Psql(t, "postgres", "drop database "+name+" with (force)") })
	db := open(t, s.URL(name), postgres.Options{})
	d := db.Dialect()
	for _, p := range []string{"é", "[à-ü]", `\pL`, "[^é]", "(?i)k"} {
		if got := d.Matches("x", p); got != "" {
			t.Errorf("%q became %s", p, got)
		}
	}
	for p, want := range map[string]string{"[^a]": "true", ".": "true", `\W`: "true", `\w`: "false", "(?s).": "true"} {
		if got := verdict(t, s, s.URL(name), "", d.Matches("'é'", p)); got != want {
			t.Errorf("é matches %s: %s, want %s", p, got, want)
		}
	}
}
