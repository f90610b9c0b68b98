package check

import (
	"strings"

	"github.com/sowerdata/sower/column"
)

// nowOffset reads an expression that is the time of the statement, or lies by an interval before or after
// it: "now", "now - 18 years".
func nowOffset(e Expr) (string, bool) {
	switch x := e.(type) {
	case *Cast:
		return nowOffset(x.X)
	case *Call:
		switch x.Name {
		case "now", "current_date", "current_timestamp", "localtimestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp":
			return "now", len(x.Args) == 0 && x.Schema == ""
		case "timezone":
			return nowOffset(x.Args[len(x.Args)-1])
		case "date_trunc":
			return "", false
		}
	case *Binary:
		base, ok := nowOffset(x.L)
		if !ok || base != "now" || x.Op != "+" && x.Op != "-" {
			return "", false
		}
		c := &compiler{}
		n, err := c.compileConstant(x.R)
		if err != nil || n.konst == nil || n.konst.null {
			return "", false
		}
		text := ""
		switch n.t.kind {
		case kInterval:
			i := n.konst.x.(*interval)
			if i.months < 0 || i.days < 0 || i.micros < 0 {
				return "", false
			}
			if text, ok = intervalText(i); !ok {
				return "", false
			}
		case kInt:
			text = itoa(int(n.konst.n)) + " days"
		default:
			return "", false
		}
		return "now " + x.Op + " " + text, true
	}
	return "", false
}

// compileConstant compiles an expression that reads no column.
func (c *compiler) compileConstant(e Expr) (node, error) {
	if len(Columns(e)) > 0 {
		return node{}, unknown("a column in %s", e)
	}
	return c.compile(e)
}

// intervalText writes an interval as numbers with units: "18 years", "1 month 2 days", "90 seconds".
func intervalText(i *interval) (string, bool) {
	var parts []string
	add := func(n int64, unit string) {
		if n == 1 {
			parts = append(parts, "1 "+unit)
		} else if n != 0 {
			parts = append(parts, string(column.AppendDecimal(nil, n, 0))+" "+unit+"s")
		}
	}
	add(int64(i.months/12), "year")
	add(int64(i.months%12), "month")
	add(int64(i.days), "day")
	us := i.micros
	if us%microsPerSecond != 0 {
		return "", false
	}
	s := us / microsPerSecond
	switch {
	case s%3600 == 0:
		add(s/3600, "hour")
	case s%60 == 0:
		add(s/60, "minute")
	default:
		add(s, "second")
	}
	if len(parts) == 0 {
		return "0 seconds", true
	}
	return strings.Join(parts, " "), true
}

// moment holds a bound relative to the time of the statement.
func (n *narrowing) moment(op, text string) outcome {
	b := &Bound{Value: text, Open: op == "<" || op == ">"}
	switch op {
	case "<", "<=":
		if n.d.Max != nil {
			return notTold
		}
		n.d.Max = b
	case ">", ">=":
		if n.d.Min != nil {
			return notTold
		}
		n.d.Min = b
	default:
		return notTold
	}
	return told
}

// compareMoment holds a comparison with a constant date or timestamp.
func (n *narrowing) compareMoment(op string, r Expr) outcome {
	x, ok := n.constant(r)
	if !ok || x.konst.null {
		return notTold
	}
	if n.options.SQLite {
		return n.momentSQLite(op, x)
	}
	if !x.t.moment() || !x.konst.finite() {
		if x.t.moment() { // everything lies before infinity
			up := x.konst.n == infinite
			if up && (op == "<=" || op == "<" || op == "<>") || !up && (op == ">=" || op == ">" || op == "<>") {
				return told
			}
		}
		return notTold
	}
	v := *x.konst
	if n.t.kind == kDate && x.t.kind == kTimestamp { // a date is its midnight
		day := floorDiv(v.n, microsPerDay)
		if v.n != day*microsPerDay {
			switch op {
			case "=":
				return contradicts
			case "<>":
				return told
			case ">=":
				op = ">"
			case "<":
				op = "<="
			}
		}
		v = integer(day)
	} else if n.t.kind == kTimestamp && x.t.kind == kDate {
		v = integer(v.n * microsPerDay)
	}
	text, ok := (&typ{kind: n.t.kind}).output(nil, v)
	if !ok {
		return notTold
	}
	if op == "=" || op == "<>" {
		return n.values([]string{string(text)}, op == "=")
	}
	return n.bound(op, string(text))
}
