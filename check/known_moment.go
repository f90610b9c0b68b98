package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// momentFunctions are functions of dates and timestamps.
var momentFunctions = []known{
	{names: []string{"extract", "date_part"}, derive: deriveField, narrow: (*narrowing).year},
	{names: []string{"date_trunc"}, derive: func(s *solver, x *Call) (derived, bool) {
		unit, of, ok := s.unitOf(x)
		if !ok {
			return derived{}, false
		}
		return s.calledWith("trunc", of, &Literal{Kind: StringLiteral, Text: unit}, kUnknown, kDate, kTimestamp)
	}},
	{names: []string{"to_char"}, derive: deriveFormat},
	{names: []string{"date", "datetime"}, derive: func(s *solver, x *Call) (derived, bool) {
		if s.options.SQLite && (len(x.Args) > 1 || x.Name == "datetime") {
			return s.modified(x, x.Name == "date")
		}
		return s.called("date", x.Args[0], kDate, kDate, kTimestamp)
	}},
	{names: []string{"timezone"}, derive: func(s *solver, x *Call) (derived, bool) { // AT TIME ZONE
		zone, ok := s.deriveConstant(x.Args[0])
		if len(x.Args) != 2 || !ok || !slices.Contains([]string{`"UTC"`, `"utc"`, `"Etc/UTC"`, `"GMT"`}, zone.text) {
			return derived{}, false
		}
		in, ok := s.derive(x.Args[1])
		return in, ok && in.kind == kTimestamp
	}},
}

// unitOf gives the unit, in small letters, and the moment that a function of both is of: extract('year', x).
func (s *solver) unitOf(x *Call) (unit string, of Expr, ok bool) {
	if len(x.Args) != 2 {
		return "", nil, false
	}
	c, ok := s.deriveConstant(x.Args[0])
	unit, err := strconv.Unquote(c.text)
	return strings.ToLower(unit), x.Args[1], ok && err == nil
}

// derivedFields are those of EXTRACT that a blueprint's language has functions for.
var derivedFields = map[string]string{
	"year": "year", "quarter": "quarter", "month": "month", "week": "week", "isodow": "weekday", "doy": "yearday",
	"day": "day", "hour": "hour", "minute": "minute",
}

// deriveField writes EXTRACT(field FROM x).
func deriveField(s *solver, x *Call) (derived, bool) {
	unit, of, ok := s.unitOf(x)
	switch {
	case !ok:
		return derived{}, false
	case unit == "epoch":
		in, ok := s.derive(of)
		if ok && in.kind == kInterval {
			return in.secondsOf()
		}
		return in, false
	case derivedFields[unit] != "":
		return s.called(derivedFields[unit], of, kNumeric, kDate, kTimestamp)
	}
	return derived{}, false
}

// deriveFormat writes to_char(x, 'FM000') of a number, or a form of a date or timestamp.
func deriveFormat(s *solver, x *Call) (derived, bool) {
	if len(x.Args) != 2 {
		return derived{}, false
	}
	form, filled := strings.CutPrefix(textOf(x.Args[1]), "FM")
	if digits := strings.Trim(form, "0") == ""; filled && digits && form != "" {
		if in, ok := s.derive(x.Args[0]); ok {
			in.text, in.kind = "lpad(text("+in.text+"), "+strconv.Itoa(len(form))+`, "0")`, kText
			return in, true
		}
	}
	return s.calledWith("format", x.Args[0], x.Args[1], kText, kDate, kTimestamp)
}

// year holds a bound of EXTRACT(year FROM x).
func (n *narrowing) year(c comparison) outcome {
	field, ok := c.args[0].(*Literal)
	if to, isCast := c.args[0].(*Cast); isCast {
		field, ok = to.X.(*Literal)
	}
	if !ok || len(c.args) != 2 || sqlexpr.LowerASCII(field.Text) != "year" || !n.t.moment() || !n.isColumn(c.args[1]) {
		return notTold
	}
	y, ok := n.integer(c.with)
	if !ok || y < 1 || y > 9000 {
		return notTold
	}
	first := func(y int64) string {
		days, _ := parseDay(pad4(y) + "-01-01")
		v := integer(days)
		if n.t.kind == kTimestamp {
			v.n *= microsPerDay
		}
		text, _ := (&typ{kind: n.t.kind}).output(nil, v)
		return string(text)
	}
	switch c.op {
	case ">=":
		return n.bound(">=", first(y))
	case ">":
		return n.bound(">=", first(y+1))
	case "<=":
		return n.bound("<", first(y+1))
	case "<":
		return n.bound("<", first(y))
	case "=":
		if out := n.bound(">=", first(y)); out != told {
			return out
		}
		return n.bound("<", first(y+1))
	}
	return notTold
}

func pad4(y int64) string {
	s := itoa(int(y))
	return strings.Repeat("0", max(0, 4-len(s))) + s
}
