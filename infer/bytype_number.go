package infer

import (
	"math"
	"math/big"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// features are PostGIS's shapes of the subtype, the reference system and the coordinates that a column's modifier asks for; none for curves and
// surfaces.
func features(t *schema.Type) []yaml {
	f := schema.Feature{Code: 1, SRID: 4326}
	if t.Feature != nil {
		f = *t.Feature
	}
	names := []string{"st_point", "st_point", "st_linestring", "st_polygon", "st_multipoint", "st_multilinestring", "st_multipolygon", "st_collection"}
	if f.Code >= len(names) {
		return nil
	}
	args := []any{"type", names[f.Code]}
	if f.SRID != 4326 && !strings.HasSuffix(t.Name, "geography") {
		args = append(args, "srid", f.SRID)
	}
	if f.Z {
		args = append(args, "z", true)
	}
	if f.M {
		args = append(args, "m", true)
	}
	return []yaml{call("geometry", args...)}
}

// integers are as many as the rows need, within the bounds of type and checks.
func (s *site) integers(t *schema.Type) yaml {
	lo, hi := big.NewInt(0), big.NewInt(1000)
	limit := new(big.Int).SetUint64(math.MaxInt64)
	if t.Width == 2 || t.Width == 4 {
		limit = big.NewInt(int64(1)<<(8*t.Width-1) - 1)
	}
	if s.unique {
		hi.SetInt64(max(1000, min(10*s.rows, 1<<30)))
	}
	d := s.domain
	if r, ok := bound(d.Min); ok {
		lo = ceil(r, d.Min.Open)
		if hi.Cmp(new(big.Int).Add(lo, big.NewInt(1000))) < 0 {
			hi = new(big.Int).Add(lo, big.NewInt(1000))
		}
	}
	if r, ok := bound(d.Max); ok {
		top := floor(r, d.Max.Open)
		if d.Min == nil && top.Sign() < 0 {
			lo = new(big.Int).Sub(top, big.NewInt(1000))
		}
		if top.Cmp(hi) < 0 || d.Min == nil && s.unique {
			hi = top
		} else if span := new(big.Int).Sub(top, lo); span.Cmp(big.NewInt(100_000)) <= 0 {
			hi = top
		}
	}
	if hi.Cmp(limit) > 0 {
		hi = limit
	}
	if lo.Cmp(new(big.Int).Neg(limit)) < 0 {
		lo = new(big.Int).Neg(limit)
	}
	if lo.Cmp(hi) > 0 {
		return yaml{}
	}
	args := []any{"min", raw(lo.String()), "max", raw(hi.String())}
	if m, ok := new(big.Int).SetString(d.Multiple, 10); ok && m.Sign() > 0 {
		first := new(big.Int).Mul(m, ceil(new(big.Rat).SetFrac(lo, m), false))
		if top := new(big.Int).Mul(m, big.NewInt(1000)); d.Max == nil && hi.Cmp(top) < 0 {
			hi = top
		}
		args = []any{"min", raw(first.String()), "max", raw(hi.String()), "step", raw(m.String())}
	}
	return call("integer", args...)
}

func ceil(r *big.Rat, open bool) *big.Int {
	q := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: rounds down
	if !r.IsInt() || open {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func floor(r *big.Rat, open bool) *big.Int {
	q := new(big.Int).Div(r.Num(), r.Denom())
	if r.IsInt() && open {
		q.Sub(q, big.NewInt(1))
	}
	return q
}

// interval gives the ends of a range of numbers, as texts with so many digits behind the point.
func (s *site) interval(scale int, most *big.Rat) (lo, hi string) {
	unit := big.NewRat(1, 1)
	for range scale {
		unit.Mul(unit, big.NewRat(1, 10))
	}
	low, high := new(big.Rat), big.NewRat(1000, 1)
	d := s.domain
	if r, ok := bound(d.Min); ok {
		low.Set(r)
		if d.Min.Open {
			low.Add(low, unit)
		}
		if top := new(big.Rat).Add(low, big.NewRat(1000, 1)); high.Cmp(top) < 0 {
			high = top
		}
	}
	if r, ok := bound(d.Max); ok {
		top := new(big.Rat).Set(r)
		if d.Max.Open {
			top.Sub(top, unit)
		}
		if d.Min == nil && top.Sign() < 0 {
			low = new(big.Rat).Sub(top, big.NewRat(1000, 1))
		}
		if top.Cmp(high) < 0 {
			high = top
		}
	}
	if most != nil {
		if high.Cmp(most) > 0 {
			high.Set(most)
		}
		if neg := new(big.Rat).Neg(most); low.Cmp(neg) < 0 {
			low = neg
		}
	}
	return low.FloatString(scale), high.FloatString(scale)
}

func (s *site) floats() yaml {
	lo, hi := s.interval(2, nil)
	return call("float", "min", raw(lo), "max", raw(hi), "step", 0.01)
}

func (s *site) decimals(t *schema.Type) yaml {
	scale := 2
	var most *big.Rat
	if t.Precision > 0 {
		scale = t.Scale
		n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Precision)), nil)
		n.Sub(n, big.NewInt(1))
		most = new(big.Rat).SetInt(n)
		ten := big.NewRat(10, 1)
		for range max(scale, 0) {
			most.Quo(most, ten)
		}
		for range max(-scale, 0) {
			most.Mul(most, ten)
		}
	}
	shown := min(max(scale, 0), 34) // with a thousand before them, what decimal writes
	if shown < scale {
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shown)), nil)
		most = new(big.Rat).SetFrac(floor(new(big.Rat).Mul(most, new(big.Rat).SetInt(unit)), false), unit)
	}
	lo, hi := s.interval(shown, most)
	args := []any{"min", quote(lo), "max", quote(hi), "scale", shown}
	if s.domain.Multiple != "" {
		args = append(args, "step", quote(s.domain.Multiple))
	}
	return call("decimal", args...)
}

// coarse are numbers of a negative scale: multiples of a power of ten.
func (s *site) coarse(t *schema.Type) yaml {
	step := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-t.Scale)), nil)
	top := new(big.Int).Mul(step, big.NewInt(9))
	switch {
	case -t.Scale > 36: // more digits than decimal has
		return short("constant", 0)
	case -t.Scale > 15:
		return call("decimal", "min", 0, "max", quote(top.String()), "scale", 0)
	}
	return call("integer", "min", 0, "max", raw(top.String()), "step", raw(step.String()))
}
