package gen

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func TestIntegerDistributions(t *testing.T) {
	const n = 60_000
	counts := func(text string) map[int64]int {
		out := map[int64]int{}
		for _, x := range made(t, text, n).Ints {
			out[x]++
		}
		return out
	}
	die := counts(`integer: {min: 1, max: 6}`)
	for x := int64(1); x <= 6; x++ {
		wantShare(t, fmt.Sprint(x), die[x], n, 1.0/6)
	}
	if len(die) != 6 {
		t.Error(die)
	}

	// Normal, mean 3.5 and sd 5/6: each value has the mass of half a step around it, cut at 0.5 and 6.5.
	phi := func(x float64) float64 { return math.Erf((x-3.5)/(5.0/6)/math.Sqrt2) / 2 }
	die = counts(`integer: {min: 1, max: 6, distribution: normal}`)
	for x := 1; x <= 6; x++ {
		p := (phi(float64(x)+0.5) - phi(float64(x)-0.5)) / (2 * phi(6.5))
		wantShare(t, fmt.Sprintf("normal %d", x), die[int64(x)], n, p)
	}

	// Exponential with the mean 3 is geometric: 0 has 1/4, 1 has 3/16.
	geo := counts(`integer: {max: 1000000, distribution: exponential, mean: 3}`)
	wantShare(t, "geometric 0", geo[0], n, 1.0/4)
	wantShare(t, "geometric 1", geo[1], n, 3.0/16)
	wantShare(t, "geometric 5", geo[5], n, math.Pow(0.75, 5)/4)

	// With a step of 10 the same, ten times as large.
	geo = counts(`integer: {min: 100, max: 1000000, step: 10, distribution: exponential, mean: 30}`)
	wantShare(t, "geometric 100", geo[100], n, 1.0/4)
	wantShare(t, "geometric 110", geo[110], n, 3.0/16)

	zipf := counts(`integer: {min: 5, max: 8, distribution: zipf}`)
	for k := range 4 {
		wantShare(t, "zipf", zipf[int64(5+k)], n, 1/float64(k+1)/(1+1.0/2+1.0/3+1.0/4))
	}
}

func TestIntegerWholeRange(t *testing.T) {
	f, b := mustMake(t, `integer: {min: -9223372036854775808, max: 9223372036854775807}`)
	v := b.fill(t, f, Rows{N: 10_000}, 0)
	negative := 0
	for _, x := range v.Ints {
		if x < 0 {
			negative++
		}
	}
	wantShare(t, "negative", negative, 10_000, 0.5)
	if f.(Indexed).Card() != full {
		t.Error(f.(Indexed).Card())
	}
}

func TestIntegerSteps(t *testing.T) {
	f, _ := mustMake(t, `integer: {min: -7, max: 20, step: 5}`)
	ix := f.(Indexed)
	var v column.Vec
	v.Reset(column.Int)
	for i := range ix.Card() {
		ix.AppendIndex(&v, i, nil)
	}
	if fmt.Sprint(v.Ints) != "[-7 -2 3 8 13 18]" {
		t.Error(v.Ints)
	}
	if b := f.(Bounded).Bounds(); b.Min != -7 || b.Max != 18 {
		t.Error(b)
	}
	rule := f.(Ruled).Rules()[0]
	if got := rule.SQL(sqlText{name: "postgres"}, "x", nil); got != "(x between -7 and 18 and (x - (-7)) % 5 = 0)" {
		t.Error(got)
	}
	v.AppendInt(19)
	v.AppendNull()
	if rule.Cell(&v, 6, nil) || !rule.Cell(&v, 7, nil) {
		t.Error("19 obeys the rule, or null does not")
	}
}

func TestIntegerErrors(t *testing.T) {
	wantError(t, `integer: {min: 7, max: 6}`, `min 7 is above max 6`)
	wantError(t, `integer: {max: 6, step: -1}`, `step -1 is below 1`)
	wantError(t, `integer: {max: 6, distribution: gamma}`, `distribution "gamma" is unknown: uniform, normal, lognormal, exponential or zipf`)
	wantError(t, `integer: {max: 9223372036854775807, distribution: normal}`, `distribution normal needs min and max within ±2^53`)
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		text  string
		typ   schema.Type
		shown string
		scale int32
	}{
		{`decimal: {max: 5}`, schema.Type{}, "decimal 0.00 to 5.00", 2},
		{`decimal: {min: "0.001", max: 0.25, scale: 3}`, schema.Type{}, "decimal 0.001 to 0.250", 3},
		{`decimal: {max: 5}`, schema.Type{Kind: column.Decimal, Precision: 10, Scale: 4}, "decimal 0.0000 to 5.0000", 4},
		{`decimal: {max: 5, scale: 1}`, schema.Type{Kind: column.Decimal, Precision: 10, Scale: 4}, "decimal 0.0000 to 5.0000 by 0.1000", 4},
		{`decimal: {max: 5}`, schema.Type{Kind: column.Decimal}, "decimal 0.00 to 5.00", 2},
		{`decimal: {min: 3.10, max: 3.10}`, schema.Type{}, "decimal 3.10 to 3.10", 2},
		{`decimal: {min: -1e2, max: 1e2, scale: 0}`, schema.Type{}, "decimal -100 to 100", 0},
		{`decimal: {max: 5, distribution: zipf}`, schema.Type{}, "decimal 0.00 to 5.00, zipf", 2},
	} {
		f, b := mustMake(t, c.text, c.typ)
		if f.String() != c.shown {
			t.Errorf("%s is %s, want %s", c.text, f, c.shown)
		}
		if v := b.fill(t, f, Rows{N: 10}, 0); v.Scale != c.scale {
			t.Errorf("%s: scale %d", c.text, v.Scale)
		}
	}
	// A grid coarser than the column, and all of its values.
	seen := map[string]bool{}
	for _, s := range texts(made(t, `decimal: {min: 1, max: 2, scale: 1}`, 1000, schema.Type{Kind: column.Decimal, Precision: 9, Scale: 3})) {
		seen[s] = true
	}
	if len(seen) != 11 || !seen["1.000"] || !seen["1.700"] || !seen["2.000"] {
		t.Error(seen)
	}
	// mean and sd are in the unit of the values.
	sum := int64(0)
	v := made(t, `decimal: {max: 100, distribution: normal, mean: 20, sd: 2}`, 10_000)
	for _, x := range v.Ints {
		sum += x
	}
	if mean := float64(sum) / 1e6; math.Abs(mean-20) > 0.1 {
		t.Errorf("the mean is %v, want 20", mean)
	}
}

func TestDecimalErrors(t *testing.T) {
	held := schema.Type{Kind: column.Decimal, Precision: 10, Scale: 2}
	wantError(t, `decimal: {min: 2, max: 1}`, `min 2.00 is above max 1.00`)
	wantError(t, `decimal: {max: 1.234}`, `max 1.234 has more than 2 digits behind the point: raise scale`)
	wantError(t, `decimal: {max: abc}`, `max "abc" is no decimal number such as 12.50`)
	wantError(t, `decimal: {max: "1e3"}`, `max "1e3" is no decimal number such as 12.50`)
	wantError(t, `decimal: {max: true}`, `max is true: a number is wanted`)
	wantError(t, `decimal: {max: 1, scale: 3}`, `scale 3 is more than the column holds: 2`, held)
	wantError(t, `decimal: {max: 1, scale: 19}`, `scale 19 is not between 0 and 18`)
	wantError(t, `decimal: {max: "1000000000000000000000000000000000000000"}`, `max 1000000000000000000000000000000000000000 is too large: at most 18 digits are supported`)
	wantError(t, `decimal: {max: 1000000000000, scale: 0}`, `1000000000000 with 10 digits behind the point is too large: at most 18 digits are supported`,
		schema.Type{Kind: column.Decimal, Precision: 22, Scale: 10})
}

func TestBoolean(t *testing.T) {
	const n = 100_000
	for _, share := range []float64{0, 0.001, 0.5, 0.9, 1} {
		count := 0
		for _, x := range made(t, fmt.Sprintf("boolean: %v", share), n).Ints {
			count += int(x)
		}
		wantShare(t, fmt.Sprint(share), count, n, share)
	}
	wantError(t, `boolean: 1.5`, `share 1.5 is not between 0 and 1`)
	f, _ := mustMake(t, `boolean: 1`)
	if got := f.(Ruled).Rules()[0].SQL(sqlText{name: "sqlite"}, "x", nil); got != "x = true" {
		t.Error(got)
	}
}

func TestDate(t *testing.T) {
	all := texts(made(t, `date: {from: "2024-02-27", to: "2024-03-02"}`, 500))
	slices.Sort(all)
	if got := strings.Join(slices.Compact(all), " "); got != "2024-02-27 2024-02-28 2024-02-29 2024-03-01 2024-03-02" {
		t.Error(got)
	}
	wantError(t, `date: {from: "2025-01-02", to: "2025-01-01"}`, `from (2025-01-02) is after to (2025-01-01)`)
	wantError(t, `date: {from: "2025-01-02 10:00:00", to: "2025-01-03"}`, `from is 2025-01-02 10:00:00: leave the time of day out`)

	b := newBench()
	b.c.NotBefore = []string{"born", "created_at"}
	f, err := b.parse(`date: {from: "2024-01-01", to: "2030-01-01"}`)
	if err != nil {
		t.Fatal(err)
	}
	v, in := b.fill(t, f, Rows{N: testRows}, 0), b.cells(Rows{N: testRows})
	for _, rule := range f.(Ruled).Rules() {
		for i := range v.Len() {
			if !rule.Cell(v, i, in) {
				t.Fatalf("row %d: %s %s: %s %s", i, v.String(i), rule.Text, in[0].String(i), in[1].String(i))
			}
		}
	}
	for i := range v.Len() { // a day begins before the moments in it
		if v.Ints[i]*dayMicros < in[1].Ints[i] {
			t.Fatalf("row %d: %s is before %s", i, v.String(i), in[1].String(i))
		}
	}
	names := []string{"born", "created_at"}
	rules := f.(Ruled).Rules()
	if got := rules[2].SQL(sqlText{name: "postgres"}, "x", names); got != "x >= created_at" {
		t.Error(got)
	}
	if got := rules[2].SQL(sqlText{name: "sqlite"}, "x", names); got != "" {
		t.Error(got)
	}
	if f.(Indexed).Card() != 0 {
		t.Error("a date that depends on others cannot be numbered")
	}

	b = newBench()
	b.c.NotBefore = []string{"id"}
	if _, err = b.parse(`date: {from: "2024-01-01", to: "2030-01-01"}`); err == nil || err.Error() != "id is of kind integer: a date or a timestamp is wanted" {
		t.Error(err)
	}
	b = newBench()
	b.c.NotBefore = []string{"created_at"}
	if f, err = b.parse(`date: {from: "2024-01-01", to: "2025-01-01"}`); err != nil {
		t.Fatal(err)
	}
	rows := Rows{N: 10}
	v.Reset(column.Date)
	err = f.Fill(v, &Span{Rows: rows, Inputs: b.cells(rows), Scratch: new(Scratch)})
	if err == nil || err.Error() != "row 1: 2025-01-02, the first day that it may have, is after the end of the range, 2025-01-01" {
		t.Error(err)
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct {
		text, shown string
		typ         schema.Type
	}{
		{`time`, "time 00:00:00 to 23:59:59.999999", schema.Type{}},
		{`time`, "time 00:00:00 to 23:59:59", schema.Type{Kind: column.Time, Scale: 0}},
		{`time: {from: "08:30", precision: 2}`, "time 08:30:00 to 23:59:59.990000", schema.Type{}},
		{`time: {from: "08:00:00.0001", to: "08:00:01", precision: 3}`, "time 08:00:00.001000 to 08:00:01", schema.Type{}},
	} {
		if f, _ := mustMake(t, c.text, c.typ); f.String() != c.shown {
			t.Errorf("%s is %s, want %s", c.text, f, c.shown)
		}
	}
	wantError(t, `time: {from: "22:00", to: "06:00"}`, `from (22:00:00) is after to (06:00:00): a range over midnight is two ranges, as in a switch`)
	wantError(t, `time: {from: "8 o'clock"}`, `from "8 o'clock" is no time of day such as 08:00 or 08:00:00`)
	wantError(t, `time: {to: "24:00:00"}`, `to "24:00:00" is no time of day such as 08:00 or 08:00:00`)
	wantError(t, `time: {precision: 7}`, `precision 7 is not between 0 and 6`)
}

// TestFloatGrid: a rounded draw stays on the grid where max is not on it.
func TestFloatGrid(t *testing.T) {
	for _, x := range made(t, `float: {max: 1, step: 0.4, distribution: normal, sd: 1}`, 2000).Floats {
		if x != 0 && x != 0.4 && x != 0.8 {
			t.Fatal(x)
		}
	}
}
