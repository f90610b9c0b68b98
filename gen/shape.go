package gen

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// Shape says at which times of the year, the week and the day more happens than at others.
type Shape struct {
	Usual    string    `yaml:"usual" enum:"people,shop,office" desc:"what is usual: people (by day and in the evening), shop (evenings, weekends, before Christmas) or office (working days and hours); what is named besides takes its place"`
	Growth   float64   `yaml:"growth" desc:"how many times as much happens a year later, such as 1.5 (default 1)"`
	Months   []float64 `yaml:"months" desc:"twelve weights, from January"`
	Weekdays []float64 `yaml:"weekdays" desc:"seven weights, from Monday"`
	Hours    []float64 `yaml:"hours" desc:"24 weights, from midnight, in the zone"`
}

// usualShapes are what a name stands for.
var usualShapes = map[string]Shape{
	"people": {
		Weekdays: []float64{10, 10, 10, 10, 10, 9, 9},
		Hours:    []float64{2, 1, 0.6, 0.4, 0.4, 0.8, 2, 4, 6, 7, 7.5, 7.5, 8, 8, 7.5, 7.5, 8, 8.5, 9, 10, 10, 9, 6, 4},
	},
	"shop": {
		Months:   []float64{8, 7, 8, 8, 8, 8, 7, 7, 8, 9, 13, 16},
		Weekdays: []float64{10, 9, 9, 9, 10, 12, 13},
		Hours:    []float64{2, 1, 0.5, 0.3, 0.3, 0.6, 1.5, 3, 5, 7, 8, 8, 8.5, 8, 7.5, 7.5, 8, 9, 10, 12, 13, 12, 8, 4},
	},
	"office": {
		Weekdays: []float64{10, 11, 11, 10, 9, 0.4, 0.3},
		Hours:    []float64{0.1, 0, 0, 0, 0, 0.1, 0.5, 2, 7, 10, 11, 10, 6, 8, 10, 10, 8, 5, 2, 1, 0.6, 0.4, 0.3, 0.2},
	},
}

const (
	hourMicros = 3600 * 1_000_000
	// shapedYears is as long a range as a shape goes over: its table has a number for each hour.
	shapedYears = 50
	// meanWeight is about the weight of an hour: a moment's place within its hour is so fine.
	meanWeight = 1 << 24
)

// shaped is a Shape over a range: for each hour the weight of all hours before it. Moments are drawn by their place in
// that sum, in integers.
type shaped struct {
	first int64 // the first hour, since 1970
	sums  []uint64
}

// make lays a shape over the moments from lo to hi.
func (m *Shape) make(lo, hi, unit int64, zone string) (*shaped, error) {
	s := *m
	if usual, ok := usualShapes[s.Usual]; ok {
		for _, list := range []struct{ own, usual *[]float64 }{{&s.Months, &usual.Months}, {&s.Weekdays, &usual.Weekdays}, {&s.Hours, &usual.Hours}} {
			if len(*list.own) == 0 {
				*list.own = *list.usual
			}
		}
	}
	if s.Growth == 0 {
		s.Growth = 1
	}
	if !(s.Growth >= 0.01 && s.Growth <= 100) {
		return nil, fmt.Errorf("shape: growth %v is not between 0.01 and 100", s.Growth)
	}
	months, err := shapeWeights("months", s.Months, 12)
	if err != nil {
		return nil, err
	}
	weekdays, err := shapeWeights("weekdays", s.Weekdays, 7)
	if err != nil {
		return nil, err
	}
	hours, err := shapeWeights("hours", s.Hours, 24)
	if err != nil {
		return nil, err
	}
	if unit > hourMicros || hourMicros%unit != 0 {
		return nil, fmt.Errorf("shape goes with a step that divides an hour")
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	f := &shaped{first: (lo - mod(lo, hourMicros)) / hourMicros}
	n := (hi-mod(hi, hourMicros))/hourMicros - f.first + 1
	if n > shapedYears*366*24 {
		return nil, fmt.Errorf("shape goes over %d years at most, and from to to are more", shapedYears)
	}
	weights := make([]uint64, n)
	growth := newGrowth(s.Growth)
	var all uint64
	for i := range weights {
		at := time.UnixMicro((f.first + int64(i)) * hourMicros).In(loc)
		w := months[at.Month()-1] * weekdays[(at.Weekday()+6)%7] / 1000 * hours[at.Hour()] / 1000 // in millionths of usual
		weights[i] = w * growth.at(int64(i)) >> 12
		all += weights[i]
	}
	if all == 0 {
		return nil, fmt.Errorf("shape: no hour of the range has a weight above 0")
	}
	scale := max(meanWeight/max(all/uint64(n), 1), 1)
	f.sums = make([]uint64, n+1)
	for i, w := range weights {
		f.sums[i+1] = f.sums[i] + w*scale
	}
	return f, nil
}

// shapeWeights gives weights in thousandths of their mean.
func shapeWeights(what string, list []float64, n int) ([]uint64, error) {
	if len(list) == 0 {
		list = slices.Repeat([]float64{1}, n)
	}
	if len(list) != n {
		return nil, fmt.Errorf("shape: %s has %d weights: %d are wanted", what, len(list), n)
	}
	weights, err := integerWeights(list)
	if err != nil {
		return nil, fmt.Errorf("shape: %s: %w", what, err)
	}
	var sum uint64
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return nil, fmt.Errorf("shape: all %s have the weight 0", what)
	}
	for i, w := range weights {
		weights[i] = uint64(float64(float64(w)*float64(n)) * 1000 / float64(sum))
	}
	return weights, nil
}

// yearHours is the length of a year.
const yearHours = 8766

// growth is how much happens by the hour, in 4096ths: so many times as much a year later, in a straight line between.
type growth struct{ years []uint64 }

func newGrowth(factor float64) growth {
	g := growth{years: make([]uint64, shapedYears+3)}
	w := 4096.0
	if factor < 1 { // falls towards the end
		w = 1 << 24
	}
	for i := range g.years {
		g.years[i] = uint64(w)
		w = min(float64(w*factor), 1<<30)
	}
	return g
}

func (g growth) at(hour int64) uint64 {
	y, rest := hour/yearHours, uint64(hour%yearHours)
	return (g.years[y]*(yearHours-rest) + g.years[y+1]*rest) / yearHours
}

// sum is the weight of all that lies before a moment.
func (f *shaped) sum(at int64) uint64 {
	h := (at-mod(at, hourMicros))/hourMicros - f.first
	if h >= int64(len(f.sums))-1 {
		return f.sums[len(f.sums)-1]
	}
	q := mulDiv(f.sums[h+1]-f.sums[h], uint64(mod(at, hourMicros)), hourMicros)
	return f.sums[h] + q
}

// at is the moment before which lies a weight.
func (f *shaped) at(sum uint64) int64 {
	h, _ := slices.BinarySearchFunc(f.sums, sum, func(s, t uint64) int {
		if s <= t {
			return -1
		}
		return 1
	})
	h = min(h-1, len(f.sums)-2)
	start := (f.first + int64(h)) * hourMicros
	w := f.sums[h+1] - f.sums[h]
	if w == 0 {
		return start
	}
	return start + int64(mulDiv(sum-f.sums[h], hourMicros, w))
}

func (m *Shape) String() string {
	var out []string
	if m.Usual != "" {
		out = append(out, m.Usual)
	}
	if m.Growth != 0 && m.Growth != 1 {
		out = append(out, fmt.Sprintf("growing by %v a year", m.Growth))
	}
	for _, list := range []struct {
		what string
		list []float64
	}{{"months", m.Months}, {"weekdays", m.Weekdays}, {"hours", m.Hours}} {
		if len(list.list) > 0 {
			out = append(out, "by "+list.what)
		}
	}
	return ", shaped: " + strings.Join(out, ", ")
}

// mulDiv is a * b / c, where that is less than 2^64.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	q, _ := bits.Div64(hi, lo, c)
	return q
}
