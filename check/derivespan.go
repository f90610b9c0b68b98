package check

import (
	"slices"
	"strconv"
	"strings"
)

// stretch is a part of an interval as a blueprint's functions plus and elapsed say it: an amount, which is an expression,
// of a unit.
type stretch struct{ amount, unit string }

// negated gives the stretches of an interval with the opposite sign.
func negated(list []stretch) []stretch {
	out := slices.Clone(list)
	for i := range out {
		out[i].amount = "(-" + out[i].amount + ")"
	}
	return out
}

// constantStretches takes an interval apart.
func constantStretches(i *interval) (out []stretch) {
	add := func(n int64, unit string) {
		if n != 0 {
			out = append(out, stretch{strconv.FormatInt(n, 10), unit})
		}
	}
	add(int64(i.months), "month")
	add(int64(i.days), "day")
	switch us := i.micros; {
	case us%(3600*microsPerSecond) == 0:
		add(us/(3600*microsPerSecond), "hour")
	case us%(60*microsPerSecond) == 0:
		add(us/(60*microsPerSecond), "minute")
	case us%microsPerSecond == 0:
		add(us/microsPerSecond, "second")
	default:
		out = append(out, stretch{strconv.FormatFloat(float64(us)/microsPerSecond, 'f', 6, 64), "second"})
	}
	return out
}

func derivedMoment(k kind) bool { return k == kDate || k == kTimestamp || k == kTime }

// between is the distance of two columns, in units of so many seconds.
type between struct {
	from, to string
	seconds  int64
}

func newBetween(from, to derived, seconds int64) *between {
	if len(from.cols) != 1 || len(to.cols) != 1 || from.text != plainName(from.cols[0]) || to.text != plainName(to.cols[0]) {
		return nil
	}
	return &between{from.cols[0], to.cols[0], seconds}
}

// times gives the distance in larger units.
func (b *between) times(n int64) *between {
	if b == nil || n < 1 || n > 1e6 {
		return nil
	}
	return &between{b.from, b.to, b.seconds * n}
}

// inverse gives the later moment by the earlier one and a column with the distance.
func (b *between) inverse(name string) *Equation {
	if b == nil {
		return nil
	}
	amount, unit := plainName(name), map[int64]string{1: "second", 60: "minute", 3600: "hour", 86400: "day"}[b.seconds]
	if unit == "" {
		amount, unit = amount+" * "+strconv.FormatInt(b.seconds, 10), "second"
	}
	text := derived{text: plainName(b.from)}.moved([]stretch{{amount, unit}}).text
	return &Equation{Column: b.to, Expression: text, Columns: []string{b.from, name}}
}

// moved is a moment that is moved by stretches.
func (d derived) moved(by []stretch) derived {
	for _, p := range by {
		d.text = "plus(" + d.text + ", " + p.amount + ", " + strconv.Quote(p.unit) + ")"
	}
	return d
}

// deriveSpan writes sums, differences and products in which moments or intervals take part.
func deriveSpan(op string, l, r derived) (derived, bool) {
	out := derived{cols: slices.Clone(l.cols), kind: l.kind, text: l.text}
	out.reads(r)
	if op == "+" && !derivedMoment(l.kind) && derivedMoment(r.kind) || op == "*" && r.kind == kInterval {
		l, r = r, l
		out.kind, out.text = l.kind, l.text
	}
	by := r.spans
	if op == "-" {
		by = negated(by)
	}
	switch {
	case op == "*" && l.kind == kInterval && r.kind == kNumeric:
		for _, p := range l.spans {
			amount := "(" + r.text + " * " + p.amount + ")"
			if p.amount == "1" {
				amount = r.text
			}
			out.spans = append(out.spans, stretch{amount, p.unit})
		}
	case op != "+" && op != "-":
		return derived{}, false
	case derivedMoment(l.kind) && r.kind == kInterval:
		out = out.moved(by)
		if l.kind == kDate { // a day and an interval are a moment
			out.kind = kTimestamp
		}
	case l.kind == kDate && r.kind == kNumeric:
		amount := r.text
		if op == "-" {
			amount = "(-" + amount + ")"
		}
		out = out.moved([]stretch{{amount, "day"}})
	case l.kind == kInterval && r.kind == kInterval:
		out.spans = append(slices.Clone(l.spans), by...)
	case op == "-" && l.kind == kDate && r.kind == kDate:
		out.kind, out.text = kNumeric, "elapsed("+r.text+", "+l.text+`, "day")`
		out.apart = newBetween(r, l, 86400)
	case op == "-" && derivedMoment(l.kind) && derivedMoment(r.kind):
		out.apart = newBetween(r, l, 1)
		out.kind, out.spans = kInterval, []stretch{{"elapsed(" + r.text + ", " + l.text + `, "second")`, "second"}}
	default:
		return derived{}, false
	}
	return out, true
}

// secondsOf gives how many seconds an interval has, where all its units have a fixed length.
func (d derived) secondsOf() (derived, bool) {
	var sum []string
	for _, p := range d.spans {
		factor := map[string]string{
			"second": "", "minute": " * 60", "hour": " * 3600", "day": " * 86400", "week": " * 604800",
		}
		f, ok := factor[p.unit]
		if !ok {
			return d, false
		}
		sum = append(sum, p.amount+f)
	}
	d.text, d.kind, d.spans = "("+strings.Join(sum, " + ")+")", kNumeric, nil
	return d, len(sum) > 0
}

// spelt are the units of intervals as texts write them.
var spelt = map[string]string{
	"second": "second", "sec": "second", "minute": "minute", "min": "minute", "hour": "hour",
	"day": "day", "week": "week", "month": "month", "mon": "month", "year": "year",
}

func unitNamed(s string) string {
	return spelt[strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "s")]
}

// deriveWritten reads an interval that is written with a number in it: (minutes || ' minutes')::interval.
func (s *solver) deriveWritten(e Expr) (derived, bool) {
	b, ok := stripCasts(e).(*Binary)
	if !ok || b.Op != "||" {
		return derived{}, false
	}
	unit := unitNamed(textOf(b.R))
	if inner, isJoin := b.L.(*Binary); isJoin && inner.Op == "||" && textOf(inner.L) == "+" {
		b = &Binary{Op: b.Op, L: inner.R, R: b.R}
	}
	n, ok := s.derive(stripCasts(b.L))
	return derived{cols: n.cols, kind: kInterval, spans: []stretch{{n.text, unit}}}, ok && unit != "" && n.kind == kNumeric
}

// modified reads SQLite's date(x, '+1 month', 'start of month') and datetime(x, ...): a moment, and what changes it.
func (s *solver) modified(x *Call, whole bool) (derived, bool) {
	out, ok := s.derive(x.Args[0])
	if !ok || out.kind != kDate && out.kind != kTimestamp {
		return out, false
	}
	for _, m := range x.Args[1:] {
		text := strings.ToLower(textOf(m))
		if unit, is := strings.CutPrefix(text, "start of "); is && slices.Contains([]string{"day", "month", "year"}, unit) {
			out.text = "trunc(" + out.text + ", " + strconv.Quote(unit) + ")"
			continue
		}
		by, ok := s.deriveWritten(m)
		if f := strings.Fields(text); len(f) == 2 {
			n, err := strconv.ParseInt(f[0], 10, 64)
			by, ok = derived{spans: []stretch{{strconv.FormatInt(n, 10), unitNamed(f[1])}}}, err == nil && unitNamed(f[1]) != ""
		}
		if !ok {
			return out, false
		}
		out.reads(by)
		if p := by.spans[0]; p.unit == "month" || p.unit == "year" { // what is beyond a month's last day goes into the next one
			out.text = "plus(" + derived{text: "trunc(" + out.text + `, "month")`}.moved(by.spans).text + ", day(" + out.text + `) - 1, "day")`
			continue
		}
		out = out.moved(by.spans)
	}
	if whole {
		out.text, out.kind = "date("+out.text+")", kDate
	} else {
		out.kind = kTimestamp
	}
	return out, true
}

// counted reads SQLite's julianday(a) - julianday(b), unixepoch(a) - unixepoch(b) and strftime('%s', a) - strftime('%s', b).
func (s *solver) counted(l, r Expr) (derived, bool) {
	a, unitA := countedMoment(l)
	b, unitB := countedMoment(r)
	if a == nil || b == nil || unitA != unitB {
		return derived{}, false
	}
	x, ok1 := s.derive(a)
	y, ok2 := s.derive(b)
	out := derived{cols: slices.Clone(x.cols), kind: kNumeric, text: "elapsed(" + y.text + ", " + x.text + ", " + strconv.Quote(unitA) + ")"}
	out.reads(y)
	out.apart = newBetween(y, x, map[string]int64{"day": 86400, "second": 1}[unitA])
	return out, ok1 && ok2 && derivedMoment(x.kind) && derivedMoment(y.kind)
}

// countedMoment gives the moment that SQLite counts in days or seconds.
func countedMoment(e Expr) (of Expr, unit string) {
	c, ok := stripCasts(e).(*Call)
	switch {
	case !ok || c.Schema != "":
	case c.Name == "julianday" && len(c.Args) == 1:
		return c.Args[0], "day"
	case c.Name == "unixepoch" && len(c.Args) == 1:
		return c.Args[0], "second"
	case c.Name == "strftime" && len(c.Args) == 2 && textOf(c.Args[0]) == "%s":
		return c.Args[1], "second"
	}
	return nil, ""
}
