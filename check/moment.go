package check

import (
	"math"
	"time"

	"github.com/sowerdata/sower/sqlexpr"
)

// times multiplies an interval by a whole number.
func (i *interval) times(n int64) *interval {
	return &interval{int32(int64(i.months) * n), int32(int64(i.days) * n), i.micros * n}
}

func (i *interval) plus(j *interval) *interval {
	return &interval{i.months + j.months, i.days + j.days, i.micros + j.micros}
}

// shift adds an interval to a moment, months first: the day of the month is cut to the month's last.
func shift(micros int64, i *interval) int64 {
	if i.months != 0 {
		days := floorDiv(micros, microsPerDay)
		rest := micros - days*microsPerDay
		y, mo, d := civil(days)
		months := int64(y)*12 + int64(mo) - 1 + int64(i.months)
		y, mo = int(floorDiv(months, 12)), int(months-floorDiv(months, 12)*12)+1
		last := time.Date(y, time.Month(mo)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		micros = floorDiv(time.Date(y, time.Month(mo), min(d, last), 0, 0, 0, 0, time.UTC).Unix(), 24*3600)*microsPerDay + rest
	}
	return micros + int64(i.days)*microsPerDay + i.micros
}

// civil gives the date of a day number.
func civil(days int64) (year, month, day int) {
	t := time.Unix(days*24*3600, 0).UTC()
	return t.Year(), int(t.Month()), t.Day()
}

// momentArithmetic compiles + - * / over dates, times and intervals.
func (c *compiler) momentArithmetic(op string, l, r node) (node, error) {
	if op == "+" && l.t.kind == kInterval && r.t.kind != kInterval || op == "+" && l.t.kind == kInt && r.t.kind == kDate || op == "*" && l.t.number() {
		l, r = r, l
	}
	sign := int64(1)
	if op == "-" {
		sign = -1
	}
	additive := op == "+" || op == "-"
	lk, rk := l.t.kind, r.t.kind
	switch {
	case additive && lk == kDate && rk == kInt:
		return strict2(dateType, l, r, func(m *machine, a, b value) value {
			if !a.finite() {
				return a
			}
			return integer(a.n + sign*b.n)
		}), nil
	case op == "-" && lk == kDate && rk == kDate:
		return strict2(int4Type, l, r, func(m *machine, a, b value) value {
			if !a.finite() || !b.finite() {
				return m.fail(errRange)
			}
			return integer(a.n - b.n)
		}), nil
	case op == "-" && l.t.moment() && r.t.moment():
		var err error
		if l, err = convert(l, timestampType, nil); err == nil {
			r, err = convert(r, timestampType, nil)
		}
		if err != nil {
			return l, err
		}
		return strict2(intervalType, l, r, func(m *machine, a, b value) value {
			if !a.finite() || !b.finite() {
				return m.fail(errRange)
			}
			d := a.n - b.n
			return value{x: &interval{days: int32(d / microsPerDay), micros: d % microsPerDay}}
		}), nil
	case op == "+" && lk == kDate && rk == kTime:
		return strict2(timestampType, l, r, func(m *machine, a, b value) value { return integer(a.n*microsPerDay + b.n) }), nil
	case additive && l.t.moment() && rk == kInterval:
		t := l.t
		if lk == kDate {
			var err error
			t = timestampType
			if l, err = convert(l, t, nil); err != nil {
				return l, err
			}
		}
		return strict2(t, l, r, func(m *machine, a, b value) value {
			if !a.finite() {
				return a
			}
			return integer(shift(a.n, b.x.(*interval).times(sign)))
		}), nil
	case additive && lk == kTime && rk == kInterval:
		return strict2(timeType, l, r, func(m *machine, a, b value) value {
			n := a.n + sign*b.x.(*interval).micros
			return integer(n - floorDiv(n, microsPerDay)*microsPerDay)
		}), nil
	case op == "-" && lk == kTime && rk == kTime:
		return strict2(intervalType, l, r, func(m *machine, a, b value) value { return value{x: &interval{micros: a.n - b.n}} }), nil
	case additive && lk == kInterval && rk == kInterval:
		return strict2(intervalType, l, r, func(m *machine, a, b value) value {
			return value{x: a.x.(*interval).plus(b.x.(*interval).times(sign))}
		}), nil
	case op == "*" && lk == kInterval && r.t.number():
		f, err := convert(r, float8Type, nil)
		if err != nil {
			return l, err
		}
		return strict2(intervalType, l, f, func(m *machine, a, b value) value {
			n := b.float()
			if n != math.Trunc(n) || math.Abs(n) > 1e6 {
				return m.fail(unknown("an interval times a fraction"))
			}
			return value{x: a.x.(*interval).times(int64(n))}
		}), nil
	}
	return node{}, unknown("the operator %s over %s and %s", op, l.t.name, r.t.name)
}

// now gives the time of the statement.
func (c *compiler) now() value { return integer(c.options.Now.UnixMicro()) }

// momentFunction compiles functions of dates and times.
func (c *compiler) momentFunction(name string, args []node) (node, bool, error) {
	today := func() value { return integer(floorDiv(c.options.Now.UnixMicro(), microsPerDay)) }
	done := func(n node, err error) (node, bool, error) { return n, true, err }
	if len(args) == 0 || name == "age" && len(args) == 1 {
		c.readsTime = true
	}
	switch {
	case len(args) == 0:
		switch name {
		case "now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp":
			return done(constant(instantType, c.now()), nil)
		case "localtimestamp":
			return done(constant(timestampType, c.now()), nil)
		case "current_date":
			return done(constant(dateType, today()), nil)
		case "localtime":
			return done(constant(timeType, integer(c.now().n-today().n*microsPerDay)), nil)
		}
	case len(args) == 2 && (name == "date_part" || name == "extract" || name == "date_trunc"):
		field, err := c.known(args[0])
		if err != nil {
			return done(field, err)
		}
		if field.konst == nil || field.konst.null {
			return done(field, unknown("%s of a field that is computed", name))
		}
		x, err := c.known(args[1])
		if err != nil {
			return done(x, err)
		}
		if name == "date_trunc" {
			return done(c.truncate(sqlexpr.LowerASCII(string(field.konst.b)), x))
		}
		return done(c.extract(sqlexpr.LowerASCII(string(field.konst.b)), x, name == "extract"))
	case len(args) == 2 && name == "timezone":
		zone, err := c.known(args[0])
		if err != nil {
			return done(zone, err)
		}
		x, err := c.known(args[1])
		if err != nil {
			return done(x, err)
		}
		if zone.konst == nil || x.t.kind != kTimestamp {
			return done(x, unknown("AT TIME ZONE over %s", x.t.name))
		}
		switch sqlexpr.LowerASCII(string(zone.konst.b)) {
		case "utc", "gmt", "z", "etc/utc", "zulu":
		default:
			return done(x, unknown("the time zone %s", zone.konst.b))
		}
		x.t = timestampType
		if !args[1].t.zone {
			x.t = instantType
		}
		return done(x, nil)
	case len(args) == 3 && name == "make_date":
		return done(c.strict(dateType, args, []*typ{int4Type, int4Type, int4Type}, func(m *machine, v []value) value {
			if v[0].n > 200000 {
				return m.fail(errRange)
			}
			t := time.Date(int(v[0].n), time.Month(v[1].n), int(v[2].n), 0, 0, 0, 0, time.UTC)
			if v[0].n <= 0 || t.Year() != int(v[0].n) || int64(t.Month()) != v[1].n || int64(t.Day()) != v[2].n {
				return m.fail(errRange)
			}
			return integer(floorDiv(t.Unix(), 24*3600))
		}))
	case len(args) == 1 && name == "to_timestamp": // of PostgreSQL's timestamp.c: float8_timestamptz
		return done(c.strict(instantType, args, []*typ{float8Type}, func(m *machine, v []value) value {
			x := v[0].float()
			switch {
			case math.IsInf(x, 0):
				return integer(map[bool]int64{true: infinite, false: minusInfinite}[x > 0])
			case !(x >= -210866803200 && x < 9224318016000): // Julian day 0, and the year 294277
				return m.fail(errRange)
			}
			const epoch = 946684800 // 2000-01-01, from which the server counts: its sum is the one that is rounded
			return integer(int64(math.RoundToEven((x-epoch)*microsPerSecond)) + epoch*microsPerSecond)
		}))
	case len(args) == 1 && name == "isfinite":
		x := args[0]
		if x.t.moment() {
			return done(strict1(boolType, x, func(m *machine, a value) value { return boolean(a.finite()) }), nil)
		}
	case name == "age" && (len(args) == 1 || len(args) == 2):
		if len(args) == 1 { // up to midnight of today
			return done(c.age(constant(dateType, today()), args[0]))
		}
		return done(c.age(args[0], args[1]))
	case len(args) == 4 && name == "overlaps":
		return node{}, true, unknown("OVERLAPS")
	}
	return node{}, false, nil
}

// age compiles a - b in years, months, days and the rest, as timestamp_age of PostgreSQL's timestamp.c.
func (c *compiler) age(a, b node) (node, error) {
	var err error
	if !a.t.moment() || !b.t.moment() {
		return a, unknown("age over %s and %s", a.t.name, b.t.name)
	}
	if a, err = convert(a, timestampType, nil); err == nil {
		b, err = convert(b, timestampType, nil)
	}
	if err != nil {
		return a, err
	}
	return strict2(intervalType, a, b, func(m *machine, x, y value) value {
		if !x.finite() || !y.finite() {
			return m.fail(errRange)
		}
		sign := int64(1)
		p, q := x.n, y.n
		if p < q {
			sign, p, q = -1, q, p
		}
		pd, qd := floorDiv(p, microsPerDay), floorDiv(q, microsPerDay)
		py, pm, pday := civil(pd)
		qy, qm, qday := civil(qd)
		micros := (p - pd*microsPerDay) - (q - qd*microsPerDay)
		days := pday - qday
		months := (py-qy)*12 + pm - qm
		if micros < 0 {
			micros += microsPerDay
			days--
		}
		for days < 0 { // borrow the month of the earlier date
			days += time.Date(qy, time.Month(qm)+1, 0, 0, 0, 0, 0, time.UTC).Day()
			months--
		}
		i := &interval{months: int32(months), days: int32(days), micros: micros}
		return value{x: i.times(sign)}
	}), nil
}

// truncate compiles date_trunc.
func (c *compiler) truncate(field string, x node) (node, error) {
	if !x.t.moment() {
		return x, unknown("date_trunc over %s", x.t.name)
	}
	if x.t.kind == kDate { // date_trunc of a date is a timestamp with time zone
		var err error
		if x, err = convert(x, instantType, nil); err != nil {
			return x, err
		}
	}
	unit := map[string]int64{"microsecond": 1, "millisecond": 1000, "second": microsPerSecond, "minute": 60 * microsPerSecond, "hour": 3600 * microsPerSecond, "day": microsPerDay}[singular(field)]
	months := map[string]int{"month": 1, "quarter": 3, "year": 12, "decade": 120}[singular(field)]
	if unit == 0 && months == 0 && singular(field) != "week" {
		return x, unknown("date_trunc to %s", field)
	}
	return strict1(x.t, x, func(m *machine, a value) value {
		if !a.finite() {
			return a
		}
		if unit > 0 {
			return integer(floorDiv(a.n, unit) * unit)
		}
		days := floorDiv(a.n, microsPerDay)
		if months == 0 { // 1970-01-01 was a Thursday
			return integer((floorDiv(days+3, 7)*7 - 3) * microsPerDay)
		}
		y, mo, _ := civil(days)
		n := int(floorDiv(int64(y)*12+int64(mo)-1, int64(months))) * months
		y, mo = int(floorDiv(int64(n), 12)), n-int(floorDiv(int64(n), 12))*12+1
		return integer(floorDiv(time.Date(y, time.Month(mo), 1, 0, 0, 0, 0, time.UTC).Unix(), 24*3600) * microsPerDay)
	}), nil
}

func singular(s string) string {
	if n := len(s); n > 1 && s[n-1] == 's' {
		return s[:n-1]
	}
	return s
}

// extract compiles EXTRACT, which gives numeric, and date_part, which gives double precision.
func (c *compiler) extract(field string, x node, numeric bool) (node, error) {
	t := x.t
	if !t.moment() && t.kind != kTime && t.kind != kInterval {
		return x, unknown("EXTRACT of %s", t.name)
	}
	part, digits := extractPart(field, t)
	if part == nil {
		return x, unknown("EXTRACT(%s FROM %s)", field, t.name)
	}
	out := float8Type
	if numeric {
		out = numericType
	}
	return strict1(out, x, func(m *machine, a value) value {
		if t.moment() && !a.finite() {
			return m.fail(unknown("EXTRACT from infinity"))
		}
		n := value{n: part(a), scale: digits}
		if numeric {
			return n
		}
		return float(toFloat(n))
	}), nil
}

// extractPart gives how a field is found, and the digits behind the point of its numeric.
func extractPart(field string, t *typ) (func(value) int64, int32) {
	if t.kind == kInterval {
		get := func(f func(*interval) int64) func(value) int64 {
			return func(v value) int64 { return f(v.x.(*interval)) }
		}
		switch singular(field) {
		case "year":
			return get(func(i *interval) int64 { return int64(i.months) / 12 }), 0
		case "month":
			return get(func(i *interval) int64 { return int64(i.months) % 12 }), 0
		case "day":
			return get(func(i *interval) int64 { return int64(i.days) }), 0
		case "hour":
			return get(func(i *interval) int64 { return i.micros / (3600 * microsPerSecond) }), 0
		case "minute":
			return get(func(i *interval) int64 { return i.micros / (60 * microsPerSecond) % 60 }), 0
		case "second":
			return get(func(i *interval) int64 { return i.micros % (60 * microsPerSecond) }), 6
		case "epoch": // a year of 365.25 days
			return get(func(i *interval) int64 {
				return int64(i.months/12)*31557600*microsPerSecond + int64(i.months%12)*30*microsPerDay + int64(i.days)*microsPerDay + i.micros
			}), 6
		}
		return nil, 0
	}
	days := func(v value) int64 {
		if t.kind == kDate {
			return v.n
		}
		return floorDiv(v.n, microsPerDay)
	}
	clock := func(v value) int64 { return v.n - floorDiv(v.n, microsPerDay)*microsPerDay }
	if t.kind != kDate {
		switch singular(field) {
		case "hour":
			return func(v value) int64 { return clock(v) / (3600 * microsPerSecond) }, 0
		case "minute":
			return func(v value) int64 { return clock(v) / (60 * microsPerSecond) % 60 }, 0
		case "second":
			return func(v value) int64 { return clock(v) % (60 * microsPerSecond) }, 6
		case "millisecond":
			return func(v value) int64 { return clock(v) % (60 * microsPerSecond) }, 3
		case "microsecond":
			return func(v value) int64 { return clock(v) % (60 * microsPerSecond) }, 0
		case "epoch":
			return func(v value) int64 { return v.n }, 6
		}
	}
	if t.kind == kTime {
		return nil, 0
	}
	ymd := func(f func(y, m, d int) int64) func(value) int64 {
		return func(v value) int64 { return f(civil(days(v))) }
	}
	date := func(v value) time.Time { return time.Unix(days(v)*24*3600, 0).UTC() }
	switch singular(field) {
	case "year":
		return ymd(func(y, m, d int) int64 { return int64(y) }), 0
	case "month":
		return ymd(func(y, m, d int) int64 { return int64(m) }), 0
	case "day":
		return ymd(func(y, m, d int) int64 { return int64(d) }), 0
	case "quarter":
		return ymd(func(y, m, d int) int64 { return int64(m-1)/3 + 1 }), 0
	case "decade":
		return ymd(func(y, m, d int) int64 { return floorDiv(int64(y), 10) }), 0
	case "century", "centurie":
		return ymd(func(y, m, d int) int64 { return floorDiv(int64(y)+99, 100) }), 0
	case "dow":
		return func(v value) int64 { return int64(date(v).Weekday()) }, 0
	case "isodow":
		return func(v value) int64 { return (int64(date(v).Weekday())+6)%7 + 1 }, 0
	case "doy":
		return func(v value) int64 { return int64(date(v).YearDay()) }, 0
	case "week":
		return func(v value) int64 { _, w := date(v).ISOWeek(); return int64(w) }, 0
	case "isoyear":
		return func(v value) int64 { y, _ := date(v).ISOWeek(); return int64(y) }, 0
	case "epoch":
		return func(v value) int64 { return days(v) * 24 * 3600 }, 0
	}
	return nil, 0
}
