package gen

import (
	"fmt"

	"github.com/sowerdata/sower/internal/rng"
)

// Distribution is how numbers spread over their range. Draws beyond the range are drawn again, so that
// the bounds hold and no mass gathers on them.
type Distribution struct {
	Shape    string  `yaml:"distribution" desc:"uniform (default), normal, lognormal, exponential or zipf"`
	Mean     float64 `yaml:"mean" desc:"normal: the mean (default: the middle); exponential: the mean distance from min; lognormal: the mean of the logarithm"`
	SD       float64 `yaml:"sd" desc:"normal: the standard deviation (default: a sixth of the range); lognormal: that of the logarithm (default 1)"`
	Exponent float64 `yaml:"exponent" desc:"zipf: the exponent (default 1); min is the most frequent value"`
}

// sampler compiles the distribution over [lo, hi]; nil means uniform.
func (d *Distribution) sampler(lo, hi float64) (func(*rng.Stream) float64, error) {
	width := hi - lo
	var draw func(*rng.Stream) float64
	switch d.Shape {
	case "", "uniform":
		return nil, nil
	case "normal":
		mean, sd := d.Mean, d.SD
		if mean == 0 && (lo > 0 || hi < 0 || d.SD == 0) {
			mean = lo + width/2
		}
		if sd == 0 {
			sd = width / 6
		}
		if sd < 0 || mean < lo || mean > hi {
			return nil, fmt.Errorf("normal: the mean %v must lie between %v and %v, and sd %v not be negative", mean, lo, hi, sd)
		}
		draw = func(s *rng.Stream) float64 { return mean + float64(sd*s.Normal()) }
	case "lognormal":
		sd := d.SD
		if sd == 0 {
			sd = 1
		}
		if sd < 0 {
			return nil, fmt.Errorf("lognormal: sd %v is negative", sd)
		}
		draw = func(s *rng.Stream) float64 { return lo + rng.Exp(d.Mean+float64(sd*s.Normal())) }
	case "exponential":
		mean := d.Mean
		if mean == 0 {
			mean = width / 5
		}
		if mean < 0 {
			return nil, fmt.Errorf("exponential: the mean %v is negative", mean)
		}
		draw = func(s *rng.Stream) float64 { return lo + float64(mean*s.Exponential()) }
	case "zipf":
		exponent := d.Exponent
		if exponent == 0 {
			exponent = 1
		}
		if width >= 1<<53 {
			return nil, fmt.Errorf("zipf: the range is too wide")
		}
		z, err := rng.NewZipf(uint64(width)+1, exponent)
		if err != nil {
			return nil, err
		}
		return func(s *rng.Stream) float64 { return lo + float64(z.Pick(s)) }, nil
	default:
		return nil, fmt.Errorf("distribution %q is unknown: uniform, normal, lognormal, exponential or zipf", d.Shape)
	}
	return func(s *rng.Stream) float64 {
		for range 64 {
			if x := draw(s); x >= lo && x <= hi {
				return x
			}
		}
		return lo + float64(width*s.Float()) // the range lies far out in the tail
	}, nil
}

// name gives the distribution's name for descriptions.
func (d *Distribution) name() string {
	if d.Shape == "" {
		return "uniform"
	}
	return d.Shape
}
