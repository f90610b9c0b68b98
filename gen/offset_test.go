package gen

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// An offset gives what its column holds: days after days or moments, times of the same day.
func TestOffsetOfDaysAndTimes(t *testing.T) {
	day, clock := schema.Type{Kind: column.Date}, schema.Type{Kind: column.Time, Scale: 0}
	born := testCells["born"]
	for _, x := range []struct {
		text        string
		typ         schema.Type
		from        testCell
		least, most int64 // days or microseconds behind the origin
	}{
		{"offset: {from: born, min: 2d, max: 9d}", day, born, 2, 9},
		{"offset: {from: born, min: -9d, max: -2d}", day, born, -9, -2},
		{"offset: {from: born, min: 1h, max: 30h}", day, born, 0, 1},
		{"offset: {from: born, min: 1d, max: 3d}", schema.Type{Kind: column.Timestamp, Scale: 6}, born, 1, 3},
	} {
		f, b := mustMake(t, x.text, x.typ)
		if f.Kind() != x.typ.Kind {
			t.Errorf("%s is of kind %s", x.text, f.Kind())
		}
		v := b.fill(t, f, Rows{N: 300}, 0)
		in := b.cells(Rows{N: 300})
		seen := map[int64]bool{}
		for i := range 300 {
			far := v.Ints[i] - in[0].Ints[i]
			if x.typ.Kind == column.Timestamp {
				far = (v.Ints[i] - in[0].Ints[i]*dayMicros) / dayMicros
			}
			if seen[far] = true; far < x.least || far > x.most {
				t.Fatalf("%s, row %d: %d behind %d", x.text, i, v.Ints[i], in[0].Ints[i])
			}
		}
		if len(seen) < 2 {
			t.Errorf("%s: always %v", x.text, seen)
		}
		holdRules(t, f, v, in)
	}
	f, b := mustMake(t, "offset: {from: created_at, max: 3d}", day)
	v, in := b.fill(t, f, Rows{N: 300}, 0), b.cells(Rows{N: 300})
	for i := range 300 {
		if v.Ints[i]*dayMicros < in[0].Ints[i] || v.Ints[i]*dayMicros > in[0].Ints[i]+4*dayMicros {
			t.Fatalf("row %d: day %d behind %d", i, v.Ints[i], in[0].Ints[i])
		}
	}
	holdRules(t, f, v, in)
	b = newBench()
	b.c.Type, b.c.NotBefore = day, []string{"born"} // its cells come later for that: they break no rule
	f, err := b.parse("offset: {from: born, min: -9d, max: -2d}")
	if err != nil {
		t.Fatal(err)
	}
	holdRules(t, f, b.fill(t, f, Rows{N: 300}, 0), b.cells(Rows{N: 300}))
	wantError(t, "offset: {from: created_at, max: 3h}", "created_at is of kind timestamp: a time is wanted", clock)
	wantError(t, "offset: {from: number, max: 3h}", "number is of kind integer: a date is wanted", day)
}

// holdRules holds a filler's cells against its own rules.
func holdRules(t *testing.T, f Filler, v *column.Vec, in []*column.Vec) {
	t.Helper()
	for _, r := range f.(Ruled).Rules() {
		for i := range v.Len() {
			if !r.Cell(v, i, in) {
				t.Fatalf("%s, row %d: %s does not hold of %s", f, i, r.Text, v.String(i))
			}
		}
	}
}

// Integers begin at the largest of the cells that they are not before, in whole steps.
func TestIntegersNotBefore(t *testing.T) {
	b := newBench()
	b.c.NotBefore = []string{"number", "maybe"}
	f, err := b.parse("integer: {min: -10, max: 400, step: 5}")
	if err != nil {
		t.Fatal(err)
	}
	rows := Rows{N: 300}
	v, in := b.fill(t, f, rows, 0), b.cells(rows)
	for i := range rows.N {
		if x := v.Ints[i]; x < in[0].Ints[i] || !in[1].Null(i) && x < in[1].Ints[i] || (x+10)%5 != 0 || x > 400 {
			t.Fatalf("row %d: %d after %s and %s", i, x, in[0].String(i), in[1].String(i))
		}
	}
	holdRules(t, f, v, in)
	if _, err := b.parse("integer: {min: -10, max: 400, distribution: zipf}"); err == nil {
		t.Error("a distribution with not_before is taken")
	}
	late := Rows{First: 501, N: 1}
	if err := f.Fill(new(column.Vec), &Span{Rows: late, Inputs: b.cells(late), Scratch: new(Scratch)}); err == nil {
		t.Error("a number above the end of the range is taken")
	}
}

// Texts that are too long for their column are written shorter, and the others stay as they are.
func TestShortTexts(t *testing.T) {
	for _, x := range []struct {
		text  string
		limit int
	}{
		{"person: {field: first_name, group: owner}", 6}, {"person: {field: full_name, group: owner}", 12}, {"person: {field: username, group: owner}", 12}, {"person: full_name", 10},
		{"address: {field: city, group: home}", 9}, {"address: {field: street, group: home}", 14}, {"company: name", 12}, {"company: product", 15}, {"person: {field: last_name, group: owner, locale: ja_JP}", 4},
	} {
		short, b := mustMake(t, x.text, schema.Type{Kind: column.Text, Length: x.limit})
		if got := short.(Bounded).Bounds().MaxLen; got > x.limit {
			t.Errorf("%s in %d characters: up to %d", x.text, x.limit, got)
		}
		v, long := b.fill(t, short, Rows{N: 400}, 0), made(t, x.text, 400)
		holdRules(t, short, v, nil)
		same := 0
		for i := range 400 {
			is, was := v.String(i), long.String(i)
			switch {
			case utf8.RuneCountInString(is) > x.limit || is == "" || is[len(is)-1] == ' ':
				t.Fatalf("%s in %d characters: %q of %q", x.text, x.limit, is, was)
			case utf8.RuneCountInString(was) <= x.limit && is != was:
				t.Fatalf("%s in %d characters: %q became %q", x.text, x.limit, was, is)
			case is == was:
				same++
			}
		}
		if slices.Contains([]string{"person: {field: first_name, group: owner}", "address: {field: city, group: home}"}, x.text) && same < 100 {
			t.Errorf("%s: only %d of 400 are as they were", x.text, same)
		}
	}
}
