package check

// count is a sum of truth values: base plus a weight for every term that is true.
type count struct {
	terms   []Expr
	weights []int
	base    int
}

const mostTerms = 8

// counted reads num_nonnulls(...), sums of casts of conditions to integer, and of CASE WHEN c THEN 1 ELSE 0.
func (x *expansion) counted(e Expr) (count, bool) {
	c := count{}
	if !x.addCount(&c, e, 1) || len(c.terms) == 0 || len(c.terms) > mostTerms {
		return c, false
	}
	return c, true
}

func (x *expansion) addCount(c *count, e Expr, sign int) bool {
	term := func(t Expr, w int) bool {
		c.terms, c.weights = append(c.terms, t), append(c.weights, w*sign)
		return true
	}
	switch e := e.(type) {
	case *Literal:
		n, ok := number(e)
		c.base += sign * n
		return ok
	case *Binary:
		switch e.Op {
		case "+":
			return x.addCount(c, e.L, sign) && x.addCount(c, e.R, sign)
		case "-":
			return x.addCount(c, e.L, sign) && x.addCount(c, e.R, -sign)
		}
		return x.sqlite && x.isBool(e) && term(e, 1)
	case *NullTest:
		return x.sqlite && term(e, 1)
	case *Cast:
		switch e.Type.Name {
		case "integer", "int", "int4", "bigint", "smallint", "numeric":
			if x.isBool(e.X) {
				return term(e.X, 1)
			}
			return x.addCount(c, e.X, sign)
		}
	case *Call:
		if e.Name == "num_nonnulls" || e.Name == "num_nulls" {
			for _, a := range e.Args {
				term(&NullTest{X: a, Not: e.Name == "num_nonnulls"}, 1)
			}
			return len(e.Args) > 0
		}
	case *CaseWhen:
		if len(e.Whens) != 1 || e.Operand != nil || e.Else == nil {
			return false
		}
		a, ok1 := number(e.Whens[0].Then)
		b, ok2 := number(e.Else)
		if !ok1 || !ok2 {
			return false
		}
		c.base += sign * b
		return term(&BoolTest{X: e.Whens[0].If, Is: "true"}, a-b)
	}
	return false
}

// countHolds gives the ways in which a count satisfies a condition. Terms that are null leave the count
// null; such rows are left out.
func (x *expansion) countHolds(c count, s sense, ok func(int) bool) dnf {
	var out dnf
	for set := 1<<len(c.terms) - 1; set >= 0; set-- { // all terms true first
		n := c.base
		for i, w := range c.weights {
			if set>>i&1 == 1 {
				n += w
			}
		}
		if ok(n) != s.positive() {
			continue
		}
		one := always
		for i, t := range c.terms {
			want := mustFalse
			if set>>i&1 == 1 {
				want = mustTrue
			}
			one = x.product(one, x.expand(t, want))
		}
		if len(out)+len(one) > mostAlternatives {
			x.dropped = true
			return out
		}
		out = append(out, one...)
	}
	for _, t := range c.terms {
		if _, two := t.(*NullTest); !two {
			x.dropped = true
		}
	}
	return out
}
