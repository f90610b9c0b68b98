package infer

import (
	"math/big"
	"slices"
	"strconv"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// choices gives the candidates of a column in one branch: what checks fix comes first, then what its name
// says, then what its default is, then its type within what the checks allow.
func (t *table) choices(c *schema.Column, d *check.Domain, unique bool) *fill {
	f := &fill{}
	if d == nil {
		d = &check.Domain{}
	}
	if d.Null == check.IsNull {
		f.add(Candidate{Generator: null, Reason: "its table's checks want it null here", Confidence: 1, exact: true})
		return f
	}
	s := &site{table: t, column: c, words: t.wordsOf(c.Name), owner: t.owner(), limit: c.Type.Length, unique: unique, domain: d,
		locale: t.draft.options.Locale, rows: t.rows}
	if d.MaxLength > 0 && !d.Bytes && (s.limit == 0 || d.MaxLength < s.limit) {
		s.limit = d.MaxLength
	}
	if values := legal(c, d); len(values) > 0 {
		reason := "its check lists them"
		if d.In == nil && len(c.Type.Enum) > 0 {
			reason = "the labels of its enum"
		}
		k := oneOf(values, reason)
		if unique && len(values) == 1 {
			k.Generator = short("pick", list([]yaml{scalar(values[0])})) // whose number of values is known
		}
		f.add(k)
		return f
	}
	if unique && c.Type.Kind == column.Int && c.Sequence == "" && len(d.In) == 0 && d.Max == nil && d.Multiple == "" && (d.Min == nil || atMost(d.Min, 1)) {
		f.add(Candidate{Generator: call("sequence"), Reason: "it tells rows apart", Confidence: 0.9, exact: true})
	}
	if c.Sequence != "" && c.Type.Kind == column.Int {
		f.add(Candidate{Generator: call("sequence"), Reason: "its sequence", Confidence: 1})
		return f
	}
	free := len(d.Patterns) == 0 && d.Min == nil && d.Max == nil && d.Multiple == ""
	if c.Type.Category == schema.Plain || c.Type.Category == schema.EnumType && len(c.Type.Enum) == 0 {
		for _, k := range s.candidates() {
			if (len(d.Members) > 0 || len(d.Items) > 0 || d.JSON == "array" && (d.MinSize > 0 || d.MaxSize > 0)) && c.Type.Kind == column.JSON {
				continue // an object is made to measure below
			}
			if d.JSON != "" && c.Type.Kind == column.JSON && !jsonFits(k.Generator, d.JSON) {
				continue
			}
			if !free && (numeric(c.Type.Kind) || number(&c.Type)) {
				within := s.momentsWithin
				if number(&c.Type) {
					within = s.within
				}
				var ok bool
				if k, ok = within(k); !ok || d.Multiple != "" {
					continue // it is made to measure below
				}
			}
			k.exact = k.exact || c.Type.Kind == column.Bytes || patternFits(k.Generator, d) // of the length that is asked for
			f.add(k)
		}
	}
	if k, ok := s.standard(); ok && !unique && free {
		if len(f.candidates) == 0 || f.candidates[0].Confidence < 0.7 {
			f.candidates = slices.Insert(f.candidates, 0, k)
		} else {
			f.add(k)
		}
	}
	for _, k := range s.byType() {
		f.add(k)
	}
	for _, k := range s.further() {
		f.add(k)
	}
	return f
}

// number tells whether a type holds numbers.
func number(t *schema.Type) bool {
	return t.Kind == column.Int || t.Kind == column.Float || t.Kind == column.Decimal || wideNumber(t)
}

// wideNumber tells whether a type holds decimals that have no kind of their own, for they may be of any length.
func wideNumber(t *schema.Type) bool {
	return t.Kind == column.Literal && t.Base == "numeric" && t.Category == schema.Plain && t.Scale >= 0
}

func numeric(k column.Kind) bool {
	return k == column.Int || k == column.Float || k == column.Decimal || k == column.Date || k == column.Timestamp || k == column.Time
}

// legal gives the only values that a column may have, or nil where there are too many to list.
func legal(c *schema.Column, d *check.Domain) []string {
	values := d.In
	if values == nil && len(c.Type.Enum) > 0 {
		values = c.Type.Enum
	}
	if values == nil && c.Type.Kind == column.Bool && len(d.NotIn) > 0 {
		values = []string{"true", "false"}
	}
	if values == nil {
		return nil
	}
	var out []string
	for _, v := range values {
		if c.Type.Kind == column.Bool {
			v = strconv.FormatBool(v == "t" || v == "true")
		}
		no := slices.Contains(d.NotIn, v)
		if len(c.Type.Enum) > 0 && !slices.Contains(c.Type.Enum, v) {
			no = true
		}
		if c.Type.Kind == column.Text && c.Type.Length > 0 && len([]rune(v)) > c.Type.Length {
			no = true
		}
		if !no && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// oneOf picks from a list of values.
func oneOf(values []string, reason string) Candidate {
	k := Candidate{Reason: reason, Confidence: 0.95, exact: true}
	typed := make([]yaml, len(values))
	for i, v := range values {
		typed[i] = scalar(v)
	}
	if len(values) == 1 {
		k.Generator, k.Confidence = short("constant", typed[0]), 1
		return k
	}
	k.Generator = short("pick", list(typed))
	return k
}

// scalar writes a value as YAML reads numbers and booleans, or else as a text.
func scalar(v string) yaml {
	if v == "true" || v == "false" {
		return raw(v)
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && strconv.FormatInt(n, 10) == v {
		return raw(v)
	}
	return text(v)
}

// standard keeps a default that says something: a text or a number that is no placeholder.
func (s *site) standard() (Candidate, bool) {
	v, ok := sqlexpr.Constant(s.column.Default)
	if !ok || v == "" || v == "0" || v == "{}" || v == "[]" || v == "''" || len(v) > 200 {
		return Candidate{}, false
	}
	if s.column.Type.Kind != column.Text && s.column.Type.Kind != column.Int {
		return Candidate{}, false
	}
	g := short("constant", text(v))
	if s.column.Type.Kind == column.Int {
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return Candidate{}, false
		}
		g = short("constant", raw(v))
	}
	return Candidate{Generator: g, Reason: "its default", Confidence: 0.6}, true
}

// jsonFits tells whether a document generator gives what a check on jsonb_typeof asks.
func jsonFits(g yaml, kind string) bool {
	isArray := g.is("json") && g.argument().str() == "tags"
	return kind == "array" && isArray || kind == "object" && !isArray
}

// bound reads a bound as an exact number; false for moments.
func bound(b *check.Bound) (*big.Rat, bool) {
	if b == nil {
		return nil, false
	}
	return new(big.Rat).SetString(b.Value)
}

func atMost(b *check.Bound, n int64) bool {
	r, ok := bound(b)
	return ok && r.Cmp(big.NewRat(n, 1)) <= 0
}
