package postgres

import (
	"fmt"
	"math"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/pgcopy"
)

// Dialect writes PostgreSQL's SQL. JSON expressions may be of type json, jsonb or text.
type Dialect struct {
	ascii bool // the server's encoding is not UTF-8: only ASCII means the same in patterns
}

var _ gen.Dialect = Dialect{}

// Name is "postgres".
func (Dialect) Name() string { return "postgres" }

// Ident quotes names and puts dots between them; empty names are left out.
func (Dialect) Ident(names ...string) string { return ident(names...) }

// Text is a text literal.
func (Dialect) Text(s string) string { return text(s) }

// Value is a literal of nil, bool, int64, float64 or string. Texts have no type of their own: they
// become what they are compared with.
func (Dialect) Value(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return number(strconv.FormatInt(v, 10))
	case float64:
		return floatLiteral(v)
	case string:
		return text(v)
	default:
		return "null"
	}
}

// Cell is a literal of a cell. Dates, times and timestamps have their type; floats (of which 0.1 is another number in
// single precision), UUIDs, JSON, bytes and other texts become what they are compared with.
func (Dialect) Cell(v *column.Vec, i int) string {
	if v.Null(i) {
		return "null"
	}
	switch v.Kind {
	case column.Bool:
		return strconv.FormatBool(v.Bool(i))
	case column.Int, column.Decimal:
		return number(v.String(i))
	case column.Date:
		return "date '" + string(pgcopy.AppendDate(nil, v.Ints[i])) + "'"
	case column.Time:
		return "time '" + v.String(i) + "'"
	case column.Timestamp:
		return "timestamp '" + string(pgcopy.AppendTimestamp(nil, v.Ints[i])) + "'"
	}
	return text(v.String(i))
}

// number puts a negative number in parentheses: "x --1" would be a comment.
func number(digits string) string {
	if digits[0] == '-' {
		return "(" + digits + ")"
	}
	return digits
}

func floatLiteral(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "double precision '" + string(pgcopy.AppendFloat(nil, x)) + "'"
	}
	return number(string(pgcopy.AppendFloat(nil, x)))
}

// Prefix is the first n characters of text x.
func (Dialect) Prefix(x string, n int) string { return "left(" + x + ", " + strconv.Itoa(n) + ")" }

// Length is the number of characters of text x.
func (Dialect) Length(x string) string { return "char_length(" + x + ")" }

// JSONField is a field of the object x as text; null where there is none.
func (Dialect) JSONField(x, key string) string { return "((" + x + ")::jsonb ->> " + text(key) + ")" }

// JSONArray is a field of the object x as JSON.
func (Dialect) JSONArray(x, key string) string { return "((" + x + ")::jsonb -> " + text(key) + ")" }

// JSONEqual says that two documents are the same.
func (Dialect) JSONEqual(a, b string) string {
	return "cast(" + a + " as jsonb) = cast(" + b + " as jsonb)"
}

// JSONLength is the number of elements of the array x: null of null, -1 of what is no array.
func (Dialect) JSONLength(x string) string {
	j := "(" + x + ")::jsonb"
	return "case when jsonb_typeof(" + j + ") = 'array' then jsonb_array_length(" + j + ") when (" + x + ") is not null then -1 end"
}

// JSONDistinct tells that the array x has no element twice; false of what is no array. Elements are first
// compared as texts, which is quick; where that finds two alike, "1" and 1 are told apart.
func (Dialect) JSONDistinct(x string) string {
	j := "(" + x + ")::jsonb"
	distinct := func(element, function string) string {
		return "(select count(*) = count(distinct " + element + ` collate "C") from ` + function + "(" + j + ") as j(e))"
	}
	return "case when jsonb_typeof(" + j + ") = 'array' then " + distinct("e", "jsonb_array_elements_text") + " or " +
		distinct("e::text", "jsonb_array_elements") + " when (" + x + ") is not null then false end"
}

// JSONWithin tells that every element of the array x is one of pool's texts, or a number or truth value
// that is written so; false of what is no array.
func (Dialect) JSONWithin(x string, pool []string) string {
	j := "(" + x + ")::jsonb"
	list := make([]string, len(pool))
	for i, p := range pool {
		list[i] = text(p)
	}
	// "= any" of constants is looked up by hash; "<> all" is so only since PostgreSQL 15, and passes null.
	return "case when jsonb_typeof(" + j + ") = 'array' then not exists (select from jsonb_array_elements_text(" + j +
		`) as j(e) where (e collate "C" = any (array[` + strings.Join(list, ", ") + "]::text[])) is not true) when (" + x + ") is not null then false end"
}

// Greatest is the largest of xs, nulls left out.
func (Dialect) Greatest(xs ...string) string {
	if len(xs) == 0 {
		return "null"
	}
	return "greatest(" + strings.Join(xs, ", ") + ")"
}

// AddMicros is the timestamp x moved by us microseconds.
func (Dialect) AddMicros(x string, us int64) string {
	return "(" + x + " + interval '" + strconv.FormatInt(us, 10) + " microseconds')"
}

// InKeys tells that x is one of the keys given as the query's only parameter. The parameter takes x's
// own type.
func (Dialect) InKeys(x string) string { return "(" + x + " = any($1))" }

// Matches tells that the text x matches the RE2 pattern wholly. The pattern is taken apart and written
// anew in PostgreSQL's language with every class spelled out, so that both mean the same whatever the
// locale; "" says that it cannot be (word boundaries, line anchors, more than 255 repeats, very large
// classes).
func (d Dialect) Matches(x, pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	p := patternWriter{ascii: d.ascii}
	p.write(re)
	if p.failed || p.b.Len() > maxPattern {
		return ""
	}
	return "(" + x + `)::text collate "C" ~ ` + text("^(?:"+p.b.String()+")$")
}

const (
	maxPattern = 8000 // bytes; the server compiles larger ones slowly
	maxRepeat  = 255  // of the server's regular expressions
)

type patternWriter struct {
	b      strings.Builder
	ascii  bool
	failed bool
}

func (p *patternWriter) write(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		p.b.WriteString("(?:)")
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			p.literal(r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		p.class(re.Rune)
	case syntax.OpAnyCharNotNL:
		p.b.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		p.b.WriteString(`[\s\S]`)
	case syntax.OpBeginText:
		p.b.WriteString(`\A`)
	case syntax.OpEndText:
		p.b.WriteString(`\Z`)
	case syntax.OpCapture:
		p.group(re.Sub[0])
	case syntax.OpStar:
		p.repeat(re.Sub[0], "*")
	case syntax.OpPlus:
		p.repeat(re.Sub[0], "+")
	case syntax.OpQuest:
		p.repeat(re.Sub[0], "?")
	case syntax.OpRepeat:
		if re.Min > maxRepeat || re.Max > maxRepeat {
			p.failed = true
			return
		}
		q := "{" + strconv.Itoa(re.Min)
		switch {
		case re.Max < 0:
			q += ","
		case re.Max != re.Min:
			q += "," + strconv.Itoa(re.Max)
		}
		p.repeat(re.Sub[0], q+"}")
	case syntax.OpConcat:
		for _, s := range re.Sub {
			p.write(s)
		}
	case syntax.OpAlternate:
		p.b.WriteString("(?:")
		for i, s := range re.Sub {
			if i > 0 {
				p.b.WriteByte('|')
			}
			p.write(s)
		}
		p.b.WriteByte(')')
	default: // word boundaries and line anchors mean something else there, OpNoMatch nothing at all
		p.failed = true
	}
}

func (p *patternWriter) group(re *syntax.Regexp) {
	p.b.WriteString("(?:")
	p.write(re)
	p.b.WriteByte(')')
}

// repeat writes a quantifier. Whether it is greedy does not matter to a whole match.
func (p *patternWriter) repeat(re *syntax.Regexp, quantifier string) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText: // a quantifier may not follow these
		p.failed = true
		return
	}
	p.group(re)
	p.b.WriteString(quantifier)
}

func (p *patternWriter) literal(r rune, fold bool) {
	if !fold || unicode.SimpleFold(r) == r {
		p.char(r)
		return
	}
	p.b.WriteByte('[')
	p.char(r)
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		p.char(f)
	}
	p.b.WriteByte(']')
}

// class writes the ranges of a class, without the NUL that no text holds.
func (p *patternWriter) class(ranges []rune) {
	if len(ranges) == 0 || ranges[len(ranges)-1] == 0 {
		p.failed = true
		return
	}
	if p.ascii && ranges[len(ranges)-1] == unicode.MaxRune && len(ranges) > 2 {
		// A negated class of ASCII characters: written as such it means the same in every encoding.
		if neg := negate(ranges); slices.Max(neg) < 0x80 {
			p.b.WriteString("[^")
			p.ranges(neg)
			p.b.WriteByte(']')
			return
		}
	}
	p.b.WriteByte('[')
	p.ranges(ranges)
	p.b.WriteByte(']')
}

func (p *patternWriter) ranges(ranges []rune) {
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := max(ranges[i], 1), ranges[i+1]
		if hi < lo {
			continue
		}
		p.char(lo)
		if hi > lo {
			p.b.WriteByte('-')
			p.char(hi)
		}
	}
}

// negate gives the ranges between ranges.
func negate(ranges []rune) (out []rune) {
	next := rune(0)
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] > next {
			out = append(out, next, ranges[i]-1)
		}
		next = ranges[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

func (p *patternWriter) char(r rune) {
	switch {
	case r >= 0x80 && p.ascii:
		p.failed = true
	case r == 0:
		p.failed = true
	case r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'):
		p.b.WriteRune(r)
	case r <= 0xffff:
		fmt.Fprintf(&p.b, `\u%04x`, r)
	default:
		fmt.Fprintf(&p.b, `\U%08x`, r)
	}
}
