package gen

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
)

// conditions are patterns with conditions, each with what PostgreSQL must say of the text x.
var conditions = []struct{ pattern, sql string }{
	{`{match: ['^0x[a-f0-9]{64}$']}`, `x ~ '^0x[a-f0-9]{64}$'`},
	{`{match: ['^[a-z]', 'x$'], none: ['--', '\d\d'], min_length: 3, max_length: 9}`, `x ~ '^[a-z]' and x ~ 'x$' and x !~ '--' and x !~ '\d\d' and length(x) between 3 and 9`},
	{`{match: ['(?i)^abc'], max_length: 12}`, `x ~* '^abc' and length(x) <= 12`},
	{`{none: ['[^[:print:]]'], min_length: 5, max_length: 5}`, `x !~ '[^[:print:]]' and length(x) = 5`},
	{`{match: ['^[[:alpha:]]+([-_][[:alnum:]]+)*$'], min_length: 10}`, `x ~ '^[[:alpha:]]+([-_][[:alnum:]]+)*$' and length(x) >= 10`},
	{`{like: ['https://%'], not_like: ['%//%//%', '% %'], max_length: 30}`, `x like 'https://%' and x not like '%//%//%' and x not like '% %' and length(x) <= 30`},
	{`{match: ['\mfoo\M', 'bar']}`, `x ~ '\mfoo\M' and x ~ 'bar'`},
	{`{match: ['\A[^@\s]+@[^@\s]+\.[a-z]{2,}\Z'], max_length: 20}`, `x ~ '\A[^@\s]+@[^@\s]+\.[a-z]{2,}\Z' and length(x) <= 20`},
	{`{match: ['^(a|b)$|^c.{2}$']}`, `x ~ '^(a|b)$|^c.{2}$'`},
	{`{match: ['^(?=.*[0-9])(?=.*[A-Z])(?!.*xx)[A-Za-z0-9]{8,12}$']}`, `x ~ '^(?=.*[0-9])(?=.*[A-Z])(?!.*xx)[A-Za-z0-9]{8,12}$'`},
	{`{regex: '[A-Z]{2}\d+', min_length: 6, max_length: 6}`, `x ~ '^[A-Z]{2}\d+$' and length(x) = 6`},
	{`{match: ['^.+?,.*?$'], none: ['^,', ' ']}`, `x ~ '^.+?,.*?$' and x !~ '^,' and x !~ ' '`},
	{`{match: ['^[äöü]{2}[^a-z0-9]$']}`, `x ~ '^[äöü]{2}[^a-z0-9]$'`},
	{`{like: ['a\%b_c%']}`, `x like 'a\%b_c%'`},
	{`{match: ['^\d{3}-\d{2}-\d{4}$', '[13579]$'], none: ['^(000|666|9)']}`, `x ~ '^\d{3}-\d{2}-\d{4}$' and x ~ '[13579]$' and x !~ '^(000|666|9)'`},
	{`{match: ['^[^\\/]*$'], min_length: 1, max_length: 3}`, `x ~ '^[^\\/]*$' and length(x) between 1 and 3`},
	{`{match: ['^[a-b]{1,2}$']}`, `x ~ '^[a-b]{1,2}$'`},
}

// TestConditions: PostgreSQL finds that the texts, drawn and numbered, meet the conditions.
func TestConditions(t *testing.T) {
	var sql strings.Builder
	sql.WriteString("create table texts (n int, x text);\n")
	for n, c := range conditions {
		f, b := mustMake(t, "pattern: "+c.pattern)
		cells := texts(b.fill(t, f, Rows{N: 200}, 0))
		v := new(column.Vec)
		v.Reset(column.Text)
		ix := f.(Indexed)
		seen := map[string]bool{}
		for k := range min(ix.Card(), 300) {
			i := k
			if ix.Card() > 300 {
				i = k * (ix.Card() / 300)
			}
			ix.AppendIndex(v, i, new(Scratch))
			s := v.String(v.Len() - 1)
			if seen[s] {
				t.Errorf("%s: %q has two numbers", c.pattern, s)
			}
			seen[s] = true
		}
		for _, x := range append(cells, texts(v)...) {
			if n := utf8.RuneCountInString(x); n > f.(Bounded).Bounds().MaxLen {
				t.Errorf("%s: %q has %d characters", c.pattern, x, n)
			}
			sql.WriteString("insert into texts values (" + scalarText(int64(n)) + ", '" + strings.ReplaceAll(x, "'", "''") + "');\n")
		}
		sql.WriteString("select 'BAD ' || n || ' ' || x from texts where n = " + scalarText(int64(n)) + " and not (" + c.sql + ");\n")
	}
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for line := range strings.Lines(s.Psql(t, s.NewDatabase(t, "conditions"), sql.String())) {
			if strings.HasPrefix(line, "BAD") {
				t.Error(line)
			}
		}
	})
}

// TestConditionsCount: the numbering is exact where there are few texts.
func TestConditionsCount(t *testing.T) {
	for pattern, want := range map[string]uint64{
		`{match: ['^[a-c]{2}$'], none: ['aa']}`:                8,
		`{match: ['^(x|y|z)?$']}`:                              4,
		`{like: ['a_']}`:                                       95,
		`{match: ['^\d+$'], max_length: 3}`:                    1110,
		`{match: ['^[A-Za-z]$']}`:                              52,
		`{match: ['^a*$'], min_length: 2, max_length: 2}`:      1,
		`{match: ['a'], none: ['[^ab]'], max_length: 3}`:       11,
		`{match: ['^[ab]{2}$', 'b'], not_like: ['b%']}`:        1,
		`{regex: 'colou?r', min_length: 6}`:                    1,
		`{match: ['^(?!ab)[ab]{2}$']}`:                         3,
		`{match: ['^(cat|dog)s?$'], min_length: 3, none: [o]}`: 2,
	} {
		f, _ := mustMake(t, "pattern: "+pattern)
		if got := f.(Indexed).Card(); got != want {
			t.Errorf("%s: %d texts, want %d", pattern, got, want)
		}
	}
	for pattern, want := range map[string]string{
		`{match: ['^a'], none: [a]}`:                    "^a, not a: no text of at most 1000 characters is as it must be",
		`{match: ['^a{5}$'], max_length: 3}`:            "^a{5}$: no text of 0 to 3 characters is as it must be",
		`{match: ['(a)\1']}`:                            `"(a)\\1" is no regular expression that is understood: invalid escape sequence`,
		`{match: [a], min_length: 4, max_length: 3}`:    "min_length 4 is above 3, the largest number of characters",
		`{match: [a], min_length: -1}`:                  "a length is below 0",
		`{match: ['^[ab]{400}[cd]{400}[ef]{400}.{9}']}`: "^[ab]{400}[cd]{400}[ef]{400}.{9}: no text of at most 1000 characters is as it must be",
		`{}`: "name a regular expression, or conditions: match, none, like or not_like",
	} {
		wantError(t, "pattern: "+pattern, want)
	}
}

// TestConditionsWithin: a column's length bounds the texts.
func TestConditionsWithin(t *testing.T) {
	for _, x := range texts(made(t, `pattern: {match: ['^[a-z ]*$', '^[^ ]']}`, 300, schema.Type{Name: "character varying", Kind: column.Text, Length: 4})) {
		if !regexp.MustCompile(`^[a-z][a-z ]{0,3}$`).MatchString(x) {
			t.Errorf("%q", x)
		}
	}
}
