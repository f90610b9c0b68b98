package gen

import "fmt"

// Bits draws bit strings, for the types bit and bit varying.
type Bits struct {
	Length *int `yaml:"length" short:"true" desc:"the number of bits (default: what the column holds)"`
	Min    *int `yaml:"min" desc:"the smallest number of bits, where length is left out (default 1)"`
	Max    *int `yaml:"max" desc:"the largest number of bits, where length is left out"`
}

// OutputVersion implements Maker.
func (*Bits) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Bits) Make(c *Context) (Filler, error) {
	lo, hi, err := lengths(m.Length, m.Min, m.Max, c.Type.Length, "bits")
	if err != nil {
		return nil, err
	}
	if baseOf(c.Type) == "bit" && m.Length == nil && m.Min == nil && m.Max == nil {
		lo = hi
	}
	what := fmt.Sprintf("%d bits", hi)
	if lo < hi {
		what = fmt.Sprintf("%d to %d bits", lo, hi)
	}
	f, err := regexForm(fmt.Sprintf("[01]{%d,%d}", lo, hi), 0)
	if err != nil {
		return nil, err
	}
	return literally("varbit", newDrawn(what, c.Key, f, nil, "[01]*")), nil
}

// lengths reads the arguments that say how long something is: an exact number, or bounds. held is what
// the column holds, 0 where that is not known.
func lengths(length, min, max *int, held int, unit string) (lo, hi int, err error) {
	const most = 1000
	switch {
	case length != nil && (min != nil || max != nil):
		return 0, 0, fmt.Errorf("length says it all: leave min and max out")
	case length != nil:
		lo, hi = *length, *length
	default:
		lo = 1
		if min != nil {
			lo = *min
		}
		switch {
		case max != nil:
			hi = *max
		case held > 0:
			hi = held
		case min != nil:
			hi = lo
		default:
			return 0, 0, fmt.Errorf("name the number of %s: length, or min and max", unit)
		}
	}
	switch {
	case lo < 0 || hi > most:
		return 0, 0, fmt.Errorf("%d to %d %s are not within 0 to %d", lo, hi, unit, most)
	case lo > hi:
		return 0, 0, fmt.Errorf("min %d is above max %d", lo, hi)
	case held > 0 && hi > held:
		return 0, 0, fmt.Errorf("the column holds %d %s, and %d are asked for", held, unit, hi)
	}
	return lo, hi, nil
}
