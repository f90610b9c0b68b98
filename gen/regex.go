package gen

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"unicode"

	"github.com/sowerdata/sower/internal/bound"
)

// regexForm compiles a regular expression into the form of texts that it matches wholly. Repetitions
// without an upper bound get maxRepeat as theirs (or their lower bound, where that is larger).
func regexForm(expr string, maxRepeat int) (*form, error) {
	if err := bound.Long(expr, bound.Text); err != nil {
		return nil, fmt.Errorf("%q: %w", bound.Short(expr), err)
	}
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression of Go's: %s", expr, err.(*syntax.Error).Code)
	}
	c := regexCompiler{expr, maxRepeat}
	f, err := c.compile(re, true, true)
	if err == nil && f == nil {
		err = fmt.Errorf("%q matches nothing", expr)
	}
	if err == nil && f.mx > bound.Drawn {
		err = c.long()
	}
	return f, err
}

func (c *regexCompiler) long() error {
	return fmt.Errorf("%q matches texts of more than %d characters: repeat less within what is repeated, or lower max_repeat", bound.Short(c.expr), bound.Drawn)
}

type regexCompiler struct {
	expr      string
	maxRepeat int
}

var (
	printable = runeSet{' ', '~'}
	control   = runeSet{0, 0x1f, 0x7f, 0x9f}
	foldedIn  = runeSet{'ſ', 'ſ', '\u212a', '\u212a'} // long s and Kelvin sign: s and k to those who ignore case
)

// compile gives the form of re, or nil where nothing matches. atStart and atEnd tell whether re stands
// at the beginning and at the end of the text, where ^ and $ are true.
func (c *regexCompiler) compile(re *syntax.Regexp, atStart, atEnd bool) (*form, error) {
	switch re.Op {
	case syntax.OpNoMatch:
		return nil, nil
	case syntax.OpEmptyMatch:
		return literalForm(""), nil
	case syntax.OpBeginText, syntax.OpBeginLine:
		if !atStart {
			return nil, fmt.Errorf("%q: ^ can stand only at the beginning", c.expr)
		}
		return literalForm(""), nil
	case syntax.OpEndText, syntax.OpEndLine:
		if !atEnd {
			return nil, fmt.Errorf("%q: $ can stand only at the end", c.expr)
		}
		return literalForm(""), nil
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return nil, fmt.Errorf("%q: %s is not supported: say which characters stand there", c.expr, re)
	case syntax.OpLiteral:
		return literalOf(re), nil
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return classForm(printable), nil
	case syntax.OpCharClass:
		if set := believable(re); len(set) > 0 {
			return classForm(set), nil
		}
		return nil, nil
	case syntax.OpCapture:
		return c.compile(re.Sub[0], atStart, atEnd)
	case syntax.OpConcat:
		return c.concat(re.Sub, atStart, atEnd)
	case syntax.OpAlternate:
		var branches []*form
		for _, sub := range re.Sub {
			f, err := c.compile(sub, atStart, atEnd)
			if err != nil {
				return nil, err
			}
			if f != nil {
				branches = append(branches, f)
			}
		}
		switch len(branches) {
		case 0:
			return nil, nil
		case 1:
			return branches[0], nil
		}
		return choiceForm(branches...), nil
	case syntax.OpQuest:
		return c.repeat(re, 0, 1)
	case syntax.OpStar:
		return c.repeat(re, 0, c.maxRepeat)
	case syntax.OpPlus:
		return c.repeat(re, 1, max(1, c.maxRepeat))
	case syntax.OpRepeat:
		hi := re.Max
		if hi < 0 {
			hi = max(re.Min, c.maxRepeat)
		}
		return c.repeat(re, re.Min, hi)
	}
	return nil, fmt.Errorf("%q: %s is not supported", c.expr, re)
}

func (c *regexCompiler) concat(subs []*syntax.Regexp, atStart, atEnd bool) (*form, error) {
	ends := len(subs) // from here on there are only anchors
	for ends > 0 && isAnchor(subs[ends-1]) {
		ends--
	}
	var parts []*form
	for i, sub := range subs {
		f, err := c.compile(sub, atStart, atEnd && i >= ends-1)
		if f == nil || err != nil {
			return nil, err
		}
		atStart = atStart && isAnchor(sub)
		parts = append(parts, f)
	}
	return sequenceForm(parts...), nil
}

func isAnchor(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpBeginLine, syntax.OpEndText, syntax.OpEndLine, syntax.OpEmptyMatch:
		return true
	}
	return false
}

func (c *regexCompiler) repeat(re *syntax.Regexp, lo, hi int) (*form, error) {
	const long = 64 // repetitions up to which they are written out
	sub, err := c.compile(re.Sub[0], false, false)
	switch {
	case err != nil:
		return nil, err
	case sub == nil || hi == 0:
		if lo > 0 {
			return nil, nil
		}
		return literalForm(""), nil
	case sub.mx > bound.Drawn/hi:
		return nil, c.long()
	case lo == hi && lo <= long:
		parts := make([]*form, lo)
		for i := range parts {
			parts[i] = sub
		}
		return sequenceForm(parts...), nil
	}
	return repeatForm(sub, lo, hi), nil
}

// literalOf gives a literal; where case is ignored, each letter in either case.
func literalOf(re *syntax.Regexp) *form {
	if re.Flags&syntax.FoldCase == 0 {
		return literalForm(string(re.Rune))
	}
	var parts []*form
	for _, r := range re.Rune {
		set := runeSet{r, r}
		for x := unicode.SimpleFold(r); x != r; x = unicode.SimpleFold(x) {
			set = append(set, x, x)
		}
		set = set.normal()
		if ascii := set.meet(printable); len(ascii) > 0 {
			set = ascii
		}
		parts = append(parts, classForm(set))
	}
	return sequenceForm(parts...)
}

// believable leaves out of a class what it has only by the way: of a negated class all that is not
// printable ASCII, of \s and the like the control characters, of [a-z] without case the long s.
func believable(re *syntax.Regexp) runeSet {
	set := runeSet(re.Rune)
	ascii := set.meet(printable)
	if n := len(set); n > 0 && set[n-1] == unicode.MaxRune && len(ascii) > 0 {
		return ascii
	}
	if re.Flags&syntax.FoldCase != 0 && len(ascii) > 0 {
		set = set.without(foldedIn)
	}
	if visible := set.without(control).without(runeSet{0xd800, 0xdfff}); len(visible) > 0 {
		return visible
	}
	return set
}

// wholly compiles a regular expression that must match a whole text, once.
func wholly(expr string) *regexp.Regexp {
	if re, ok := compiled.Load(expr); ok {
		return re.(*regexp.Regexp)
	}
	re, _ := compiled.LoadOrStore(expr, regexp.MustCompile(`\A(?:`+expr+`)\z`))
	return re.(*regexp.Regexp)
}

// compiled are the regular expressions that wholly has compiled. There are as many as the generators and the blueprint
// have.
var compiled sync.Map
