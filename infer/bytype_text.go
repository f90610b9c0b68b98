package infer

import (
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

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

// form is a generator of texts, which are no longer than so many characters.
type form struct {
	length int
	gen    yaml
}

// usualForms are forms that texts have in many databases.
var usualForms = []form{
	{8, short("pattern", "[a-z]{8}")}, {8, short("pattern", "[A-Z][a-z]{7}")}, {6, short("pattern", "[A-Z]{6}")}, {2, short("pattern", "[A-Z]{2}")}, {3, short("pattern", "[A-Z]{3}")},
	{1, short("pattern", "[a-z]")}, {1, short("pattern", "[A-Z]")}, {1, short("pattern", "[0-9]")}, {2, short("pattern", "[0-9]{2}")}, {4, short("pattern", "[1-9][0-9]{3}")}, {8, short("pattern", "[1-9][0-9]{7}")}, {8, short("pattern", "[0-9a-f]{8}")}, {32, short("pattern", "[0-9a-f]{32}")}, {40, short("pattern", "[0-9a-f]{40}")},
	{64, short("pattern", "[0-9a-f]{64}")}, {36, short("pattern", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")}, {16, short("code", "credit_card")}, {40, short("person", "email")},
	{60, short("internet", "url")}, {30, short("internet", "domain")}, {15, short("internet", "ipv4")}, {13, short("code", "isbn13")}, {13, short("code", "ean13")}, {22, short("code", "iban")}, {8, short("code", "semver")},
	{7, short("code", "hex_color")}, {15, short("pattern", `\+1[2-9][0-9]{9}`)}, {10, short("pattern", "20[0-2][0-9]-0[1-9]-1[0-9]")}, {2, short("word", "country_code")}, {5, short("word", "locale")}, {24, short("word", "time_zone")},
	{20, short("pattern", "[a-z]{4}(-[a-z]{4}){2}")}, {20, short("pattern", "[a-z]{4}(_[a-z]{4}){2}")}, {20, short("pattern", "[a-z]{4}(\\.[a-z]{4}){2}")}, {20, short("pattern", "/[a-z]{4}/[a-z]{4}")}, {28, short("code", "base64")}, {2, short("constant", "{}")}, {2, short("constant", "[]")}, {1, short("constant", "1")}, {5, short("constant", "true")},
}

// further are texts of usual forms, for checks that nothing else satisfies: those that call functions of the
// database, above all, of which only the server can tell what they want.
func (s *site) further() (out []Candidate) {
	if s.column.Type.Kind != column.Text {
		return nil
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
	for _, f := range append(forms, usualForms...) {
		if s.fits(f.length) {
			out = append(out, Candidate{Generator: f.gen, Reason: "its checks take texts of this form", Confidence: 0.2, fallback: true})
		}
	}
	return out
}

// folded tells whether texts that differ in case alone are the same to the column.
func (s *site) folded() bool {
	return s.column.Type.Extension == "citext" || strings.Contains(strings.ToLower(s.column.Type.Name), "citext") || strings.EqualFold(s.column.Collation, "nocase")
}
