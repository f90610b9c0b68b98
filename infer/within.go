package infer

import (
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
)

// within takes what a column's name says into the bounds that its checks set. Ends of a rule that are far within
// those of the checks stay: there may be any price above nothing, and people still pay 1 to 500. Where the checks
// leave little more than the rule expects, they know better: a rating may go up to ten. Generators that are no
// ranges stay as they are, and are tried like any other. It gives false where nothing is left.
func (s *site) within(k Candidate) (Candidate, bool) {
	g := k.Generator
	least, most := new(big.Rat), new(big.Rat)
	if !g.open(g.generator()) || !g.is("integer", "decimal", "float", "price") || !ended(g, "min", least) || !ended(g, "max", most) || !g.has("max") {
		return k, true
	}
	wasLeast, wasMost, span := least, most, new(big.Rat).Sub(most, least)
	lo, hi, digits := s.limits()
	switch {
	case s.domain.Min != nil && s.domain.Max != nil && new(big.Rat).Sub(hi, lo).Cmp(new(big.Rat).Mul(span, big.NewRat(4, 1))) <= 0:
		least, most = lo, hi
	case lo != nil && lo.Cmp(most) > 0: // all of it lies below
		least, most = lo, new(big.Rat).Add(lo, span)
	case hi != nil && hi.Cmp(least) < 0:
		least, most = new(big.Rat).Sub(hi, span), hi
	default:
		least, most = greater(least, lo), lesser(most, hi)
	}
	least, most = greater(least, lo), lesser(most, hi)
	if least.Cmp(most) > 0 {
		return k, false
	}
	write := func(r *big.Rat) yaml {
		if g.is("integer", "float") {
			return raw(r.FloatString(digits))
		}
		return quote(r.FloatString(digits))
	}
	made := call(g.generator(), "min", write(least), "max", write(most))
	switch step := g.arg("step"); { // it is counted from the smallest value
	case step.exists() && least.Cmp(wasLeast) == 0 && least.Cmp(most) != 0:
		made = made.with("step", step)
	case g.is("float"):
		made = made.with("step", 0.01)
	}
	for _, a := range g.argument().pairs() {
		if most.Cmp(wasMost) == 0 && !made.has(a.key.str()) && a.key.str() != "step" { // a distribution was made for other ends
			made = made.with(a.key.str(), a.value)
		}
	}
	k.Generator = made
	k.exact = true
	return k, true
}

// ended reads an end of a range of numbers; false where it is no number. One that is not there is none.
func ended(g yaml, name string, to *big.Rat) bool {
	end := g.arg(name)
	if !end.exists() {
		return true
	}
	_, ok := to.SetString(end.str())
	return ok
}

// momentsWithin does the same for moments: of those that a rule expects, the ones that checks allow. It gives false where
// there are none.
func (s *site) momentsWithin(k Candidate) (Candidate, bool) {
	g, d := k.Generator, s.domain
	if !g.open(g.generator()) || !g.is("date", "timestamp") {
		return k, false
	}
	from, err1 := time.Parse(time.DateOnly, g.arg("from").str())
	to, err2 := time.Parse(time.DateOnly, g.arg("to").str())
	if err1 != nil || err2 != nil {
		return k, false
	}
	if d.Min != nil {
		least, ok := moment(d.Min)
		if !ok {
			return k, false // after the time of the load: made to measure
		}
		if least = least.AddDate(0, 0, 1).Truncate(24 * time.Hour); least.After(from) {
			from = least
		}
	}
	if d.Max != nil {
		most, ok := moment(d.Max)
		if !ok && !strings.HasPrefix(d.Max.Value, "now") {
			return k, false
		}
		if !ok {
			last, _ := time.Parse(time.DateOnly, lastDay)
			most = beforeNow(d.Max.Value, last)
		}
		if most = most.AddDate(0, 0, -1).Truncate(24 * time.Hour); most.Before(to) {
			to = most
		}
	}
	if !from.Before(to) {
		return k, false
	}
	k.Generator = g.with("from", quote(from.Format(time.DateOnly))).with("to", quote(to.Format(time.DateOnly)))
	k.exact = true
	return k, true
}

// limits gives the smallest and the largest value that checks and the type allow, nil for none, and how many digits
// behind the point values have.
func (s *site) limits() (lo, hi *big.Rat, digits int) {
	t, d := &s.column.Type, s.domain
	switch {
	case t.Kind == column.Int:
		if t.Width == 2 || t.Width == 4 {
			hi = new(big.Rat).SetInt64(int64(1)<<(8*t.Width-1) - 1)
		} else {
			hi = new(big.Rat).SetInt64(math.MaxInt64)
		}
		lo = new(big.Rat).Neg(hi)
	case t.Precision > 0:
		digits = max(t.Scale, 0)
		whole := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(t.Precision-t.Scale, 0))), nil)
		hi = new(big.Rat).Sub(new(big.Rat).SetInt(whole), unitOf(digits))
		lo = new(big.Rat).Neg(hi)
	default:
		digits = 2
	}
	if r, ok := bound(d.Min); ok {
		switch {
		case t.Kind == column.Int:
			r = new(big.Rat).SetInt(ceil(r, d.Min.Open))
		case d.Min.Open:
			r = new(big.Rat).Add(r, unitOf(digits))
		}
		lo = greater(r, lo)
	}
	if r, ok := bound(d.Max); ok {
		switch {
		case t.Kind == column.Int:
			r = new(big.Rat).SetInt(floor(r, d.Max.Open))
		case d.Max.Open:
			r = new(big.Rat).Sub(r, unitOf(digits))
		}
		hi = lesser(r, hi)
	}
	return lo, hi, digits
}

// unitOf is the distance between numbers with so many digits behind the point.
func unitOf(digits int) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
}

func greater(a, b *big.Rat) *big.Rat {
	if b == nil || a.Cmp(b) >= 0 {
		return a
	}
	return b
}

func lesser(a, b *big.Rat) *big.Rat {
	if b == nil || a.Cmp(b) <= 0 {
		return a
	}
	return b
}
