package infer

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// byType gives what a column's type allows, within what its checks ask of it.
func (s *site) byType() []Candidate {
	reason := "its type, " + s.column.Type.Name
	if s.bounded() {
		reason += ", within its checks"
	}
	sure := 0.3
	if slices.Contains(telling, s.column.Type.Base) || len(s.domain.Members) > 0 {
		sure = 0.7
	}
	var out []Candidate
	for _, g := range s.ofType(&s.column.Type) {
		if g != "" {
			out = append(out, Candidate{Generator: string(g), Reason: reason, Confidence: sure, exact: true, fallback: sure < 0.5})
		}
	}
	return out
}

// telling are types that say what their values are, whatever the name.
var telling = []string{"inet", "cidr", "macaddr", "macaddr8", "money"}

func (s *site) bounded() bool {
	d := s.domain
	return d.Min != nil || d.Max != nil || len(d.Patterns) > 0 || d.MinLength > 0 || d.MaxLength > 0 || d.Multiple != "" || d.Lower || d.Upper || d.Trimmed || d.Filled
}

func (s *site) ofType(t *schema.Type) []yaml {
	switch t.Category {
	case schema.EnumType:
		if len(t.Enum) > 0 {
			return []yaml{short("pick", list(t.Enum))}
		}
	case schema.ArrayType:
		return s.arrays(t)
	case schema.RangeType, schema.MultirangeType:
		return s.ranges(t)
	case schema.CompositeType:
		return s.composite(t)
	}
	if len(t.Enum) > 0 {
		return []yaml{short("pick", list(t.Enum))}
	}
	switch t.Kind {
	case column.Bool:
		return []yaml{"boolean"}
	case column.Int:
		return []yaml{s.integers(t)}
	case column.Float:
		return []yaml{s.floats()}
	case column.Decimal:
		return []yaml{s.decimals(t)}
	case column.UUID:
		return []yaml{"uuid"}
	case column.Timestamp:
		return append([]yaml{s.moments(t)}, s.gridOfMoments()...)
	case column.Date:
		return append([]yaml{s.days()}, s.moreDays()...)
	case column.Time:
		return append([]yaml{s.times(), "time"}, s.gridOfTimes()...)
	case column.Text:
		return s.texts(t)
	case column.JSON:
		return s.documents()
	case column.Bytes:
		return []yaml{s.bytes()}
	}
	return s.literals(t)
}

// literals are types that have no kind of their own.
func (s *site) literals(t *schema.Type) []yaml {
	base := t.Base
	if base == "" {
		base = t.Name
		if i := strings.LastIndexByte(base, '.'); i >= 0 {
			base = base[i+1:]
		}
	}
	switch base {
	case "numeric":
		if t.Precision > 0 && t.Scale < 0 {
			return []yaml{s.coarse(t)}
		}
		return []yaml{s.decimals(t)}
	case "money":
		return []yaml{call("price", "min", 1, "max", 500), call("decimal", "min", 0, "max", 1000)}
	case "interval":
		return []yaml{s.intervals()}
	case "timetz":
		return []yaml{"time"}
	case "inet", "cidr", "macaddr", "macaddr8":
		return []yaml{short("network", base)}
	case "bit", "varbit":
		n := t.Length
		if n == 0 {
			n = 1
		}
		if base == "varbit" {
			if t.Length == 0 {
				n = 8
			}
			return []yaml{call("bits", "min", 1, "max", n)}
		}
		return []yaml{short("bits", n)}
	case "point", "line", "lseg", "box", "path", "polygon", "circle":
		return []yaml{short("geometry", base)}
	case "geometry", "geography":
		return features(t)
	case "tsvector", "tsquery", "xml", "ltree", "lquery", "hstore", "jsonpath":
		return []yaml{short("document", base)}
	case "oid", "xid", "xid8", "cid", "tid", "pg_lsn", "name", "char", "pg_snapshot", "txid_snapshot", "refcursor", "regclass", "regtype",
		"regnamespace", "regproc", "regprocedure", "regoper", "regoperator", "regrole", "regconfig", "regdictionary", "regcollation":
		return []yaml{short("system", base)}
	}
	return nil
}

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
		return ""
	}
	args := []any{"min", yaml(lo.String()), "max", yaml(hi.String())}
	if m, ok := new(big.Int).SetString(d.Multiple, 10); ok && m.Sign() > 0 {
		first := new(big.Int).Mul(m, ceil(new(big.Rat).SetFrac(lo, m), false))
		if top := new(big.Int).Mul(m, big.NewInt(1000)); d.Max == nil && hi.Cmp(top) < 0 {
			hi = top
		}
		args = []any{"min", yaml(first.String()), "max", yaml(hi.String()), "step", yaml(m.String())}
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
	return call("float", "min", yaml(lo), "max", yaml(hi), "step", 0.01)
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
	return call("integer", "min", 0, "max", yaml(top.String()), "step", yaml(step.String()))
}

// moments lie in the common range, or where checks want them.
func (s *site) moments(t *schema.Type) yaml {
	from, to := s.span("2006-01-02 15:04:05")
	return call("timestamp", "from", from, "to", to, "precision", min(t.Scale, 3))
}

// times lie in the day, or where checks want them.
func (s *site) times() yaml {
	from, to := "00:00:00", "23:59:59"
	if s.domain.Min != nil && len(s.domain.Min.Value) >= 5 {
		from = s.domain.Min.Value
	}
	if s.domain.Max != nil && len(s.domain.Max.Value) >= 5 {
		to = s.domain.Max.Value
		if t, err := time.Parse(time.TimeOnly, to); err == nil && s.domain.Max.Open {
			to = t.Add(-time.Second).Format(time.TimeOnly)
		}
	}
	return call("time", "from", quote(from), "to", quote(to), "precision", 0)
}

func (s *site) days() yaml {
	from, to := s.span("2006-01-02")
	if s.unique && s.domain.Min == nil && s.rows > 900 {
		from = "1950-01-01"
		if s.rows > 20000 {
			from = "0100-01-01"
		}
	}
	return call("date", "from", from, "to", to)
}

// span gives the first and the last moment that checks allow, near the common range.
func (s *site) span(layout string) (from, to string) {
	d := s.domain
	lo, _ := time.Parse(time.DateOnly, firstDay)
	hi, _ := time.Parse(time.DateOnly, lastDay)
	if d.Min != nil && strings.HasPrefix(d.Min.Value, "now") {
		lo, _ = time.Parse(time.DateOnly, futureDay)
		hi, _ = time.Parse(time.DateOnly, farDay)
	} else if t, ok := moment(d.Min); ok {
		lo = t
		if d.Min.Open {
			lo = lo.AddDate(0, 0, 1)
		}
		if !hi.After(lo) {
			hi = lo.AddDate(2, 0, 0)
		}
	}
	if d.Max != nil && strings.HasPrefix(d.Max.Value, "now") {
		hi = beforeNow(d.Max.Value, hi)
		if !lo.Before(hi) {
			lo = hi.AddDate(-20, 0, 0)
		}
	} else if t, ok := moment(d.Max); ok {
		if t.Before(hi) || d.Min != nil {
			hi = t
			if d.Max.Open {
				hi = hi.Add(-time.Second)
				if layout == time.DateOnly {
					hi = t.AddDate(0, 0, -1)
				}
			}
		}
		if !lo.Before(hi) && d.Min == nil {
			lo = hi.AddDate(-2, 0, 0)
		}
	}
	return lo.Format(layout), hi.Format(layout)
}

// beforeNow gives a day that lies before "now" or "now - 18 years" whenever the rows are loaded: the common last
// day, earlier by as much.
func beforeNow(value string, last time.Time) time.Time {
	fields := strings.Fields(strings.TrimPrefix(value, "now"))
	if len(fields) < 2 || fields[0] != "-" {
		return last
	}
	var years, months, days int
	for i := 1; i+1 < len(fields); i += 2 {
		n := 0
		for _, r := range fields[i] {
			if r < '0' || r > '9' {
				n = 0
				break
			}
			n = 10*n + int(r-'0')
		}
		switch unit := strings.TrimSuffix(fields[i+1], "s"); unit {
		case "year":
			years += n
		case "mon", "month":
			months += n
		case "week":
			days += 7 * n
		default:
			days += n
		}
	}
	return last.AddDate(-years, -months, -days-1)
}

func moment(b *check.Bound) (time.Time, bool) {
	if b == nil {
		return time.Time{}, false
	}
	text := strings.TrimSuffix(strings.TrimSuffix(b.Value, "+00"), " BC")
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// texts are patterns where checks have some, and words of the right length else.
func (s *site) texts(t *schema.Type) (out []yaml) {
	d := s.domain
	limit := s.limit
	var match, none []string
	for _, p := range d.Patterns {
		re := p.Regexp
		if p.IgnoreCase {
			re = "(?i)" + re
		}
		if p.Not {
			none = append(none, re)
		} else {
			match = append(match, re)
		}
	}
	if d.Trimmed && (len(match) > 0 || len(none) > 0) {
		none = append(none, `^\s`, `\s$`)
	}
	if class := s.initials(); class != "" && len(match) == 0 {
		more := 7
		if limit > 0 {
			more = min(limit-1, more)
		}
		if more == 0 {
			return []yaml{short("pattern", class)}
		}
		return []yaml{short("pattern", class+"[a-z]{0,"+itoa(more)+"}"), short("pattern", class)}
	}
	least := d.MinLength
	if d.Filled && least == 0 {
		least = 1
	}
	if len(match) > 0 {
		args := []any{"match", list(match)}
		if d.Lower {
			none = append(none, "[A-Z]")
		}
		if d.Upper {
			none = append(none, "[a-z]")
		}
		if len(none) > 0 {
			args = append(args, "none", list(none))
		}
		if least > 0 {
			args = append(args, "min_length", least)
		}
		if limit > 0 {
			args = append(args, "max_length", limit)
		}
		return []yaml{call("pattern", args...)}
	}
	words := 3
	if t.Fixed && t.Length > 0 && limit == t.Length || limit > 0 && limit < 8 {
		n := limit
		class := "[A-Z0-9]"
		if d.Lower {
			class = "[a-z0-9]"
		}
		return []yaml{call("pattern", "regex", class+"{"+itoa(max(n, 1))+"}")}
	}
	args := []any{"words", mapping("min", 1, "max", words)}
	if least > 0 {
		args = append(args, "min_length", least)
	}
	if limit > 0 {
		args = append(args, "max_length", limit)
	} else if s.unique || least > 0 {
		args = append(args, "max_length", max(60, least))
	}
	if d.Lower || s.folded() {
		args = append(args, "case", "lower")
	} else if d.Upper {
		args = append(args, "case", "upper")
	}
	out = append(out, call("text", args...))
	if n := least; limit > 0 || n > 0 {
		hi := limit
		if hi == 0 {
			hi = n + 20
		}
		out = append(out, short("pattern", "[a-z]{"+itoa(max(n, 1))+","+itoa(max(min(hi, max(n, 12)), 1))+"}"))
	}
	return append(out, short("pattern", "[a-z]{8}"), short("pattern", "[a-z]{2}"))
}

// initials gives a class for the first characters of texts between two bounds, "" where there are none.
func (s *site) initials() string {
	d := s.domain
	lo, hi := "", ""
	if d.Min != nil && len(d.Min.Value) > 0 {
		lo = d.Min.Value[:1]
		if d.Min.Open && lo < "z" {
			lo = string(lo[0] + 1)
		}
	}
	if d.Max != nil && len(d.Max.Value) > 0 {
		hi = d.Max.Value[:1]
		if (d.Max.Open || len(d.Max.Value) == 1) && (s.limit != 1 || d.Max.Open) && hi > "0" {
			hi = string(hi[0] - 1)
		}
	}
	letter := func(x string) bool { return x >= "a" && x <= "z" || x >= "A" && x <= "Z" || x >= "0" && x <= "9" }
	switch {
	case lo == "" && hi == "":
		return ""
	case lo == "":
		lo = map[bool]string{true: "a", false: "A"}[hi >= "a"]
		if hi <= "9" {
			lo = "0"
		}
	case hi == "":
		hi = "z"
		if lo <= "Z" {
			hi = "Z"
		}
		if lo <= "9" {
			hi = "9"
		}
	}
	if !letter(lo) || !letter(hi) || lo > hi {
		return ""
	}
	return "[" + lo + "-" + hi + "]"
}

// further are texts of usual forms, for checks that nothing else satisfies: those that call functions of the
// database, above all, of which only the server can tell what they want.
func (s *site) further() (out []Candidate) {
	if s.column.Type.Kind != column.Text {
		return nil
	}
	type form struct {
		length int
		gen    yaml
	}
	var forms []form
	if n := max(s.domain.MinLength, 1); s.domain.MinLength > 0 || s.limit > 0 {
		most := max(n, 16)
		if s.limit > 0 {
			most = min(most, s.limit)
		}
		length := itoa(n)
		if most > n {
			length += "," + itoa(most)
		}
		for _, class := range []string{"[0-9]", "[A-Z]", "[a-z]", "[0-9a-f]", "[A-Z0-9]"} {
			forms = append(forms, form{n, short("pattern", class+"{"+length+"}")})
		}
	}
	for _, f := range append(forms, []form{
		{8, short("pattern", "[a-z]{8}")}, {8, short("pattern", "[A-Z][a-z]{7}")}, {6, short("pattern", "[A-Z]{6}")}, {2, short("pattern", "[A-Z]{2}")}, {3, short("pattern", "[A-Z]{3}")},
		{1, short("pattern", "[a-z]")}, {1, short("pattern", "[A-Z]")}, {1, short("pattern", "[0-9]")}, {2, short("pattern", "[0-9]{2}")}, {4, short("pattern", "[1-9][0-9]{3}")}, {8, short("pattern", "[1-9][0-9]{7}")}, {8, short("pattern", "[0-9a-f]{8}")}, {32, short("pattern", "[0-9a-f]{32}")}, {40, short("pattern", "[0-9a-f]{40}")},
		{64, short("pattern", "[0-9a-f]{64}")}, {36, short("pattern", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")}, {16, short("code", "credit_card")}, {40, short("person", "email")},
		{60, short("internet", "url")}, {30, short("internet", "domain")}, {15, short("internet", "ipv4")}, {13, short("code", "isbn13")}, {13, short("code", "ean13")}, {22, short("code", "iban")}, {8, short("code", "semver")},
		{7, short("code", "hex_color")}, {15, short("pattern", `\+1[2-9][0-9]{9}`)}, {10, short("pattern", "20[0-2][0-9]-0[1-9]-1[0-9]")}, {2, short("word", "country_code")}, {5, short("word", "locale")}, {24, short("word", "time_zone")},
		{20, short("pattern", "[a-z]{4}(-[a-z]{4}){2}")}, {20, short("pattern", "[a-z]{4}(_[a-z]{4}){2}")}, {20, short("pattern", "[a-z]{4}(\\.[a-z]{4}){2}")}, {20, short("pattern", "/[a-z]{4}/[a-z]{4}")}, {28, short("code", "base64")}, {2, short("constant", "{}")}, {2, short("constant", "[]")}, {1, short("constant", "1")}, {5, short("constant", "true")},
	}...) {
		if s.fits(f.length) {
			out = append(out, Candidate{Generator: string(f.gen), Reason: "its checks take texts of this form", Confidence: 0.2, fallback: true})
		}
	}
	return out
}

// folded tells whether texts that differ in case alone are the same to the column.
func (s *site) folded() bool {
	return s.column.Type.Extension == "citext" || strings.Contains(strings.ToLower(s.column.Type.Name), "citext") || strings.EqualFold(s.column.Collation, "nocase")
}

func itoa(n int) string { return value(n).str() }

func (y yaml) str() string { return string(y) }

func (s *site) documents() []yaml {
	if len(s.domain.Members) > 0 {
		return []yaml{s.object(s.domain.Members)}
	}
	switch s.domain.JSON {
	case "array":
		if d := s.domain; len(d.Items) > 0 || d.MinSize > 0 || d.MaxSize > 0 {
			return []yaml{s.items(d.Items, d.MinSize, d.MaxSize)}
		}
		return []yaml{short("json", "tags")}
	case "string":
		return []yaml{short("constant", `"text"`)}
	case "number":
		return []yaml{short("constant", "1")}
	case "boolean":
		return []yaml{short("constant", "true")}
	}
	return []yaml{short("json", "metadata"), short("constant", "{}"), short("constant", "[]")}
}

func (s *site) bytes() yaml {
	d := s.domain
	switch {
	case d.MinLength > 0 && d.MinLength == d.MaxLength:
		return short("bytes", d.MinLength)
	case d.MinLength > 0 || d.MaxLength > 0:
		most := d.MaxLength
		if most == 0 {
			most = d.MinLength + 32
		}
		return call("bytes", "min", max(d.MinLength, min(most, 1)), "max", min(most, max(64, d.MinLength)))
	}
	if s.unique || s.column.NotNull {
		return short("bytes", 32)
	}
	return call("bytes", "min", 8, "max", 64)
}

// arrays are lists of what their elements' type and the column's name say.
func (s *site) arrays(t *schema.Type) (out []yaml) {
	if t.Element == nil {
		return nil
	}
	inner := s.element(t.Element)
	d := s.domain
	least, most := d.MinSize, 4
	if d.MaxSize > 0 {
		most = d.MaxSize
		if least == 0 {
			most = min(most, 4)
		}
	}
	most = max(most, least)
	if s.unique {
		least = max(least, 1)
	}
	for _, g := range inner {
		of := g
		for range max(t.Dimensions, 1) - 1 {
			of = call("list", "of", of, "min", 2, "max", 2)
		}
		out = append(out, call("list", "of", of, "min", least, "max", most))
	}
	return out
}

// element gives generators for the elements of a type: as for a column of that type with this name.
func (s *site) element(t *schema.Type) []yaml {
	sub := *s
	c := *s.column
	c.Type, c.Default, c.NotNull = *t, "", true
	sub.column, sub.unique, sub.limit = &c, false, t.Length
	if sub.domain = s.domain.Elements; sub.domain == nil {
		sub.domain = s.domainOf(t, c.Name)
	}
	if n := len(s.words); n > 0 {
		sub.words = append(append([]string{}, s.words[:n-1]...), singular(s.words[n-1]))
	}
	if values := legal(&c, sub.domain); len(values) > 0 {
		return []yaml{yaml(oneOf(values, "").Generator)}
	}
	var out []yaml
	if t.Kind == column.Text {
		for _, k := range sub.candidates() {
			if !strings.Contains(k.Generator, "sentences") && !strings.Contains(k.Generator, "group") {
				out = append(out, yaml(k.Generator))
			}
		}
	}
	return append(out, sub.ofType(t)...)
}

// domainOf gives what the checks of a type's domain ask, for elements and fields.
func (s *site) domainOf(t *schema.Type, name string) *check.Domain {
	if len(t.Checks) == 0 {
		return &check.Domain{}
	}
	one := &schema.Table{Name: t.Domain, Columns: []*schema.Column{{Name: name, Type: *t, NotNull: true}}}
	for _, k := range t.Checks {
		c := *k
		c.Domain, c.Columns = t.Domain, []string{name}
		one.Checks = append(one.Checks, &c)
	}
	cases, err := check.Solve(one, nil, 1, check.OptionsOf(s.table.draft.db, lastMoment))
	if err != nil || len(cases) == 0 || cases[0].Columns[name] == nil {
		return &check.Domain{}
	}
	return cases[0].Columns[name]
}

// composite is a row of what its fields' types and names say.
func (s *site) composite(t *schema.Type) []yaml {
	var kv []any
	for _, f := range t.Fields {
		sub := *s
		c := schema.Column{Name: f.Name, Type: f.Type}
		sub.column, sub.words, sub.domain, sub.unique, sub.limit = &c, splitName(f.Name), &check.Domain{}, false, f.Type.Length
		var g yaml = null
		if all := sub.element(&f.Type); len(all) > 0 {
			g = all[0]
		}
		kv = append(kv, f.Name, g)
	}
	if len(kv) == 0 {
		return nil
	}
	return []yaml{short("composite", mapping(kv...))}
}
