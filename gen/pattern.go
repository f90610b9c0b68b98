package gen

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/internal/rng"
)

// Pattern draws texts that match a regular expression from beginning to end: Go's syntax (RE2), without
// word boundaries, ^ and $ only at the ends. A dot, a negated class and \s stand for what is printable
// in ASCII.
//
// In place of regex, or beside it, conditions that texts must meet together: each of match is found in
// them, none of none is; they are like each of like, and like none of not_like, as SQL's LIKE is. These
// take PostgreSQL's syntax: word boundaries, ^ and $ anywhere, and conditions on what follows at the
// beginning, (?=...) and (?!...). No text is tried and thrown away: they are made to measure, and numbered.
type Pattern struct {
	Regex     string   `yaml:"regex" short:"true" desc:"the regular expression, such as [A-Z]{3}-[0-9]{4}"`
	Match     []string `yaml:"match" desc:"regular expressions each of which is found in the text, as PostgreSQL's ~ finds it; (?i) before one ignores case"`
	None      []string `yaml:"none" desc:"regular expressions none of which is found in the text"`
	Like      []string `yaml:"like" desc:"patterns with % and _ that the text is like"`
	NotLike   []string `yaml:"not_like" desc:"patterns with % and _ that the text is not like"`
	MinLength *int     `yaml:"min_length" desc:"the smallest number of characters"`
	MaxLength *int     `yaml:"max_length" desc:"the largest number of characters (with conditions: what the column holds)"`
	MaxRepeat *int     `yaml:"max_repeat" desc:"how often *, + and {n,} of regex repeat at most (default 8)"`
}

// OutputVersion implements Maker.
func (*Pattern) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Pattern) Make(c *Context) (Filler, error) {
	most := 8
	if m.MaxRepeat != nil {
		if most = *m.MaxRepeat; most < 0 || most > 1000 {
			return nil, fmt.Errorf("max_repeat %d is not between 0 and 1000", most)
		}
	}
	conditions := len(m.Match) + len(m.None) + len(m.Like) + len(m.NotLike)
	if conditions == 0 && m.MinLength == nil && m.MaxLength == nil {
		if m.Regex == "" {
			return nil, fmt.Errorf("name a regular expression, or conditions: match, none, like or not_like")
		}
		f, err := regexForm(m.Regex, most)
		if err != nil {
			return nil, err
		}
		return newDrawn("text like "+m.Regex, c.Key, f, nil, m.Regex), nil
	}
	lo, hi := 0, c.Type.Length
	if m.MinLength != nil {
		lo = *m.MinLength
	}
	if m.MaxLength != nil && (hi == 0 || *m.MaxLength < hi) {
		hi = *m.MaxLength
	}
	switch {
	case lo < 0 || m.MaxLength != nil && *m.MaxLength < 0:
		return nil, fmt.Errorf("a length is below 0")
	case lo > 1000:
		return nil, fmt.Errorf("min_length %d is above 1000", lo)
	case (hi > 0 || m.MaxLength != nil) && lo > hi:
		return nil, fmt.Errorf("min_length %d is above %d, the largest number of characters", lo, hi)
	}
	f := &conditioned{key: c.Key}
	var needles []needle
	add := func(expr string, whole, not bool) error {
		more, err := needlesOf(expr, whole, not)
		needles = append(needles, more...)
		return err
	}
	if m.Regex != "" {
		if err := add(m.Regex, true, false); err != nil {
			return nil, err
		}
		f.what = append(f.what, m.Regex)
	}
	for _, list := range []struct {
		exprs     []string
		like, not bool
	}{{m.Match, false, false}, {m.Like, true, false}, {m.None, false, true}, {m.NotLike, true, true}} {
		for _, expr := range list.exprs {
			what := expr
			if list.not {
				what = "not " + expr
			}
			f.what = append(f.what, what)
			if list.like {
				expr = likeRegex(expr)
			}
			if err := add(expr, list.like, list.not); err != nil {
				return nil, err
			}
		}
	}
	var err error
	if f.auto, err = newAutomaton(needles, lo, hi, c.Rows); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(f.what, ", "), err)
	}
	return f, nil
}

// needlesOf compiles an expression; conditions on what follows at its beginning become needles of their
// own.
func needlesOf(expr string, whole, not bool) ([]needle, error) {
	if err := bound.Long(expr, bound.Text); err != nil {
		return nil, fmt.Errorf("%q: %w", bound.Short(expr), err)
	}
	expr, flags := leadingFlags(postgresRegex(expr))
	var out []needle
	if rest, ok := strings.CutPrefix(expr, "^"); ok || whole {
		for strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") {
			end := closing(rest)
			if end < 0 || not {
				break
			}
			more, err := needlesOf(flags+"^(?:"+rest[3:end]+")", false, rest[2] == '!')
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			rest = rest[end+1:]
			expr = "^(?:" + rest + ")"
			if rest == "" {
				return out, nil
			}
		}
	}
	re, err := syntax.Parse(flags+expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression that is understood: %s", expr, err.(*syntax.Error).Code)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, fmt.Errorf("%q: %w", expr, err)
	}
	const most = 5000
	if len(prog.Inst) > most {
		return nil, errTooComplex
	}
	return append(out, needle{prog, whole, not}), nil
}

// leadingFlags parts an expression from flags such as (?i) at its beginning.
func leadingFlags(expr string) (rest, flags string) {
	if at := flagsAt.FindString(expr); at != "" {
		return expr[len(at):], at
	}
	return expr, ""
}

var flagsAt = regexp.MustCompile(`^\(\?[ims]+\)`)

// closing gives the place of the parenthesis that closes the one that s begins with, or -1.
func closing(s string) int {
	depth, class := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']' || s[i-1] == '['
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// postgresRegex writes a regular expression of PostgreSQL's in Go's syntax, as far as they differ.
func postgresRegex(expr string) string {
	expr = strings.NewReplacer("[[:<:]]", `\b`, "[[:>:]]", `\b`, "(?n)", "", "(?p)", "", "***:", "").Replace(expr)
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		if expr[i] != '\\' || i+1 == len(expr) {
			b.WriteByte(expr[i])
			continue
		}
		i++
		switch c := expr[i]; c {
		case 'm', 'M', 'y':
			b.WriteString(`\b`)
		case 'Y':
			b.WriteString(`\B`)
		case 'Z':
			b.WriteString(`\z`)
		case 'B':
			b.WriteString(`\\`)
		case 'e':
			b.WriteString(`\x1b`)
		case 'u':
			if i+4 < len(expr) {
				b.WriteString(`\x{` + expr[i+1:i+5] + `}`)
				i += 4
			}
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// likeRegex writes a pattern of LIKE as a regular expression.
func likeRegex(like string) string {
	var b strings.Builder
	escaped := false
	for _, r := range like {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

// conditioned is the Filler of an automaton's texts.
type conditioned struct {
	key  rng.Key
	auto *automaton
	what []string
}

func (f *conditioned) Kind() column.Kind { return column.Text }
func (f *conditioned) Facts() Facts      { return Facts{Drawn: true} }
func (f *conditioned) String() string    { return "text like " + strings.Join(f.what, ", ") }
func (f *conditioned) Bounds() Bounds    { return Bounds{MaxLen: f.auto.longest()} }
func (f *conditioned) Card() uint64      { return f.auto.card }
func (f *conditioned) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		dst.Data = f.auto.draw(dst.Data, &st)
		dst.EndCell()
	}
	return nil
}
func (f *conditioned) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.Data = f.auto.index(dst.Data, i)
	dst.EndCell()
}
func (f *conditioned) Rules() []Rule {
	lo, hi := f.auto.min, f.auto.longest()
	return []Rule{{
		Text: fmt.Sprintf("has %d to %d characters", lo, hi),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %d and %d", d.Length(x), lo, hi)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			n := utf8.RuneCount(v.Bytes(i))
			return v.Null(i) || n >= lo && n <= hi
		},
	}}
}
