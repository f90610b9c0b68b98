package gen

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/brianvoe/gofakeit/v7/data"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Address draws parts of postal addresses. Columns of one table that name the same group speak of the
// same address in each row: the street, the city with its state and postal code, a point in that city.
type Address struct {
	Field  string `yaml:"field" short:"true" required:"true" desc:"street, unit, city, state, state_code, zip, country, country_code, time_zone, latitude, longitude or full (all on one line)"`
	Group  string `yaml:"group" desc:"a name that columns share whose cells are about the same address"`
	Locale string `yaml:"locale" desc:"the country: en_US (default), de_DE, fr_FR, es_ES or ja_JP; other countries have regions or prefectures for states"`
}

// OutputVersion implements Maker.
func (*Address) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Address) Make(c *Context) (Filler, error) {
	f, err := m.make(c)
	if err != nil {
		return nil, err
	}
	switch m.Field {
	case "street", "full":
		return fitted(c, f, cutWords), nil
	case "city", "state", "country":
		return fitted(c, f, cutText), nil
	}
	return f, nil
}

// GroupName implements Grouped.
func (m *Address) GroupName() string { return m.Group }

func (m *Address) make(c *Context) (Filler, error) {
	if err := checkLocale(m.Locale); err != nil {
		return nil, err
	}
	key, err := c.groupKey("address", m.Group)
	if err != nil {
		return nil, err
	}
	g := placesOf(m.Locale)
	what := "address " + m.Field
	f := &address{what: what, key: key, places: g}
	city, street, code, zip := `[A-Z][A-Za-z ]+`, `[1-9][0-9]* [A-Z][A-Za-z ]+`, `[A-Z]{2}`, `[0-9]{5}`
	if g.customs != nil {
		city, street, code, zip = `[^0-9]+`, `.+`, `[A-Z0-9]{2,3}`, `[0-9]{3}-?[0-9]{2,4}`
	}
	var alone *form // how the field is drawn without a group
	var pattern string
	switch m.Field {
	case "street":
		alone, pattern = g.street, street
		f.write = func(b []byte, a spot) []byte { return g.street.index(b, a.street) }
	case "unit":
		unit := sequenceForm(listForm(wordsOf("address", "unit")), literalForm(" "), numberForm(1, 999))
		return newDrawn(what, c.Key, unit, nil, `[A-Z][a-z]+ [1-9][0-9]*`), nil
	case "city":
		alone, pattern = g.list(func(p *place) string { return p.city }), city
		f.write = func(b []byte, a spot) []byte { return append(b, a.place.city...) }
	case "state":
		alone, pattern = g.list(func(p *place) string { return p.state }), city
		f.write = func(b []byte, a spot) []byte { return append(b, a.place.state...) }
	case "state_code":
		alone, pattern = g.list(func(p *place) string { return p.code }), code
		f.write = func(b []byte, a spot) []byte { return append(b, a.place.code...) }
	case "zip":
		digit := classForm(runeSet{'0', '9'})
		alone, pattern = sequenceForm(g.list(func(p *place) string { return p.zip }), digit, digit), zip
		f.write = func(b []byte, a spot) []byte { return a.appendZip(b) }
	case "country", "country_code":
		f.write = func(b []byte, _ spot) []byte { return append(b, "United States"...) }
		key := "country"
		pattern = `[^0-9]+`
		if m.Field == "country_code" {
			f.write = func(b []byte, _ spot) []byte { return append(b, "US"...) }
			key, pattern = "country_abr", `[A-Z]{2}`
		}
		alone = listForm(newWords(data.Address[key]))
		if k := g.customs; k != nil {
			own := k.country
			if m.Field == "country_code" {
				own = k.code
			}
			alone, pattern = listForm(newWords([]string{own})), regexp.QuoteMeta(own)
			f.write = func(b []byte, _ spot) []byte { return append(b, own...) }
		}
	case "time_zone":
		alone, pattern = g.list(func(p *place) string { return p.zone }), `[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_]+)+`
		f.write = func(b []byte, a spot) []byte { return append(b, a.place.zone...) }
	case "latitude", "longitude":
		return m.makePoint(c, key, g)
	case "full":
		if g.customs != nil {
			pattern, f.write = street, g.customs.full(g)
			break
		}
		pattern = street + `, ` + city + `, [A-Z]{2} [0-9]{5}`
		f.write = func(b []byte, a spot) []byte {
			b = append(g.street.index(b, a.street), ", "...)
			b = append(append(b, a.place.city...), ", "...)
			b = append(append(b, a.place.code...), ' ')
			return a.appendZip(b)
		}
	default:
		return nil, unknownField(m.Field, []string{"street", "unit", "city", "state", "state_code", "zip", "country", "country_code", "time_zone", "latitude", "longitude", "full"})
	}
	if alone != nil && m.Group == "" {
		return newDrawn(what, key, alone, nil, pattern), nil
	}
	f.rule = matches(pattern, wholly(pattern))
	f.maxLen = g.street.mx + 2 + g.longest + len(", XX 00000")
	if g.customs != nil {
		f.maxLen += len(" 000-0000")
	}
	if alone != nil {
		f.maxLen = alone.mx
	}
	return f, nil
}

// place is a city with its surroundings.
type place struct {
	city, code, state, zip, zone string // zip: the first three digits; zone: its time zone's name
	lat, lon                     int64  // millionths of a degree
}

type placeList struct {
	places  []place
	street  *form
	longest int      // characters of the longest city
	customs *customs // nil: of the United States
}

var places = sync.OnceValue(func() *placeList {
	named := func(name string) map[string]string {
		out := map[string]string{}
		for _, line := range section("address", name) {
			k, v, _ := strings.Cut(line, "|")
			out[k] = v
		}
		return out
	}
	states, zones := named("state"), named("zone")
	g := &placeList{}
	for _, line := range section("address", "place") {
		part := strings.Split(line, "|")
		p := place{city: part[0], code: part[1], state: states[part[1]], zip: part[2], zone: cmp.Or(zones[part[0]], zones[part[1]])}
		var err error
		if p.lat, err = parseDecimal(part[3], 6); err == nil {
			p.lon, err = parseDecimal(part[4], 6)
		}
		if err != nil || p.state == "" {
			panic("gen: data/address.txt: " + line)
		}
		g.places = append(g.places, p)
		g.longest = max(g.longest, len(p.city))
	}
	space := literalForm(" ")
	g.street = sequenceForm(numberForm(1, 9999), space, listForm(wordsOf("address", "street")),
		space, listForm(wordsOf("address", "kind")))
	return g
})

// list gives the form of what the places have in a field, each text once.
func (g *placeList) list(field func(*place) string) *form {
	var texts []string
	for i := range g.places {
		texts = append(texts, field(&g.places[i]))
	}
	return listForm(newWords(texts))
}

// spot is the address of a row.
type spot struct {
	place       *place
	street      uint64 // index into the streets
	zip         uint64 // last two digits
	north, east int64  // millionths of a degree from the place's centre
}

// surroundings is how far a point is from the centre of its place at most: 5 km in millionths of a degree.
const surroundings = 50_000

// draw draws an address. Everything is drawn, whatever the field, so that all fields agree.
func (g *placeList) draw(key rng.Key, row int64, attempt uint32) spot {
	st := key.At(row, attempt)
	return spot{
		place:  &g.places[st.N(uint64(len(g.places)))],
		street: st.N(g.street.card),
		zip:    st.N(100),
		north:  st.Range(-surroundings, surroundings),
		east:   st.Range(-surroundings, surroundings),
	}
}

func (a *spot) appendZip(b []byte) []byte {
	return append(append(b, a.place.zip...), byte('0'+a.zip/10), byte('0'+a.zip%10))
}

// address is the Filler of the texts that depend on the address.
type address struct {
	what   string
	key    rng.Key
	places *placeList
	write  func(b []byte, a spot) []byte
	maxLen int
	rule   Rule
}

func (f *address) Kind() column.Kind { return column.Text }
func (f *address) Facts() Facts      { return Facts{Drawn: true} }
func (f *address) String() string    { return f.what }
func (f *address) Bounds() Bounds    { return Bounds{MaxLen: f.maxLen} }
func (f *address) Rules() []Rule     { return []Rule{f.rule} }
func (f *address) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		a := f.places.draw(f.key, s.Rows.At(i), s.Attempt)
		dst.Data = f.write(dst.Data, a)
		dst.EndCell()
	}
	return nil
}

// makePoint makes latitudes and longitudes: decimals where the column is one, floats elsewhere.
func (m *Address) makePoint(c *Context, key rng.Key, g *placeList) (Filler, error) {
	f := &point{what: "address " + m.Field, key: key, places: g, east: m.Field == "longitude", kind: column.Float}
	if c.Type.Kind == column.Decimal && c.Type.Precision > 0 {
		const most = 15
		if c.Type.Scale < 0 || c.Type.Scale > most {
			return nil, fmt.Errorf("a %s with %d digits behind the point: 0 to %d are supported", m.Field, c.Type.Scale, most)
		}
		f.kind, f.scale = column.Decimal, c.Type.Scale
	}
	for i := range g.places {
		x := g.places[i].lat
		if f.east {
			x = g.places[i].lon
		}
		if i == 0 {
			f.lo, f.hi = x, x
		}
		f.lo, f.hi = min(f.lo, x), max(f.hi, x)
	}
	f.lo, f.hi = f.lo-surroundings, f.hi+surroundings
	return f, nil
}

type point struct {
	what   string
	key    rng.Key
	places *placeList
	east   bool
	kind   column.Kind
	scale  int   // Decimal
	lo, hi int64 // millionths of a degree
}

// scaled turns millionths into units of the scale.
func (f *point) scaled(x int64) int64 {
	for s := 6; s > f.scale; s-- {
		x /= 10
	}
	for s := 6; s < f.scale; s++ {
		x *= 10
	}
	return x
}

func (f *point) Kind() column.Kind { return f.kind }
func (f *point) Facts() Facts      { return Facts{Drawn: true, Unbounded: f.kind != column.Decimal} }
func (f *point) Scale() int        { return f.scale }
func (f *point) String() string    { return f.what }
func (f *point) Bounds() Bounds {
	if f.kind == column.Decimal {
		return Bounds{Min: f.scaled(f.lo), Max: f.scaled(f.hi)}
	}
	return Bounds{}
}
func (f *point) Fill(dst *column.Vec, s *Span) error {
	dst.Scale = int32(f.scale)
	for i := range s.Rows.N {
		a := f.places.draw(f.key, s.Rows.At(i), s.Attempt)
		x := a.place.lat + a.north
		if f.east {
			x = a.place.lon + a.east
		}
		if f.kind == column.Decimal {
			dst.AppendInt(f.scaled(x))
		} else {
			dst.AppendFloat(float64(x) / 1e6)
		}
	}
	return nil
}
func (f *point) Rules() []Rule {
	scale := 6
	low, high := f.lo, f.hi
	if f.kind == column.Decimal {
		scale, low, high = f.scale, f.scaled(low), f.scaled(high)
	}
	lo, hi := string(column.AppendDecimal(nil, low, scale)), string(column.AppendDecimal(nil, high, scale))
	return []Rule{{
		Text: "is between " + lo + " and " + hi,
		SQL:  func(_ Dialect, x string, _ []string) string { return x + " between " + lo + " and " + hi },
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			switch {
			case v.Null(i):
				return true
			case f.kind == column.Decimal:
				return v.Ints[i] >= low && v.Ints[i] <= high
			}
			return v.Floats[i] >= float64(low)/1e6 && v.Floats[i] <= float64(high)/1e6
		},
	}}
}
