package gen

import (
	"regexp"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// drawn is the Filler of a form's texts.
type drawn struct {
	what    string // as plan shows it: "person first_name"
	key     rng.Key
	form    *form
	indexed *form // what AppendIndex takes its texts from; nil: form
	card    uint64
	pattern string // a regular expression that all texts match
	match   *regexp.Regexp
}

// newDrawn makes the Filler of form's texts. indexed, where it is not nil, is the larger form that
// unique columns take theirs from.
func newDrawn(what string, key rng.Key, form, indexed *form, pattern string) *drawn {
	f := &drawn{what: what, key: key, form: form, indexed: indexed, pattern: pattern, match: wholly(pattern)}
	if f.indexed == nil {
		f.indexed = form
	}
	if f.indexed.unambiguous() {
		f.card = f.indexed.card
	}
	return f
}

func (f *drawn) Kind() column.Kind { return column.Text }
func (f *drawn) Facts() Facts      { return Facts{Drawn: true} }
func (f *drawn) String() string    { return f.what }
func (f *drawn) Bounds() Bounds    { return Bounds{MaxLen: max(f.form.mx, f.indexed.mx)} }
func (f *drawn) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		dst.Data = f.form.draw(dst.Data, &st)
		dst.EndCell()
	}
	return nil
}
func (f *drawn) Card() uint64 { return f.card }
func (f *drawn) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.Data = f.indexed.index(dst.Data, i)
	dst.EndCell()
}
func (f *drawn) Rules() []Rule { return []Rule{matches(f.pattern, f.match)} }

// matches is the rule that a text matches a regular expression wholly.
func matches(pattern string, re *regexp.Regexp) Rule {
	return Rule{
		Text: "matches " + pattern,
		SQL:  func(d Dialect, x string, _ []string) string { return d.Matches(x, pattern) },
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return v.Null(i) || re.Match(v.Bytes(i)) },
	}
}
