package infer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// mostGuesses bounds the values of one generator that are tried against checks that nothing takes apart.
const mostGuesses = 3000

// guesses gives generators of values that checks of a column might take, where no generator's values do: values of all
// sizes that its type has, and what can be made of the checks' own constants. The checks are asked of each value.
func (c *col) guesses(checks []*schema.Check) (out []yaml) {
	texts, numbers := constantsOf(checks, c.table.draft.db.Dialect == "sqlite")
	var values []string
	switch c.kind() {
	case column.Int:
		values = wholeGuesses(numbers, c.schema.Type.Width)
	case column.Float, column.Decimal:
		values = numberGuesses(numbers, &c.schema.Type)
	case column.Date, column.Timestamp:
		values = dayGuesses(texts, c.kind() == column.Timestamp)
	case column.Time:
		for at := 0; at < 24*60; at += 5 {
			values = append(values, fmt.Sprintf("%02d:%02d:00", at/60, at%60))
		}
	case column.Text:
		for _, s := range texts {
			if strings.ContainsAny(s, `^$[](){}*+?|\`) { // a pattern; one that is none gives nothing
				out = append(out, short("pattern", quote(s)))
			}
		}
		values = textGuesses(texts)
	case column.JSON:
		values = documentGuesses(texts, numbers)
	default:
		if t := &c.schema.Type; t.Category == schema.ArrayType && t.Element != nil {
			if t.Element.Kind == column.Text {
				numbers = nil
			}
			values = arrayGuesses(texts, numbers)
			break
		}
		values = literalGuesses(c.schema.Type.Base, c.schema.Type.Length, texts)
	}
	if n := c.schema.Type.Length; n > 0 && c.kind() == column.Text {
		values = slices.DeleteFunc(values, func(v string) bool { return len([]rune(v)) > n })
	}
	if len(values) == 0 {
		return out
	}
	return append(out, short("pick", list(c.scalars(firstOnes(values, mostGuesses)))))
}

// scalars writes values of a column as a blueprint does.
func (c *col) scalars(values []string) []yaml {
	out := make([]yaml, len(values))
	for i, v := range values {
		switch c.kind() {
		case column.Int, column.Float, column.Decimal, column.Bool:
			out[i] = raw(v)
		default:
			out[i] = text(v)
		}
	}
	return out
}

// constantsOf gives the constants that checks compare with, each once: numbers, and texts of all types.
func constantsOf(checks []*schema.Check, sqlite bool) (texts []string, numbers []float64) {
	for _, k := range checks {
		e, err := sqlexpr.Parse(k.Expression, sqlite)
		if err != nil {
			continue
		}
		sqlexpr.Walk(e, func(e sqlexpr.Expr) {
			l, ok := e.(*sqlexpr.Literal)
			if !ok {
				return
			}
			if l.Kind == sqlexpr.StringLiteral && l.Text != "" && len(l.Text) <= 200 && !slices.Contains(texts, l.Text) {
				texts = append(texts, l.Text)
			}
			if v, ok := finite(l.Text); ok && !slices.Contains(numbers, v) {
				numbers = append(numbers, v)
			}
		})
	}
	return texts, numbers
}

// finite reads a number; infinity and NaN are none to make others of.
func finite(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// firstOnes gives the first n values, each once.
func firstOnes(values []string, n int) (out []string) {
	seen := map[string]bool{}
	for _, v := range values {
		if !seen[v] && len(out) < n {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

func wholeGuesses(near []float64, width int) (out []string) {
	limit := int64(1)<<(min(max(width, 2), 7)*8-1) - 1
	add := func(v int64) {
		if v >= -limit && v <= limit {
			out = append(out, strconv.FormatInt(v, 10))
		}
	}
	for _, v := range near {
		for by := int64(-12); by <= 12; by++ {
			add(int64(v) + by)
		}
		for _, by := range []float64{0.5, 1.5, 2, 3, 10} {
			add(int64(v * by))
		}
	}
	for v := int64(0); v <= 1200; v++ {
		add(v)
	}
	for v := int64(1); v < 1<<53; v *= 2 {
		add(v)
		add(v - 1)
	}
	for v := int64(10); v < 1e15; v *= 10 {
		add(v)
		add(v / 2)
	}
	for v := int64(-1); v >= -100; v-- {
		add(v)
	}
	return out
}

func numberGuesses(near []float64, t *schema.Type) (out []string) {
	scale, limit := 4, 1e15
	if t.Kind == column.Decimal {
		scale = t.Scale
	}
	if t.Precision > 0 {
		limit = 1
		for range max(t.Precision-t.Scale, 0) {
			limit *= 10
		}
	}
	add := func(v float64) {
		if v > -limit && v < limit {
			out = append(out, strconv.FormatFloat(v, 'f', max(scale, 0), 64))
		}
	}
	for _, v := range near {
		for _, by := range []float64{0, 0.01, 0.1, 0.5, 1, 2, 10} {
			add(v + by)
			add(v - by)
		}
		for _, by := range []float64{0.25, 0.5, 0.9, 0.99, 1.01, 1.1, 1.5, 2, 3, 10} {
			add(v * by)
		}
	}
	for v := 0; v <= 200; v++ { // of each size, both signs
		for _, unit := range []float64{1, 0.01, 0.1, 0.25, 10, 1000, -1, -0.01} {
			add(float64(v) * unit)
		}
	}
	return out
}

// dayGuesses are days of a hundred years, and those near the ones that are named.
func dayGuesses(named []string, moments bool) (out []string) {
	add := func(at time.Time) {
		if moments {
			at = at.Add(time.Duration(len(out)%24) * time.Hour)
			out = append(out, at.Format("2006-01-02 15:04:05"))
		} else {
			out = append(out, at.Format(time.DateOnly))
		}
	}
	for _, s := range named {
		day, _, _ := strings.Cut(s, " ")
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			continue
		}
		for _, by := range []int{0, 1, 2, 6, 7, 14, 30, 60, 90, 180, 365, 730} {
			add(at.AddDate(0, 0, by))
			add(at.AddDate(0, 0, -by))
		}
	}
	for at := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC); at.Year() > 1925; at = at.AddDate(0, 0, -17) {
		add(at)
	}
	return out
}

// guessWords stand where a check takes any text.
var guessWords = []string{"north", "delta", "amber", "cedar"}

// textGuesses join constants and words, above all by those constants that separate.
func textGuesses(constants []string) (out []string) {
	tokens := slices.Concat(constants[:min(len(constants), 6)], guessWords[:2], []string{"a", "7"})
	for _, sep := range constants {
		if len(sep) > 2 || strings.ContainsFunc(sep, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' }) {
			continue
		}
		for n := 1; n <= 6; n++ {
			parts := make([]string, n)
			for first := range guessWords {
				for i := range parts {
					parts[i] = guessWords[(first+i)%len(guessWords)]
				}
				out = append(out, strings.Join(parts, sep))
				for at := range parts {
					for _, k := range constants {
						was := parts[at]
						parts[at] = k
						out = append(out, strings.Join(parts, sep))
						parts[at] = was
					}
				}
			}
		}
	}
	for _, a := range tokens {
		out = append(out, a)
		for _, b := range tokens {
			out = append(out, a+b)
			for _, c := range tokens {
				out = append(out, a+b+c)
			}
		}
	}
	return out
}

// documentGuesses are objects of the words that a check names, and of numbers beside its own.
func documentGuesses(texts []string, numbers []float64) (out []string) {
	var words, values []string
	for _, s := range texts {
		for _, w := range strings.FieldsFunc(s, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r >= '0' && r <= '9')
		}) {
			if v, ok := finite(w); ok {
				numbers = append(numbers, v)
			} else {
				words = append(words, w)
			}
		}
	}
	words = firstOnes(words, 8)
	for _, v := range numbers {
		for _, by := range []float64{0, 1, -1} {
			values = append(values, strconv.FormatFloat(v+by, 'f', -1, 64))
		}
	}
	for _, w := range append(slices.Clone(words), guessWords[0]) {
		values = append(values, strconv.Quote(w))
	}
	values = append(firstOnes(values, 20), "true", "null", "[]", "{}")
	for _, v := range values {
		out = append(out, v, "["+v+"]")
		for _, k := range words {
			k = strconv.Quote(k)
			out = append(out, "{"+k+": "+v+"}", "{"+k+": ["+v+"]}", "[{"+k+": "+v+"}]")
			for _, in := range words {
				in = strconv.Quote(in)
				out = append(out, "{"+k+": {"+in+": "+v+"}}", "{"+k+": [{"+in+": "+v+"}]}")
				if in != k {
					out = append(out, "{"+k+": "+v+", "+in+": "+v+"}")
				}
			}
		}
	}
	return out
}

// arrayGuesses are up to three of the constants and of others.
func arrayGuesses(texts []string, numbers []float64) (out []string) {
	var items []string
	for _, s := range texts {
		items = append(items, strings.Split(strings.Trim(s, "{}"), ",")...)
	}
	for _, v := range numbers {
		items = append(items, strconv.FormatFloat(v, 'f', -1, 64))
	}
	if numbers == nil {
		items = append(items, guessWords...)
	}
	items = firstOnes(append(items, "1", "2", "5", "12", "40"), 12)
	for i, s := range items { // as PostgreSQL writes them
		if s == "" || strings.EqualFold(s, "null") || strings.ContainsAny(s, "{},\\\" \t\n") {
			items[i] = strconv.Quote(s)
		}
	}
	for _, a := range items {
		out = append(out, "{"+a+"}")
		for _, b := range items {
			out = append(out, "{"+a+","+b+"}")
			for _, c := range items {
				out = append(out, "{"+a+","+b+","+c+"}")
			}
		}
	}
	return out
}

// literalGuesses are values of types that have no kind of their own, written as PostgreSQL writes them.
func literalGuesses(base string, length int, texts []string) (out []string) {
	switch base {
	case "inet", "cidr":
		return addressGuesses(base, texts)
	case "bit", "varbit":
		for n := range 4096 {
			bits := strconv.FormatInt(int64(n), 2)
			switch {
			case base == "bit" && length >= len(bits):
				out = append(out, strings.Repeat("0", length-len(bits))+bits, bits+strings.Repeat("0", length-len(bits)))
			case base == "varbit" && (length == 0 || length >= len(bits)):
				out = append(out, bits)
			}
		}
	case "point":
		for x := -200; x <= 200; x += 9 {
			for y := -200; y <= 200; y += 9 {
				out = append(out, fmt.Sprintf("(%d,%d)", x, y))
			}
		}
	case "macaddr":
		for _, begin := range append(texts, "00:00:5e:00:53:00") {
			if len(begin) != len("00:00:5e:00:53:00") {
				continue
			}
			for n := range 200 {
				out = append(out, fmt.Sprintf("%s%02x:%02x", begin[:12], n/16, n))
			}
		}
	case "xml":
		for _, s := range texts {
			for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_') }) {
				out = append(out, "<"+w+"/>", "<"+w+">"+guessWords[0]+"</"+w+">")
			}
		}
	case "interval":
		for n := 1; n <= 120; n++ {
			out = append(out, fmt.Sprintf("00:%02d:%02d", n/6, n%6*10), fmt.Sprintf("%02d:%02d:00", n/12, n%12*5), fmt.Sprintf("%02d:00:00", n), fmt.Sprintf("%d days", n+1))
		}
	}
	return out
}

// addressGuesses are hosts and networks of all sizes, those inside the networks that are named first.
func addressGuesses(base string, named []string) (out []string) {
	for _, network := range append(slices.Clone(named), "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "203.0.113.0/24", "198.51.100.0/24") {
		begin, _, _ := strings.Cut(network, "/")
		part := strings.Split(begin, ".")
		if len(part) != 4 {
			continue
		}
		for n := range 24 {
			host := fmt.Sprintf("%s.%s.%d.%d", part[0], part[1], n*7, n*9+1)
			at := fmt.Sprintf("%s.%s.%s.%d", part[0], part[1], part[2], n*9+1)
			if base == "inet" {
				out = append(out, host, at, host+"/24", at+"/16", host+"/28")
			}
			out = append(out, fmt.Sprintf("%s.%s.%d.0/24", part[0], part[1], n*7), fmt.Sprintf("%s.%s.%d.0/22", part[0], part[1], n*4),
				fmt.Sprintf("%s.%s.%d.%d/28", part[0], part[1], n*7, n%16*16))
			if base == "cidr" {
				out = append(out, host+"/32")
			}
		}
		for _, bits := range []int{8, 12, 16, 20} {
			out = append(out, fmt.Sprintf("%s.0.0.0/%d", part[0], bits))
		}
	}
	for n := 1; n <= 60; n++ {
		out = append(out, fmt.Sprintf("2001:db8:%x::%x", n, n), fmt.Sprintf("2001:db8:%x::/48", n), fmt.Sprintf("2001:db8:0:%x::/64", n))
	}
	if base == "cidr" {
		out = slices.DeleteFunc(out, func(s string) bool { return !strings.Contains(s, "/") })
	}
	return out
}
