package check

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// bound takes a bound, or keeps the narrower one.
func (n *narrowing) bound(op, text string) outcome {
	b := &Bound{Value: text, Open: op == "<" || op == ">"}
	at := &n.d.Max
	if op[0] == '>' {
		at = &n.d.Min
	}
	if *at == nil {
		*at = b
	} else {
		c, ok := n.compareBound((*at).Value, text)
		if !ok {
			return notTold
		}
		if op[0] == '<' {
			c = -c
		}
		if c < 0 || c == 0 && b.Open {
			*at = b
		}
	}
	if emptyRange(n.t, n.d) {
		return contradicts
	}
	return told
}

// alphabets have the same order in every usual collation, each by itself.
var alphabets = []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"}

// alphabetOf tells in which alphabet a text is written, -1 for none.
func alphabetOf(text string) int {
	return slices.IndexFunc(alphabets, func(letters string) bool { return text != "" && strings.Trim(text, letters) == "" })
}

// textBound notes the bound that a comparison of a text column with a constant sets. It is a hint, where to look for
// values: the order of texts hangs on the collation, so that the comparison is the database's to judge.
func (s *solver) textBound(d *Domain, name string, l lit) {
	n := &narrowing{solver: s, d: d, name: name, sc: s.table.Column(name), t: s.typeOf(name)}
	e, ok := l.e.(*Binary)
	if !ok || !n.t.text() || !isComparison(e.Op) {
		return
	}
	op, constant := e.Op, e.R
	if !l.s.positive() {
		op = opposite(op)
	}
	switch {
	case n.isColumn(e.L):
	case n.isColumn(e.R):
		op, constant = flip(op), e.L
	default:
		return
	}
	text, ok := n.text(constant)
	class := alphabetOf(text)
	if !ok || class < 0 || op == "=" || op == "<>" {
		return
	}
	for _, b := range []*Bound{d.Min, d.Max} {
		if b != nil && alphabetOf(b.Value) != class {
			return
		}
	}
	was := *d
	if n.bound(op, text) == contradicts {
		*d = was
	}
}

// compareBound compares two bounds' texts; not ok where one hangs on the time of the statement.
func (n *narrowing) compareBound(a, b string) (int, bool) { return compareTexts(n.t, a, b) }

func compareTexts(t *typ, a, b string) (int, bool) {
	if t.number() {
		t = numericType
	}
	x, err1 := t.input(a)
	y, err2 := t.input(b)
	if err1 != nil || err2 != nil {
		return 0, false
	}
	return t.compare(x, y), true
}

// emptyRange tells whether nothing lies between the bounds.
func emptyRange(t *typ, d *Domain) bool {
	if d.Min == nil || d.Max == nil {
		return false
	}
	c, ok := compareTexts(t, d.Min.Value, d.Max.Value)
	if !ok {
		return false
	}
	if c == 0 {
		return d.Min.Open || d.Max.Open
	}
	if c > 0 {
		return true
	}
	if t.kind == kInt {
		lo, hi, ok := intBounds(d)
		return ok && lo > hi
	}
	if t.kind == kDate && (d.Min.Open && d.Max.Open) {
		x, _ := t.input(d.Min.Value)
		y, _ := t.input(d.Max.Value)
		return y.n-x.n < 2
	}
	return false
}

// intBounds gives the least and greatest integer within bounds.
func intBounds(d *Domain) (lo, hi int64, ok bool) {
	if d.Min == nil || d.Max == nil {
		return 0, 0, false
	}
	a, err1 := parseNumeric(d.Min.Value)
	b, err2 := parseNumeric(d.Max.Value)
	if err1 != nil || err2 != nil {
		return 0, 0, false
	}
	up, down := truncNumeric(a, 0, 1), truncNumeric(b, 0, -1)
	if up.x != nil || down.x != nil || up.n > 1<<60 || up.n < -1<<60 || down.n > 1<<60 || down.n < -1<<60 {
		return 0, 0, false
	}
	if d.Min.Open && compareNumeric(up, a) == 0 {
		up.n++
	}
	if d.Max.Open && compareNumeric(down, b) == 0 {
		down.n--
	}
	return up.n, down.n, true
}

// intRange lists the integers within bounds, where they are few.
func intRange(d *Domain) ([]string, bool) {
	lo, hi, ok := intBounds(d)
	if !ok || hi-lo >= mostListed || hi < lo {
		return nil, false
	}
	var out []string
	for i := lo; i <= hi; i++ {
		out = append(out, string(appendNumeric(nil, integer(i))))
	}
	return out, true
}

// emptyDomain tells whether no value is left.
func (s *solver) emptyDomain(sc *schema.Column, d *Domain) bool {
	most := d.MaxLength
	if n := sc.Type.Length; n > 0 && !d.Bytes && sc.Type.Kind == column.Text && (most == 0 || n < most) {
		most = n
	}
	return d.MaxLength > 0 && d.MinLength > most || d.MaxSize > 0 && d.MinSize > d.MaxSize || most > 0 && !d.Bytes && d.MinLength > most || emptyRange(s.typeOf(sc.Name), d)
}
