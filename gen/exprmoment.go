package gen

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
)

// momentFields are the functions of a date or a timestamp that give a number, as EXTRACT does.
var momentFields = map[string]func(t time.Time) int{
	"year":    func(t time.Time) int { return t.Year() },
	"quarter": func(t time.Time) int { return (int(t.Month()) + 2) / 3 },
	"month":   func(t time.Time) int { return int(t.Month()) },
	"week":    func(t time.Time) int { _, week := t.ISOWeek(); return week },
	"weekday": func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 },
	"yearday": func(t time.Time) int { return t.YearDay() },
	"day":     func(t time.Time) int { return t.Day() },
	"hour":    func(t time.Time) int { return t.Hour() },
	"minute":  func(t time.Time) int { return t.Minute() },
	"second":  func(t time.Time) int { return t.Second() },
}

func wantMoment(t *term) error {
	if t.kind != column.Date && t.kind != column.Timestamp {
		return fmt.Errorf("of %s: a date or a timestamp is wanted", aKind(t.kind))
	}
	return nil
}

// momentOf gives the moment of a cell: a date is its midnight, a timestamp is taken as it stands, in UTC.
func momentOf(kind column.Kind, v value) time.Time {
	if kind == column.Date {
		return time.Unix(v.i*86400, 0).UTC()
	}
	return time.UnixMicro(v.i).UTC()
}

// momentField takes a number out of a moment. What a timestamp is in SQL hangs on the session's time zone, so that only
// dates have some.
func momentField(name string) func([]*term) (*term, error) {
	return func(terms []*term) (*term, error) {
		t, of := terms[0], momentFields[name]
		if err := wantMoment(t); err != nil {
			return nil, err
		}
		return &term{kind: column.Int, sql: noSQL, eval: func(m *machine) value {
			v := t.eval(m)
			if v.null {
				return v
			}
			return value{i: int64(of(momentOf(t.kind, v)))}
		}}, nil
	}
}

// dateOf gives the day of a timestamp.
func dateOf(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantMoment(t); err != nil {
		return nil, err
	}
	if t.kind == column.Date {
		return t, nil
	}
	return &term{kind: column.Date, sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		return value{null: v.null, i: dayOf(v.i)}
	}}, nil
}

// epochOf gives the whole seconds since 1970 of a date or a timestamp.
func epochOf(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantMoment(t); err != nil {
		return nil, err
	}
	return &term{kind: column.Int, sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		if v.null || column.Infinite(v.i) {
			return null
		}
		return value{i: momentOf(t.kind, v).Unix()}
	}}, nil
}

func dayOf(micros int64) int64 {
	const day = 86400 * 1_000_000
	n := micros / day
	if micros%day < 0 {
		n--
	}
	return n
}

// truncations give the beginning of the year, quarter and so on that a moment lies in.
var truncations = map[string]func(t time.Time) time.Time{
	"year": func(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC) },
	"quarter": func(t time.Time) time.Time {
		return time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	},
	"month": func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) },
	"week": func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()-momentFields["weekday"](t)+1, 0, 0, 0, 0, time.UTC)
	},
	"day":    func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) },
	"hour":   func(t time.Time) time.Time { return t.Truncate(time.Hour) },
	"minute": func(t time.Time) time.Time { return t.Truncate(time.Minute) },
	"second": func(t time.Time) time.Time { return t.Truncate(time.Second) },
}

// truncated is trunc(moment, "month").
func truncated(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantMoment(t); err != nil {
		return nil, err
	}
	unit := ""
	if terms[1].kind == column.Text && terms[1].fixed != nil {
		unit = string(terms[1].fixed.s)
	}
	to := truncations[unit]
	if to == nil {
		return nil, unknown("unit", unit, slices.Sorted(maps.Keys(truncations))...)
	}
	return &term{kind: t.kind, sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		if v.null {
			return v
		}
		at := to(momentOf(t.kind, v)).UnixMicro()
		if t.kind == column.Date {
			return value{i: dayOf(at)}
		}
		return value{i: at}
	}}, nil
}

// momentForms are what format writes of a moment, the longer ones first.
var momentForms = []struct {
	mark string
	text func(t time.Time) string
}{
	{"YYYY", func(t time.Time) string { return fmt.Sprintf("%04d", t.Year()) }},
	{"HH24", func(t time.Time) string { return fmt.Sprintf("%02d", t.Hour()) }},
	{"IYYY", func(t time.Time) string { year, _ := t.ISOWeek(); return fmt.Sprintf("%04d", year) }},
	{"DDD", func(t time.Time) string { return fmt.Sprintf("%03d", t.YearDay()) }},
	{"MM", func(t time.Time) string { return fmt.Sprintf("%02d", int(t.Month())) }},
	{"DD", func(t time.Time) string { return fmt.Sprintf("%02d", t.Day()) }},
	{"IW", func(t time.Time) string { return fmt.Sprintf("%02d", momentFields["week"](t)) }},
	{"ID", func(t time.Time) string { return fmt.Sprint(momentFields["weekday"](t)) }},
	{"MI", func(t time.Time) string { return fmt.Sprintf("%02d", t.Minute()) }},
	{"SS", func(t time.Time) string { return fmt.Sprintf("%02d", t.Second()) }},
	{"Q", func(t time.Time) string { return fmt.Sprint(momentFields["quarter"](t)) }},
}

// formatted is format(moment, "YYYY-MM-DD"): the numbers that to_char knows, and what is no letter as it stands.
func formatted(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantMoment(t); err != nil {
		return nil, err
	}
	if terms[1].kind != column.Text || terms[1].fixed == nil {
		return nil, fmt.Errorf("the form must be a text, as in format(created_at, \"YYYY-MM-DD\")")
	}
	var parts []func(t time.Time) string
	for rest := string(terms[1].fixed.s); rest != ""; {
		at := slices.IndexFunc(momentForms, func(f struct {
			mark string
			text func(t time.Time) string
		}) bool {
			return strings.HasPrefix(rest, f.mark)
		})
		if at >= 0 {
			parts = append(parts, momentForms[at].text)
			rest = rest[len(momentForms[at].mark):]
			continue
		}
		if c := rest[0]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '"' || c == '\\' || c >= 0x80 {
			return nil, fmt.Errorf("the form %q is not known from %q on: there are YYYY, IYYY, Q, MM, IW, DDD, DD, ID, HH24, MI and SS", terms[1].fixed.s, rest)
		}
		mark := rest[:1]
		parts = append(parts, func(time.Time) string { return mark })
		rest = rest[1:]
	}
	return &term{kind: column.Text, maxLen: min(4*len(parts), math.MaxInt16), sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		if v.null {
			return v
		}
		at, begin := momentOf(t.kind, v), len(m.buf)
		for _, part := range parts {
			m.buf = append(m.buf, part(at)...)
		}
		return value{s: m.buf[begin:]}
	}}, nil
}
