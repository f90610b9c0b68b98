package gen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func TestExpression(t *testing.T) {
	numeric := schema.Type{Kind: column.Decimal, Precision: 12, Scale: 3}
	for _, c := range []struct {
		expr string
		want string // of rows 0 to 4
		typ  schema.Type
	}{
		// number: -11 -4 3 10 -6; maybe: 0 1 null 3 4; ratio: 0 0.25 0.5 0.75 1; price: 0.01 0.38 0.75 1.12 1.49
		{`id + 1`, "2 3 4 5 6", schema.Type{}},
		{`-number * 2 - 1`, "21 7 -7 -21 11", schema.Type{}},
		{`number % 4`, "-3 0 3 2 -2", schema.Type{}},
		{`id / 4`, "0.25 0.5 0.75 1 1.25", schema.Type{}},
		{`id / (id - 2)`, "-1 null 3 2 1.6666666666666667", schema.Type{}},
		{`7 % (id - 2)`, "0 null 0 1 1", schema.Type{}},
		{`maybe + 1`, "1 2 null 4 5", schema.Type{}},
		{`coalesce(maybe, -1)`, "0 1 -1 3 4", schema.Type{}},
		{`maybe ?? number`, "0 1 3 3 4", schema.Type{}},
		{`maybe == nil`, "false false true false false", schema.Type{}},
		{`nil != maybe`, "true true false true true", schema.Type{}},
		{`maybe == nil ? nil : maybe * 10`, "0 10 null 30 40", schema.Type{}},
		{`maybe > 1 ? "many" : "few"`, "few few null many many", schema.Type{}},
		{`maybe > 1 and false`, "false false false false false", schema.Type{}},
		{`maybe > 1 or flag`, "true false true true true", schema.Type{}},
		{`maybe > 1 and flag`, "false false null false true", schema.Type{}},
		{`not (maybe > 1)`, "true true null false false", schema.Type{}},
		{`!flag && id > 1`, "false true false true false", schema.Type{}},
		{`1 < id < 4`, "false true true false false", schema.Type{}},
		{`kind in ["cat", "bird"]`, "true false true true false", schema.Type{}},
		{`kind not in ["cat"]`, "false true true false true", schema.Type{}},
		{`id in [2, 3.0]`, "false true true false false", schema.Type{}},
		{`price * 2`, "0.02 0.76 1.50 2.24 2.98", schema.Type{}},
		{`price * 2`, "0.020 0.760 1.500 2.240 2.980", numeric},
		{`price * 1.195`, "0.01 0.45 0.90 1.34 1.78", schema.Type{}},
		{`price * 1.195`, "0.012 0.454 0.896 1.338 1.781", numeric},
		{`round(price * 1.195, 1)`, "0.000 0.500 0.900 1.300 1.800", numeric},
		{`price + id - 0.01`, "1.000 2.370 3.740 5.110 6.480", numeric},
		{`-price`, "-0.010 -0.380 -0.750 -1.120 -1.490", numeric},
		{`price / 3`, "0.003 0.127 0.250 0.373 0.497", numeric},
		{`price * ratio`, "0.000 0.095 0.375 0.840 1.490", numeric},
		{`price > 0.38 ? price : 0.38`, "0.38 0.38 0.75 1.12 1.49", schema.Type{}},
		{`price == 0.750`, "false false true false false", schema.Type{}},
		{`id`, "1 2 3 4 5", schema.Type{Kind: column.Float, Width: 8}},
		{`id`, "1.000 2.000 3.000 4.000 5.000", numeric},
		{`round(price)`, "0 0 1 1 1", schema.Type{}},
		{`floor(price - 1)`, "-1 -1 -1 0 0", schema.Type{}},
		{`ceil(price - 1)`, "0 0 0 1 1", schema.Type{}},
		{`round(ratio - 1.5)`, "-2 -1 -1 -1 -1", schema.Type{}},
		{`floor(-ratio)`, "0 -1 -1 -1 -1", schema.Type{}},
		{`round(ratio, 1)`, "0 0.3 0.5 0.8 1", schema.Type{}},
		{`abs(number)`, "11 4 3 10 6", schema.Type{}},
		{`abs(price - 1)`, "0.99 0.62 0.25 0.12 0.49", schema.Type{}},
		{`max(number, 0, 2)`, "2 2 3 10 2", schema.Type{}},
		{`min(maybe, 2)`, "0 1 null 2 2", schema.Type{}},
		{`max(price, 0.5)`, "0.50 0.50 0.75 1.12 1.49", schema.Type{}},
		{`max(ratio, number)`, "0 0.25 3 10 1", schema.Type{}},
		{`lower(title)`, "grüße tea a b  null", schema.Type{}},
		{`upper(title)`, "GRÜßE TEA A B  NULL", schema.Type{}},
		{`length(title)`, "5 3 3 0 null", schema.Type{}},
		{`prefix(title, 3) + "."`, "Grü. Tea. a b. . null", schema.Type{}},
		{`left(title, 0)`, "    null", schema.Type{}},
		{`trim("  x ") + kind`, "xcat xdog xbird xcat xdog", schema.Type{}},
		{`concat(kind, "-", id, "/", concat(flag, price))`, "cat-1/true0.01 dog-2/false0.38 bird-3/true0.75 cat-4/false1.12 dog-5/true1.49", schema.Type{}},
		{`"n" + text(maybe)`, "n0 n1 null n3 n4", schema.Type{}},
		{`kind | upper() | prefix(2)`, "CA DO BI CA DO", schema.Type{}},
		{`name startsWith "user" and kind contains "o" and name endsWith "1"`, "false true false false false", schema.Type{}},
		{`created_at > parent.created_at`, "false true true true true", schema.Type{}},
		{`max(created_at, parent.created_at) == created_at`, "true true true true true", schema.Type{}},
		{`created_at < done_at ? done_at : nil`, "null 2025-01-01 01:56:40 2025-01-01 03:53:20 null 2025-01-01 07:46:40", schema.Type{}},
		{`born`, "2025-01-01 2025-01-02 2025-01-03 2025-01-04 2025-01-05", schema.Type{}},
		{`replace(kind, "a", "oo")`, "coot dog bird coot dog", schema.Type{}},
		{`replace(title, "nobody", "")`, "Grüße Tea a b  null", schema.Type{}},
		{`year(born) * 100 + month(born)`, "202501 202501 202501 202501 202501", schema.Type{}},
		{`weekday(born)`, "3 4 5 6 7", schema.Type{}},
		{`yearday(born) + day(born) + quarter(born)`, "3 5 7 9 11", schema.Type{}},
		{`week(born)`, "1 1 1 1 1", schema.Type{}},
		{`trunc(born, "week")`, "2024-12-30 2024-12-30 2024-12-30 2024-12-30 2024-12-30", schema.Type{}},
		{`trunc(born, "quarter") == trunc(born, "year")`, "true true true true true", schema.Type{}},
		{`format(born, "YYYY-MM-DD") == text(born)`, "true true true true true", schema.Type{}},
		{`format(born, "YYYYMMDD/Q/ID")`, "20250101/1/3 20250102/1/4 20250103/1/5 20250104/1/6 20250105/1/7", schema.Type{}},
		{`date(done_at)`, "2025-01-01 2025-01-01 2025-01-01 null 2025-01-01", schema.Type{}},
		{`hour(done_at) * 10000 + minute(done_at) * 100 + second(done_at)`, "0 15640 35320 null 74640", schema.Type{}},
		{`trunc(done_at, "hour")`, "2025-01-01 00:00:00 2025-01-01 01:00:00 2025-01-01 03:00:00 null 2025-01-01 07:00:00", schema.Type{}},
		{`plus(born, 1, "month")`, "2025-02-01 2025-02-02 2025-02-03 2025-02-04 2025-02-05", schema.Type{}},
		{`plus(plus(born, 30, "day"), 1, "month")`, "2025-02-28 2025-03-01 2025-03-02 2025-03-03 2025-03-04", schema.Type{}},
		{`plus(done_at, maybe * 30, "minute")`, "2025-01-01 00:00:00 2025-01-01 02:26:40 null null 2025-01-01 09:46:40", schema.Type{}},
		{`plus(born, price, "hour")`, "2025-01-01 00:00:36 2025-01-02 00:22:48 2025-01-03 00:45:00 2025-01-04 01:07:12 2025-01-05 01:29:24", schema.Type{}},
		{`elapsed(born, plus(born, id, "week"), "day")`, "7 14 21 28 35", schema.Type{}},
		{`elapsed(created_at, plus(created_at, 90, "second"), "second")`, "90.00 90.00 90.00 90.00 90.00", schema.Type{}},
		{`epoch(plus(born, 1, "minute")) - epoch(born)`, "60 60 60 60 60", schema.Type{}},
		{`elapsed(born, plus(born, 36, "hour"), "day")`, "1.5 1.5 1.5 1.5 1.5", schema.Type{}},
		{`born`, "2025-01-01 00:00:00 2025-01-02 00:00:00 2025-01-03 00:00:00 2025-01-04 00:00:00 2025-01-05 00:00:00", schema.Type{Kind: column.Timestamp}},
		{`suffix(kind, 2) + right(kind, -1)`, "atat ogog rdird atat ogog", schema.Type{}},
		{`substr(title, 2, 2) + "/" + substr(kind, 3)`, "rü/t ea/g  b/rd /t null", schema.Type{}},
		{`split("a-b-" + kind, "-", 3) + split(kind, "a", -1)`, "catt dogdog birdbird catt dogdog", schema.Type{}},
		{`lpad(id, 3, "0") + rpad(kind, 4, "xy")`, "001catx 002dogx 003bird 004catx 005dogx", schema.Type{}},
		{`prefix(md5(kind), 6)`, "d077f2 06d80e abaecf d077f2 06d80e", schema.Type{}},
		{`cell("bad name")`, strings.TrimSpace(strings.Repeat("no @ddress ", 5)), schema.Type{}},
		{`id > 3 ? huge * huge : 0`, "0 0 0 error", schema.Type{}},
	} {
		b := newBench()
		b.c.Type = c.typ
		f, err := b.parse(fmt.Sprintf("expression: '%s'", c.expr))
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		v := new(column.Vec)
		v.Reset(f.Kind())
		err = f.Fill(v, &Span{Rows: Rows{N: 5}, Inputs: b.cells(Rows{N: 5}), Scratch: new(Scratch)})
		got := strings.Join(texts(v), " ")
		if err != nil {
			got += " error"
		}
		if want := strings.ReplaceAll(c.want, "NULL", "null"); got != want {
			t.Errorf("%s (%s): %s\nwant %s", c.expr, f.Kind(), got, want)
		}
	}
}

func TestExpressionType(t *testing.T) {
	for _, c := range []struct{ expr, typ, want string }{
		{"id", "text", "1"}, {"price", "text", "0.01"}, {"id", "float", "1"}, {"id", "decimal", "1.00"}, {"ratio + 0.126", "decimal", "0.13"},
		{"price", "float", "0.01"}, {"flag", "text", "true"}, {"created_at", "text", "2025-01-01 00:00:00"}, {"born", "date", "2025-01-01"},
	} {
		f, b := mustMake(t, fmt.Sprintf(`expression: {expr: "%s", type: %s}`, c.expr, c.typ))
		if got := b.fill(t, f, Rows{N: 1}, 0).String(0); got != c.want || f.Kind() != resultKinds[c.typ] {
			t.Errorf("%s as %s: %s of kind %s, want %s", c.expr, c.typ, got, f.Kind(), c.want)
		}
	}
	f, b := mustMake(t, `expression: {expr: price * price, scale: 4, type: decimal}`)
	if got := b.fill(t, f, Rows{First: 1, N: 1}, 0).String(0); got != "0.1444" || f.(Scaled).Scale() != 4 {
		t.Error(got)
	}
}

func TestExpressionErrors(t *testing.T) {
	integer := schema.Type{Kind: column.Int, Width: 4}
	for _, c := range []struct {
		args, want string
		typ        schema.Type
	}{
		{`"id +"`, `"id +", character 4: unexpected token EOF`, schema.Type{}},
		{`id + kind - 1`, `"id + kind - 1": - of a text and an integer: both must be numbers`, schema.Type{}},
		{`nobody + 1`, `"nobody + 1": there is no cell "nobody"`, schema.Type{}},
		{`frobnicate(id)`, `"frobnicate(id)": the function frobnicate is unknown: there are cell, abs, ceil, coalesce, concat, date, day, elapsed, epoch, floor, format, hour, left, len, length, lower, lpad, max, md5, min, minute, month, plus, prefix, quarter, replace, right, round, rpad, second, split, string, substr, suffix, text, trim, trunc, upper, week, weekday, year, yearday`, schema.Type{}},
		{`length(id)`, `"length(id)": length: of an integer: a text is wanted`, schema.Type{}},
		{`round(kind)`, `"round(kind)": round: of a text: a number is wanted`, schema.Type{}},
		{`round(price, id)`, `"round(price, id)": round: the number of digits must be a number from 0 to 18, as in round(price, 2)`, schema.Type{}},
		{`replace(kind, "", "x")`, `"replace(kind, \"\", \"x\")": replace: what is replaced, and by what, must be texts, as in replace(name, " ", "-")`, schema.Type{}},
		{`year(kind)`, `"year(kind)": year: of a text: a date or a timestamp is wanted`, schema.Type{}},
		{`trunc(born, 'moth')`, `"trunc(born, 'moth')": trunc: unit "moth" is unknown: day, hour, minute, month, quarter, second, week or year`, schema.Type{}},
		{`format(born, 'Month')`, `"format(born, 'Month')": format: the form "Month" is not known from "Month" on: there are YYYY, IYYY, Q, MM, IW, DDD, DD, ID, HH24, MI and SS`, schema.Type{}},
		{`prefix(kind)`, `"prefix(kind)": prefix takes 2 arguments, not 1`, schema.Type{}},
		{`prefix(kind, id)`, `"prefix(kind, id)": prefix: the number of characters must be a number, as in prefix(name, 3)`, schema.Type{}},
		{`coalesce()`, `"coalesce()": coalesce takes 1 to 64 arguments, not 0`, schema.Type{}},
		{`coalesce(id, kind)`, `"coalesce(id, kind)": coalesce: coalesce of an integer and a text`, schema.Type{}},
		{`'id ? 1 : 2'`, `"id ? 1 : 2": the condition of ?: is an integer: it must be boolean`, schema.Type{}},
		{`flag and id`, `"flag and id": and of a boolean and an integer: both must be boolean`, schema.Type{}},
		{`kind in id`, `"kind in id": in wants a list, as in status in ["new", "open"]`, schema.Type{}},
		{`id ** 2`, `"id ** 2": the operator ** is not supported`, schema.Type{}},
		{`price % 2`, `"price % 2": % of a decimal and a decimal: both must be integers`, schema.Type{}},
		{`kind matches "a"`, `"kind matches \"a\"": the operator matches is not supported`, schema.Type{}},
		{`nil < id`, `"nil < id": nil has no order: <`, schema.Type{}},
		{`not id`, `"not id": not of an integer`, schema.Type{}},
		{`nil`, `"nil" is always null: write {constant: null}`, schema.Type{}},
		{`kind[0]`, `"kind[0]": kind[0] is no path of a cell`, schema.Type{}},
		{`cell(id)`, `"cell(id)": cell wants the path of a cell, as in cell("created_at")`, schema.Type{}},
		{`{expr: ratio, type: integer}`, `it gives a float where an integer is wanted: round it, with round, floor or ceil`, schema.Type{}},
		{`ratio`, `it gives a float where an integer is wanted: round it, with round, floor or ceil`, integer},
		{`{expr: kind, type: integer}`, `it gives a text where an integer is wanted`, schema.Type{}},
		{`{expr: id, type: decimal, scale: 19}`, `scale 19 is not between 0 and 18`, schema.Type{}},
	} {
		wantError(t, `expression: `+c.args, c.want, c.typ)
	}
	for expr, want := range map[string]string{
		`huge * 4`:                          `row 0: huge * 4: 4611686018427387904 * 4 is too large`,
		`huge + huge`:                       `row 0: huge + huge: 4611686018427387904 + 4611686018427387904 is too large`,
		`-huge - huge - huge`:               `row 0: -huge - huge - huge: -9223372036854775808 - 4611686018427387904 is too large`,
		`round(ratio * 1e300)`:              `row 1: round(ratio * 1e300): 2.5e+299 is no integer of 64 bits`,
		`ratio * 1e308 * 10 * 1e308`:        `row 1: ratio * 1e308 * 10 * 1e308: the result is no finite number`,
		`price * 1.000000001 * 1.000000001`: `row 0: price * 1.000000001 * 1.000000001: a product with 20 digits behind the point: at most 18 are supported, so round before`,
	} {
		f, b := mustMake(t, fmt.Sprintf("expression: '%s'", expr))
		v := new(column.Vec)
		v.Reset(f.Kind())
		err := f.Fill(v, &Span{Rows: Rows{N: 5}, Inputs: b.cells(Rows{N: 5}), Scratch: new(Scratch)})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", expr, err, want)
		}
	}
}

func TestExpressionSQL(t *testing.T) {
	for _, c := range []struct{ expr, postgres, sqlite string }{
		{`id + 1`, `x = (cast(id as bigint) + 1)`, `same`},
		{`id / 2`, `x = (cast(cast(id as bigint) as double precision) / nullif(cast(2 as double precision), 0))`, `same`},
		{`number % id`, `x = (cast(number as bigint) % nullif(cast(id as bigint), 0))`, `same`},
		{`price * id`, `x = round((price * cast(cast(id as bigint) as numeric)), 2)`, ``},
		{`round(price * 1.19, 2)`, `x = round(round((price * 1.19), 2), 2)`, ``},
		{`price + price > price`, `x = ((price + price) > price)`, ``},
		{`round(price)`, `x = cast(round(price) as bigint)`, ``},
		{`round(ratio)`, ``, ``},
		{`floor(ratio)`, `x = cast(floor(cast(ratio as double precision)) as bigint)`, ``},
		{`kind + "-" + prefix(name, 3)`, `x = ((kind || '-') || left(name, 3))`, `same`},
		{`"#" + id`, `x = ('#' || cast(cast(id as bigint) as text))`, `same`},
		{`"#" + price`, ``, ``},
		{`lower(kind)`, ``, ``},
		{`length(kind) > 2`, `x = (length(kind) > 2)`, `same`},
		{`kind < name`, ``, ``},
		{`kind == name and not flag`, `x = ((kind = name) and (not flag))`, `same`},
		{`kind in ["a", "b"]`, `x = ((kind = 'a') or (kind = 'b'))`, `same`},
		{`maybe == nil ? 0 : maybe`, `x = (case when (cast(maybe as bigint) is null) then 0 when not (cast(maybe as bigint) is null) then cast(maybe as bigint) end)`, `same`},
		{`coalesce(done_at, created_at)`, `x = coalesce(done_at, created_at)`, `same`},
		{`max(done_at, created_at)`, `x = (case when done_at is not null and created_at is not null then greatest(done_at, created_at) end)`, `same`},
		{`min(id, 3)`, `x = (case when cast(id as bigint) is not null and 3 is not null then -(greatest(-(cast(id as bigint)), -(3))) end)`, `same`},
		{`min(kind, name)`, ``, ``},
		{`trim(kind)`, `x = trim(kind)`, `same`},
		{`-abs(number)`, `x = (-abs(cast(number as bigint)))`, `same`},
	} {
		f, b := mustMake(t, fmt.Sprintf("expression: '%s'", c.expr))
		rule := f.(Ruled).Rules()[0]
		if got := rule.SQL(sqlText{name: "postgres"}, "x", b.inputs); got != c.postgres {
			t.Errorf("%s: %s\nwant %s", c.expr, got, c.postgres)
		}
		want := c.sqlite
		if want == "same" {
			want = c.postgres
		}
		if got := rule.SQL(sqlText{name: "sqlite"}, "x", b.inputs); got != want {
			t.Errorf("%s: %s\nwant %s", c.expr, got, want)
		}
		if got := rule.SQL(sqlText{name: "sqlite"}, "x", make([]string, len(b.inputs))); got != "" {
			t.Errorf("%s: %s without inputs", c.expr, got)
		}
	}
	// A column of four bytes does not give back what was computed.
	f, b := mustMake(t, `expression: ratio / 3`, schema.Type{Kind: column.Float, Width: 4})
	rule := f.(Ruled).Rules()[0]
	if got := rule.SQL(sqlText{name: "postgres"}, "x", b.inputs); got != "" {
		t.Error(got)
	}
	v, in := b.fill(t, f, Rows{N: 10}, 0), b.cells(Rows{N: 10})
	for i := range v.Floats {
		v.Floats[i] = float64(float32(v.Floats[i]))
		if !rule.Cell(v, i, in) {
			t.Errorf("row %d: %v", i, v.Floats[i])
		}
	}
	v.Floats[9] += 0.01
	if rule.Cell(v, 9, in) {
		t.Error("a wrong cell obeys the rule")
	}
}

func TestExpressionBounds(t *testing.T) {
	for expr, want := range map[string]int{
		`kind + name`: 17, `"abc" + kind`: 8, `prefix(name, 3)`: 3, `prefix(kind, 9)`: 5, `flag ? kind : name`: 12,
		`coalesce(title, "-")`: 20, `"#" + flag`: 6, `cell("bad name") + kind`: 0, `flag ? kind : cell("bad name")`: 0, `kind + ""`: 5,
	} {
		f, _ := mustMake(t, fmt.Sprintf("expression: '%s'", expr))
		if got := f.(Bounded).Bounds().MaxLen; got != want {
			t.Errorf("%s: at most %d characters, want %d", expr, got, want)
		}
	}
}

func TestExactArithmetic(t *testing.T) {
	const least, most = -1 << 63, 1<<63 - 1
	m := &machine{}
	overflows := func(f func(int64, int64) int64, a, b int64) bool {
		m.err = nil
		f(a, b)
		return m.err != nil
	}
	for _, c := range []struct {
		f    func(int64, int64) int64
		a, b int64
		over bool
	}{
		{m.addInt, most, 0, false}, {m.addInt, most, 1, true}, {m.addInt, least, -1, true}, {m.addInt, least, most, false}, {m.addInt, 0, least, false},
		{m.subInt, least, 1, true}, {m.subInt, 0, least, true}, {m.subInt, -1, least, false}, {m.subInt, most, -1, true}, {m.subInt, 5, 0, false},
		{m.mulInt, most, 1, false}, {m.mulInt, most, 2, true}, {m.mulInt, least, 1, false}, {m.mulInt, least, -1, true}, {m.mulInt, 1 << 32, -1 << 31, false},
		{m.mulInt, 1 << 32, 1 << 31, true}, {m.mulInt, 0, least, false},
	} {
		if got := overflows(c.f, c.a, c.b); got != c.over {
			t.Errorf("%d, %d: overflow is %v", c.a, c.b, got)
		}
	}
	d := func(i int64, scale int32) value { return value{i: i, scale: scale} }
	for _, c := range []struct {
		a, b value
		want int
	}{
		{d(1, 0), d(100, 2), 0}, {d(101, 2), d(1, 0), 1}, {d(-101, 2), d(-1, 0), -1}, {d(-1, 0), d(1, 0), -1}, {d(1, 0), d(-1, 0), 1},
		{d(most, 0), d(most, 18), 1}, {d(most, 18), d(most, 0), -1}, {d(0, 0), d(0, 18), 0}, {d(-5, 1), d(0, 3), -1}, {d(least, 0), d(least, 0), 0}, {d(least, 0), d(least, 18), -1},
	} {
		if got := compareDecimal(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %d", c.a, c.b, got)
		}
	}
	for _, c := range []struct {
		i     int64
		scale int32
		want  int64
	}{{15, 0, 2}, {14, 0, 1}, {-15, 0, -2}, {-14, 0, -1}, {25, 0, 3}, {-25, 0, -3}, {15, 2, 150}} {
		if got := m.rescale(d(c.i, 1), c.scale); got.i != c.want {
			t.Errorf("%v to %d: %d", c.i, c.scale, got.i)
		}
	}
}
