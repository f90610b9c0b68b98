package check

import "strconv"

// sense is what an expression must be.
type sense uint8

const (
	mustTrue sense = iota
	mustFalse
	notFalse
	notTrue
)

// negated is the sense of X where NOT X has the sense s.
func (s sense) negated() sense { return [...]sense{mustFalse, mustTrue, notTrue, notFalse}[s] }

// positive tells whether a true value has the sense.
func (s sense) positive() bool { return s == mustTrue || s == notFalse }

func (s sense) holds(t Truth) bool {
	switch s {
	case mustTrue:
		return t == True
	case mustFalse:
		return t == False
	case notFalse:
		return t != False
	}
	return t != True
}

// lit is one condition of a conjunction.
type lit struct {
	e    Expr
	s    sense
	from int // index of the check that it comes from
}

// dnf is a disjunction of conjunctions; without any it is never true.
type dnf [][]lit

var always = dnf{nil}

// mostAlternatives bounds what is kept of one disjunction.
const mostAlternatives = 512

// expansion takes conditions apart into disjunctive normal form. The rules are those of three-valued
// logic: NOT FALSE of an OR is that of one of its sides, and so on. dropped tells that alternatives were
// left out: what is left is still true, but not all of it.
type expansion struct {
	isBool  func(Expr) bool
	sqlite  bool // truth values are numbers
	from    int
	dropped bool
	made    int // conditions in the conjunctions that were put together
}

// mostConditions bounds expansion.made.
const mostConditions = 1 << 20

func (x *expansion) product(a, b dnf) dnf {
	if len(a) == 1 && len(a[0]) == 0 {
		return b
	}
	var out dnf
	for _, p := range a {
		for _, q := range b {
			if x.made += len(p) + len(q); len(out) >= mostAlternatives || x.made > mostConditions {
				x.dropped = true
				return out
			}
			out = append(out, append(p[:len(p):len(p)], q...))
		}
	}
	return out
}

func (x *expansion) all(list []Expr, f func(Expr) dnf) dnf {
	out := always
	for _, e := range list {
		out = x.product(out, f(e))
	}
	return out
}

func (x *expansion) any(list []Expr, f func(Expr) dnf) dnf {
	var out dnf
	for _, e := range list {
		if len(out) >= mostAlternatives {
			x.dropped = true
			break
		}
		out = append(out, f(e)...)
	}
	return out
}

func (x *expansion) atom(e Expr, s sense) dnf { return dnf{{{e, s, x.from}}} }

func truth(ok bool) dnf {
	if ok {
		return always
	}
	return nil
}

// expand gives the ways in which e has the sense s.
func (x *expansion) expand(e Expr, s sense) dnf {
	switch e := e.(type) {
	case *Literal:
		switch {
		case e.Kind == NullLiteral:
			return truth(s.holds(Unknown))
		case e.Kind == BoolLiteral:
			return truth(s.positive() == (e.Text == "true"))
		}
	case *Cast:
		if e.Type.Name == "boolean" || e.Type.Name == "bool" {
			if l, ok := e.X.(*Literal); ok && l.Kind == NullLiteral || x.isBool(e.X) {
				return x.expand(e.X, s)
			}
		}
	case *Logic:
		f := func(e Expr) dnf { return x.expand(e, s) }
		if e.Or != s.positive() {
			return x.all(e.List, f)
		}
		if m := x.merged(e, s); m != nil {
			return x.atom(m, s)
		}
		return x.any(e.List, f)
	case *Not:
		return x.expand(e.X, s.negated())
	case *NullTest:
		return x.nullTest(e, s.positive())
	case *BoolTest:
		return x.boolTest(e, s.positive() != e.Not)
	case *CaseWhen:
		return x.caseWhen(e, s)
	case *Call:
		if e.Name == "coalesce" && x.isBool(e) {
			return x.coalesce(e.Args, s)
		}
		if e.Name == "overlaps" && e.Schema == "" && len(e.Args) == 4 {
			return x.overlap(e, s)
		}
	case *DistinctFrom:
		for _, p := range [][2]Expr{{e.L, e.R}, {e.R, e.L}} {
			if l, ok := p[0].(*Literal); ok && l.Kind == NullLiteral {
				return x.nullTest(&NullTest{X: p[1], Not: !e.Not}, s.positive())
			}
		}
		if x.isBool(e.L) && x.isBool(e.R) {
			return x.sameTruth(e.L, e.R, s.positive() == e.Not)
		}
	case *Binary:
		if isComparison(e.Op) {
			if x.isBool(e.L) && x.isBool(e.R) {
				return x.compareBools(e, s)
			}
			if out, ok := x.extremes(e, s); ok {
				return out
			}
			if out, ok := x.rowwise(e, s); ok {
				return out
			}
			l, r, op := e.L, e.R, e.Op
			if _, ok := number(l); ok {
				l, r, op = r, l, flip(op)
			}
			if n, ok := number(r); ok {
				if c, ok := x.counted(l); ok {
					return x.countHolds(c, s, func(k int) bool { return holds(op, k-n) })
				}
			}
		}
	case *AnyOf:
		if a, ok := e.Array.(*Array); ok && isComparison(e.Op) {
			if c, ok := x.counted(e.X); ok {
				var list []int
				for _, el := range a.List {
					n, ok := number(el)
					if !ok {
						return x.atom(e, s)
					}
					list = append(list, n)
				}
				return x.countHolds(c, s, func(k int) bool {
					for _, n := range list {
						if holds(e.Op, k-n) != e.All {
							return !e.All
						}
					}
					return e.All
				})
			}
		}
	}
	return x.atom(e, s)
}

// number reads an integer constant.
func number(e Expr) (int, bool) {
	switch e := e.(type) {
	case *Literal:
		n, err := strconv.Atoi(e.Text)
		return n, err == nil && e.Kind != BoolLiteral
	case *Cast:
		return number(e.X)
	}
	return 0, false
}

// merged gives an OR over one column that is better kept whole: x = 'a' OR x = 'b', and its like with
// LIKE. It gives nil for others.
func (x *expansion) merged(e *Logic, s sense) Expr {
	if !s.positive() {
		return nil
	}
	var column string
	for _, c := range e.List {
		cols := Columns(c)
		if len(cols) != 1 || column != "" && cols[0] != column {
			return nil
		}
		column = cols[0]
		switch b := c.(type) {
		case *Binary:
			if b.Op != "=" && b.Op != "~~" && b.Op != "~" || x.isBool(b.L) {
				return nil
			}
		case *AnyOf:
			if b.Op != "=" || b.All {
				return nil
			}
		default:
			return nil
		}
	}
	return e
}

// nullTest gives the ways in which a null test is true, or false.
func (x *expansion) nullTest(e *NullTest, want bool) dnf {
	if r, ok := e.X.(*Row); ok { // null where all are null, not null where none is
		f := func(f Expr) dnf { return x.isNull(f, e.Not != want) }
		if want {
			return x.all(r.List, f)
		}
		return x.any(r.List, f)
	}
	return x.isNull(e.X, e.Not != want)
}

// isNull gives the ways in which e is null, or not null.
func (x *expansion) isNull(e Expr, want bool) dnf {
	strict := func(args []Expr) dnf {
		f := func(a Expr) dnf { return x.isNull(a, want) }
		if want {
			return x.any(args, f)
		}
		return x.all(args, f)
	}
	switch e := e.(type) {
	case *Literal:
		return truth((e.Kind == NullLiteral) == want)
	case *Cast:
		return x.isNull(e.X, want)
	case *Collate:
		return x.isNull(e.X, want)
	case *NullTest, *BoolTest, *DistinctFrom:
		return truth(!want)
	case *Not:
		return x.isNull(e.X, want)
	case *Binary:
		switch e.Op {
		case "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "||":
			if _, row := e.L.(*Row); !row {
				return strict([]Expr{e.L, e.R})
			}
		}
	case *Call:
		switch {
		case e.Name == "coalesce":
			f := func(a Expr) dnf { return x.isNull(a, want) }
			if want {
				return x.all(e.Args, f)
			}
			return x.any(e.Args, f)
		case e.Schema == "" && functions[e.Name] != nil && functions[e.Name].strict:
			return strict(e.Args)
		}
	}
	return x.atom(&NullTest{X: e, Not: !want}, mustTrue)
}

// boolTest gives the ways in which X IS TRUE (FALSE, UNKNOWN) is as wanted.
func (x *expansion) boolTest(e *BoolTest, want bool) dnf {
	switch {
	case e.Is == "unknown":
		return x.isNull(e.X, want)
	case e.Is == "true" && want:
		return x.expand(e.X, mustTrue)
	case e.Is == "true":
		return x.expand(e.X, notTrue)
	case want:
		return x.expand(e.X, mustFalse)
	}
	return x.expand(e.X, notFalse)
}

func (x *expansion) caseWhen(e *CaseWhen, s sense) dnf {
	var out dnf
	before := always
	for _, w := range e.Whens {
		if x.made > mostConditions {
			x.dropped = true
			return out
		}
		cond := w.If
		if e.Operand != nil {
			cond = &Binary{Op: "=", L: e.Operand, R: w.If}
		}
		hit := x.product(before, x.expand(cond, mustTrue))
		out = append(out, x.product(hit, x.expand(w.Then, s))...)
		before = x.product(before, x.expand(cond, notTrue))
	}
	last := e.Else
	if last == nil {
		last = &Literal{Kind: NullLiteral}
	}
	return append(out, x.product(before, x.expand(last, s))...)
}

func (x *expansion) coalesce(args []Expr, s sense) dnf {
	var out dnf
	before := always
	for i, a := range args {
		want := s
		if i < len(args)-1 {
			want = mustFalse
			if s.positive() {
				want = mustTrue
			}
		}
		out = append(out, x.product(before, x.expand(a, want))...)
		before = x.product(before, x.isNull(a, true))
	}
	return out
}

// sameTruth gives the ways in which two truth values are the same, null among them, or not.
func (x *expansion) sameTruth(l, r Expr, same bool) dnf {
	values := []func(Expr) dnf{
		func(e Expr) dnf { return x.expand(e, mustTrue) },
		func(e Expr) dnf { return x.expand(e, mustFalse) },
		func(e Expr) dnf { return x.isNull(e, true) },
	}
	var out dnf
	for i, f := range values {
		for j, g := range values {
			if (i == j) == same {
				out = append(out, x.product(f(l), g(r))...)
			}
		}
	}
	return out
}

// compareBools gives the ways in which a comparison of two truth values has a sense.
func (x *expansion) compareBools(e *Binary, s sense) dnf {
	for i, side := range []Expr{e.L, e.R} { // with a constant it is the other side, or its negation
		if l, ok := side.(*Literal); ok && l.Kind == BoolLiteral && (e.Op == "=" || e.Op == "<>") {
			other := e.R
			if i == 1 {
				other = e.L
			}
			if (l.Text == "true") == (e.Op == "=") {
				return x.expand(other, s)
			}
			return x.expand(other, s.negated())
		}
	}
	is := func(e Expr, v, not bool) dnf {
		s := [...]sense{mustTrue, mustFalse, notTrue, notFalse}
		i := 0
		if !v {
			i++
		}
		if not {
			i += 2
		}
		return x.expand(e, s[i])
	}
	order := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	settled := s == mustTrue || s == mustFalse
	out := always
	if settled {
		out = nil
	}
	for _, a := range []bool{true, false} {
		for _, b := range []bool{true, false} {
			wanted := holds(e.Op, order(a, b)) == s.positive()
			switch {
			case settled && wanted:
				out = append(out, x.product(is(e.L, a, false), is(e.R, b, false))...)
			case !settled && !wanted:
				out = x.product(out, append(is(e.L, a, true), is(e.R, b, true)...))
			}
		}
	}
	return out
}

// flip turns a comparison's sides.
func flip(op string) string {
	switch op[0] {
	case '<':
		if op != "<>" {
			return ">" + op[1:]
		}
	case '>':
		return "<" + op[1:]
	}
	return op
}
