package gen

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Geometry draws shapes. The types point, line, lseg, box, path, polygon and circle are PostgreSQL's own,
// with coordinates within min and max. Those that begin with st_ are for PostGIS's geometry and geography, in the
// form that it gives them back (EWKB in hex digits): near cities, x the longitude and y the latitude. A group that an
// address names too makes an st_point the place of that address.
type Geometry struct {
	Type  string `yaml:"type" short:"true" desc:"point, line, lseg, box, path, polygon, circle, st_point, st_linestring, st_polygon, st_multipoint, st_multilinestring, st_multipolygon or st_collection (default: the column's type, or else point)"`
	Min   *int64 `yaml:"min" desc:"the smallest coordinate (default -100)"`
	Max   *int64 `yaml:"max" desc:"the largest coordinate (default 100)"`
	Scale *int   `yaml:"scale" desc:"digits behind the point of a coordinate (default 2)"`
	SRID  *int64 `yaml:"srid" desc:"st_: the number of the reference system (default 4326); 0: none"`
	Z     bool   `yaml:"z" desc:"st_: points have a height, from 0 to 500"`
	M     bool   `yaml:"m" desc:"st_: points have a measure, from 0 to 1000"`
	Group string `yaml:"group" desc:"st_point: a name that it shares with the columns of an address"`
}

// OutputVersion implements Maker.
func (*Geometry) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Geometry) Make(c *Context) (Filler, error) {
	if base := baseOf(c.Type); strings.HasPrefix(m.Type, "st_") || m.Type == "" && (base == "geometry" || base == "geography") {
		return m.makeFeature(c)
	}
	typ, err := typeArgument(m.Type, c, "point", "point", "line", "lseg", "box", "path", "polygon", "circle")
	if err != nil {
		return nil, err
	}
	if m.SRID != nil || m.Group != "" || m.Z || m.M {
		return nil, fmt.Errorf("srid, z, m and group go with the types that begin with st_")
	}
	lo, hi, scale := int64(-100), int64(100), 2
	if m.Min != nil {
		lo = *m.Min
	}
	if m.Max != nil {
		hi = *m.Max
	}
	if m.Scale != nil {
		scale = *m.Scale
	}
	const far = 1_000_000_000
	switch {
	case lo >= hi:
		return nil, fmt.Errorf("min %d is not below max %d", lo, hi)
	case lo < -far || hi > far:
		return nil, fmt.Errorf("coordinates from %d to %d are not within ±%d", lo, hi, far)
	case scale < 0 || scale > 6:
		return nil, fmt.Errorf("scale %d is not between 0 and 6", scale)
	}
	unit := int64(1)
	for range scale {
		unit *= 10
	}
	s := shape{lo: lo * unit, n: uint64((hi-lo)*unit) + 1, unit: float64(unit)}
	f := &counted{typ: typ, what: fmt.Sprintf("%s within %d and %d", typ, lo, hi), key: c.Key, kind: column.Literal}
	f.card, f.write = s.writer(typ)
	f.maxLen = 10 * 2 * (len(strconv.FormatInt(max(hi, -lo), 10)) + scale + 4)
	return f, nil
}

// shape is how coordinates are drawn: as lo to lo+n-1, of which unit make 1.
type shape struct {
	lo   int64
	n    uint64
	unit float64
}

func (s shape) at(i uint64) float64 { return float64(s.lo+int64(i)) / s.unit }

// The points of a path or polygon.
const fewestCorners, mostCorners = 3, 6

// writer gives the number of shapes of a type, and how one is written.
func (s shape) writer(typ string) (card uint64, write func(b []byte, i uint64) []byte) {
	number := func(b []byte, d *dealer) []byte { return appendNumber(b, s.at(d.deal(s.n))) }
	point := func(b []byte, d *dealer) []byte {
		b = number(append(b, '('), d)
		return append(number(append(b, ','), d), ')')
	}
	cardOf := func(numbers int) uint64 {
		card := uint64(1)
		for range numbers {
			card = times(card, s.n)
		}
		return card
	}
	switch typ {
	case "point":
		card = cardOf(2)
		return card, func(b []byte, i uint64) []byte {
			d := dealer{i, i, card}
			return point(b, &d)
		}
	case "lseg":
		card = cardOf(4)
		return card, func(b []byte, i uint64) []byte {
			d := dealer{i, i, card}
			b = point(append(b, '['), &d)
			return append(point(append(b, ','), &d), ']')
		}
	case "box": // PostgreSQL puts the upper right corner first
		card = times(s.n-1, s.n-1)
		return card, func(b []byte, i uint64) []byte {
			d := dealer{i, i, card}
			left, bottom := d.deal(s.n-1), d.deal(s.n-1)
			wide := left + 1 + rng.Mix(i)%(s.n-1-left)
			high := bottom + 1 + rng.Mix(i+1)%(s.n-1-bottom)
			b = appendNumber(append(b, '('), s.at(wide))
			b = appendNumber(append(b, ','), s.at(high))
			b = appendNumber(append(b, "),("...), s.at(left))
			b = append(appendNumber(append(b, ','), s.at(bottom)), ')')
			return b
		}
	case "line": // Ax + By + C = 0; A is not 0
		card = times(times(uint64(s.unit)*9, s.n), s.n)
		return card, func(b []byte, i uint64) []byte {
			d := dealer{i, i, card}
			b = appendNumber(append(b, '{'), float64(1+d.deal(uint64(s.unit)*9))/s.unit)
			b = number(append(b, ','), &d)
			return append(number(append(b, ','), &d), '}')
		}
	case "circle":
		card = times(cardOf(2), uint64(s.unit)*10)
		return card, func(b []byte, i uint64) []byte {
			d := dealer{i, i, card}
			b = point(append(b, '<'), &d)
			return append(appendNumber(append(b, ','), float64(1+d.deal(uint64(s.unit)*10))/s.unit), '>')
		}
	}
	open, end := byte('('), byte(')')
	if typ == "path" {
		open, end = '[', ']'
	}
	card = times(mostCorners-fewestCorners+1, cardOf(2*fewestCorners))
	return card, func(b []byte, i uint64) []byte {
		d := dealer{i, i, card}
		n := fewestCorners + int(d.deal(mostCorners-fewestCorners+1))
		b = append(b, open)
		for j := range n {
			if j > 0 {
				b = append(b, ',')
			}
			b = point(b, &d)
		}
		return append(b, end)
	}
}

// appendNumber appends a floating-point number as PostgreSQL writes it.
func appendNumber(b []byte, x float64) []byte { return appendFloatText(b, x, 64) }

// appendFloatText appends the shortest text that reads back as the same number of so many bits.
func appendFloatText(b []byte, x float64, bits int) []byte {
	abs := math.Abs(x)
	most := 1e15
	if bits == 32 {
		most = 1e6
	}
	switch {
	case math.IsInf(x, 1):
		return append(b, "Infinity"...)
	case math.IsInf(x, -1):
		return append(b, "-Infinity"...)
	case x != x:
		return append(b, "NaN"...)
	case abs == 0 || abs >= 1e-4 && abs < most:
		return strconv.AppendFloat(b, x, 'f', -1, bits)
	}
	begin := len(b)
	b = strconv.AppendFloat(b, x, 'e', -1, bits)
	if bits != 32 || abs < 1<<24 {
		return b
	}
	// PostgreSQL takes no text that lies right between two numbers, even if it reads back as this one.
	var text [24]byte
	y, err := strconv.ParseFloat(string(append(text[:0], b[begin:]...)), 64)
	single := float32(x)
	step := float64(math.Nextafter32(single, math.MaxFloat32)) - float64(single)
	if err != nil || math.Abs(y-float64(single))*2 != math.Abs(step) {
		return b
	}
	return strconv.AppendFloat(b[:begin], x, 'e', 7, bits)
}

// feature is the Filler of PostGIS's shapes.
type feature struct {
	typ    string
	code   uint32 // of the type in well-known binary
	srid   uint32
	z, m   bool
	key    rng.Key
	places *placeList
}

var featureCodes = map[string]uint32{"st_point": 1, "st_linestring": 2, "st_polygon": 3, "st_multipoint": 4, "st_multilinestring": 5, "st_multipolygon": 6, "st_collection": 7}

func (m *Geometry) makeFeature(c *Context) (Filler, error) {
	f := &feature{typ: m.Type, srid: 4326, z: m.Z, m: m.M, places: places()}
	if f.typ == "" {
		f.typ = "st_point"
	}
	if f.code = featureCodes[f.typ]; f.code == 0 {
		return nil, unknown("type", f.typ, "st_point", "st_linestring", "st_polygon", "st_multipoint", "st_multilinestring", "st_multipolygon", "st_collection")
	}
	switch {
	case m.Min != nil || m.Max != nil || m.Scale != nil:
		return nil, fmt.Errorf("min, max and scale go with PostgreSQL's own types, %s lies near cities", f.typ)
	case m.Group != "" && f.code != 1:
		return nil, fmt.Errorf("group goes with st_point alone")
	case m.SRID != nil && (*m.SRID < 0 || *m.SRID > 998999):
		return nil, fmt.Errorf("srid %d is not between 0 and 998999", *m.SRID)
	case m.SRID != nil:
		f.srid = uint32(*m.SRID)
	}
	var err error
	f.key, err = c.groupKey("address", m.Group)
	return f, err
}

func (f *feature) Kind() column.Kind { return column.Literal }
func (f *feature) Facts() Facts      { return Facts{Drawn: true} }
func (f *feature) String() string    { return f.typ + " near a city" }
func (f *feature) Fill(dst *column.Vec, s *Span) error {
	var raw [1024]byte
	for i := range s.Rows.N {
		spot := f.places.draw(f.key, s.Rows.At(i), s.Attempt)
		b := f.header(raw[:0], f.code, f.srid)
		x, y := spot.place.lon+spot.east, spot.place.lat+spot.north
		st := f.key.At(^s.Rows.At(i), s.Attempt)
		switch f.code {
		case 1:
			b = f.appendXY(b, x, y, &st)
		case 2:
			b = f.appendTrack(b, x, y, &st)
		case 3:
			b = f.appendSquare(b, x, y, &st)
		case 7: // a place and what lies around it
			b = binary.LittleEndian.AppendUint32(b, 2)
			b = f.appendXY(f.header(b, 1, 0), x, y, &st)
			b = f.appendSquare(f.header(b, 3, 0), x, y, &st)
		default:
			n := 1 + st.N(3)
			b = binary.LittleEndian.AppendUint32(b, uint32(n))
			for j := range int64(n) {
				at := x + j*20_000 // so that the parts lie apart
				b = f.header(b, f.code-3, 0)
				switch f.code {
				case 4:
					b = f.appendXY(b, at, y, &st)
				case 5:
					b = f.appendTrack(b, at, y, &st)
				default:
					b = f.appendSquare(b, at, y, &st)
				}
			}
		}
		from := len(dst.Data)
		dst.Data = hex.AppendEncode(dst.Data, b)
		for j := from; j < len(dst.Data); j++ {
			if c := dst.Data[j]; c >= 'a' {
				dst.Data[j] = c - 'a' + 'A'
			}
		}
		dst.EndCell()
	}
	return nil
}

func (f *feature) header(b []byte, code, srid uint32) []byte {
	const hasSRID, hasM, hasZ = 0x20000000, 0x40000000, 0x80000000
	if f.z {
		code |= hasZ
	}
	if f.m {
		code |= hasM
	}
	b = append(b, 1) // little endian
	if srid == 0 {
		return binary.LittleEndian.AppendUint32(b, code)
	}
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, code|hasSRID), srid)
}

// appendXY appends a point in millionths of a degree, with its height and measure.
func (f *feature) appendXY(b []byte, x, y int64, st *rng.Stream) []byte {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(x)/1e6))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(y)/1e6))
	if f.z {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(st.N(5001))/10))
	}
	if f.m {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(st.N(1001))))
	}
	return b
}

// appendTrack appends a line of three to five points that leads east.
func (f *feature) appendTrack(b []byte, x, y int64, st *rng.Stream) []byte {
	n := 3 + st.N(3)
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	for range n {
		b = f.appendXY(b, x, y, st)
		x += st.Range(100, 3000)
		y += st.Range(-2000, 2000)
	}
	return b
}

// appendSquare appends a closed rectangle, counter-clockwise.
func (f *feature) appendSquare(b []byte, x, y int64, st *rng.Stream) []byte {
	wide, high := st.Range(100, 9000), st.Range(100, 9000)
	b = binary.LittleEndian.AppendUint32(b, 1) // ring
	b = binary.LittleEndian.AppendUint32(b, 5)
	first := len(b)
	for _, p := range [4][2]int64{{x, y}, {x + wide, y}, {x + wide, y + high}, {x, y + high}} {
		b = f.appendXY(b, p[0], p[1], st)
	}
	b = append(b, b[first:first+(len(b)-first)/4]...) // it ends where it begins
	return b
}
