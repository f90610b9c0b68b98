package gen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// nullExamples are generators of every way to be null, whose facts are held against cells besides those of examples.
var nullExamples = []string{
	`aggregate: {of: things, min: maybe}`,
	`aggregate: {of: things, last: title, where: flag}`,
	`expression: maybe + 1`,
	`expression: -maybe * (number - maybe)`,
	`expression: number / 2.5`,
	`expression: number % id`,
	`expression: id / number`,
	`expression: coalesce(maybe, number)`,
	`expression: coalesce(maybe, 0) + 1`,
	`expression: maybe ?? number ?? 7`,
	`expression: "flag ? maybe : number"`,
	`expression: "maybe > 3 ? maybe : maybe + 1"`,
	`expression: "number > 3 ? nil : maybe"`,
	`expression: maybe == nil`,
	`expression: not (maybe > 3)`,
	`expression: maybe > 3 and flag`,
	`expression: maybe > 3 or maybe < 1`,
	`expression: maybe in [1, 2, number]`,
	`expression: title contains kind`,
	`expression: "title + ' ' + kind"`,
	`expression: concat(title, maybe)`,
	`expression: max(maybe, number)`,
	`expression: min(maybe, id, 3)`,
	`expression: abs(maybe)`,
	`expression: length(title)`,
	`expression: lower(trim(replace(title, "a", "b")))`,
	`expression: round(price, 1)`,
	`expression: floor(ratio) + ceil(ratio)`,
	`expression: date(done_at)`,
	`expression: trunc(done_at, "month")`,
	`expression: format(done_at, "YYYY-MM-DD")`,
	`expression: year(done_at)`,
	`expression: text(maybe)`,
	`internet: {field: email, username: kind}`,
	`latest: [done_at]`,
	`template: "{title} of {maybe}"`,
	`prefix: {of: title, length: 2}`,
	`slug: title`,
	`offset: {from: done_at, max: 2h}`,
	`{cell: maybe, nulls: 0.2}`,
	`{constant: 7, nulls: 0.5}`,
	`{constant: 7, nulls: 1}`,
	`{sequence: {}, nulls: 0.5}`,
	`{cell: maybe, when: flag}`,
	`{uuid: , when: maybe > 3, nulls: 0.5}`,
	`{uuid: , when: "kind != nil and number > 2"}`,
	`{template: "{kind}", when: flag}`,
	`{expression: "coalesce(maybe, 1)", nulls: 0.1}`,
	`pick: [a, null]`,
	`pick: {weights: {a: 1, null: 0}}`,
	`quota: {shares: {a: 1, null: 2}}`,
	`quota: {counts: {a: 3}, rest: null}`,
	`switch: {on: kind, cases: {cat: {cell: maybe}, dog: {constant: 3, nulls: 0.5}}, else: sequence}`,
	`switch: {on: maybe, cases: {3: {constant: three}}, else: {constant: other}}`,
	`switch: {on: maybe, cases: {3: {constant: three}}}`,
	`switch: {on: kind, cases: {cat: {switch: {on: flag, cases: {"true": {cell: maybe}}}}, dog: {constant: 1}}}`,
	`pick: {weights: {x: 1, y: 2.5}}`,
	`pick: {weights: {x: 9, y: 1, z: 1}}`,
	`boolean: 0.1`,
	`integer: {min: 5, max: 5}`,
	`reference: {table: things, first: self}`,
	`reference: {table: things, previous: owner}`,
}

// factCells gives the inputs of rows with nulls in all patterns: of input k where bit k of the row number is set twice.
func (b *bench) factCells(rows Rows, nulls bool) []*column.Vec {
	in := b.cells(rows)
	if !nulls {
		return in
	}
	for k, v := range in {
		w := new(column.Vec)
		w.ResetAs(v)
		for i := range rows.N {
			if row := rows.At(i); row>>(2*k)&3 == 3 {
				w.AppendNull()
			} else {
				w.AppendCell(v, i)
			}
		}
		in[k] = w
	}
	return in
}

// TestFacts: what every registered generator states is true of its cells, with many arguments, at several draws, with
// and without nulls in what it reads.
func TestFacts(t *testing.T) {
	changes := map[string]bool{} // generator -> its drawn cells change, with some arguments
	for _, text := range slices.Concat(examples, nullExamples) {
		name := exampleName(t, text)
		t.Run(text, func(t *testing.T) {
			f, b := mustMake(t, text)
			facts := f.Facts()
			if m := exampleMaker(t, text); IsSteady(m) && facts.Drawn && facts.NullShare == 0 || !IsSteady(m) && !facts.Drawn && !nested(m) {
				t.Errorf("the maker says steady: %v, the Filler drawn: %v", IsSteady(m), facts.Drawn)
			}
			if AlwaysNull(f) != (facts.Null == OnlyNull) {
				t.Errorf("always null: %v", AlwaysNull(f))
			}
			_, folds := f.(Folder) // what it reads are sums, which say themselves when they are null
			for _, nulls := range []bool{false, !folds} {
				s := &Span{Rows: Rows{N: testRows}, Scratch: new(Scratch), Inputs: b.factCells(Rows{N: testRows}, nulls)}
				var first *column.Vec
				for attempt := uint32(0); attempt < 4; attempt++ {
					v := new(column.Vec)
					v.Reset(f.Kind())
					s.Attempt, s.Again = attempt, attempt
					if err := f.Fill(v, s); err != nil {
						t.Fatal(err)
					}
					wantNulls(t, &facts, v, s.Inputs)
					wantValues(t, f, &facts, v, s.Inputs)
					if first == nil {
						first = v
					} else if !slices.Equal(texts(first), texts(v)) {
						if changes[name] = true; !facts.Drawn {
							t.Fatalf("draw %d gives other cells, and Facts say that none does", attempt)
						}
					}
				}
			}
		})
	}
	for _, name := range Names() {
		drawn, known := false, false
		for _, text := range slices.Concat(examples, nullExamples) {
			if exampleName(t, text) == name {
				f, _ := mustMake(t, text)
				drawn, known = drawn || f.Facts().Drawn, true
			}
		}
		switch {
		case !known:
			t.Errorf("%s: no example holds its facts: add some", name)
		case drawn && !changes[name]:
			t.Errorf("%s: says that draws change its cells, and with no example they do", name)
		}
	}
}

// exampleOf decodes an example.
func exampleOf(t *testing.T, text string) (g blueprint.Generator) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	d := blueprint.NewDecoder(nil, Names())
	if d.Decode(doc.Content[0], &g); d.Err() != nil {
		t.Fatal(d.Err())
	}
	return g
}

func exampleName(t *testing.T, text string) string { return exampleOf(t, text).Name }

func exampleMaker(t *testing.T, text string) Maker {
	g := exampleOf(t, text)
	m := New(g.Name)
	blueprint.NewDecoder(nil, Names()).DecodeGenerator(g, m)
	return m
}

// nested tells whether a generator consists of others, which its arguments name and nobody has compiled.
func nested(m Maker) bool {
	switch m.(type) {
	case *Array, *Composite, *List, *Object, *Switch:
		return true
	}
	return false
}

// wantNulls holds what the facts say of nulls against cells.
func wantNulls(t *testing.T, facts *Facts, v *column.Vec, in []*column.Vec) {
	t.Helper()
	some := false
	for i := range v.Len() {
		must, may := nullAt(facts, in, i)
		if is := v.Null(i); must && !is || is && !may {
			t.Fatalf("row %d is %q: Facts say that it must be null: %v, may be: %v", i, v.String(i), must, may)
		}
		some = some || v.Null(i)
	}
	if facts.Null == SomeNull && !some {
		t.Error("no cell is null, and Facts say that some are")
	}
	if facts.NullShare > 0 && len(facts.NullWith) == 0 && facts.Choice == nil {
		n := 0
		for i := range v.Len() {
			if v.Null(i) {
				n++
			}
		}
		wantShare(t, "nulls", n, v.Len(), facts.NullShare)
	}
}

// nullAt says whether a cell must be null, and whether it may be.
func nullAt(facts *Facts, in []*column.Vec, i int) (must, may bool) {
	must = facts.Null == OnlyNull || slices.ContainsFunc(facts.NullWith, func(k int) bool { return in[k].Null(i) })
	may = must || facts.Null != NeverNull
	if c := facts.Choice; c != nil {
		of := c.Else()
		if on := in[c.On.Index]; !on.Null(i) {
			of = c.Case(on.String(i))
		}
		ofMust, ofMay := nullAt(of, in, i)
		must, may = must || ofMust, may || ofMay
	}
	return must, may
}

// wantValues holds what the facts say of values against cells.
func wantValues(t *testing.T, f Filler, facts *Facts, v *column.Vec, in []*column.Vec) {
	t.Helper()
	count := map[string]int{}
	for i := range v.Len() {
		if v.Null(i) {
			continue
		}
		count[v.String(i)]++
		if facts.Copies != nil && !v.Equal(i, in[facts.Copies.Index], i) {
			t.Fatalf("row %d is %q, and Facts say that it is the input: %q", i, v.String(i), in[facts.Copies.Index].String(i))
		}
		if r := facts.Floats; r != nil && (v.Floats[i] < r.Min || v.Floats[i] > r.Max) {
			t.Fatalf("row %d is %s, and Facts say %v to %v", i, v.String(i), r.Min, r.Max)
		}
	}
	if b, ok := f.(Bounded); ok && f.Kind().Integer() && f.Kind() != column.Bool && !facts.Unbounded {
		if own, most := cellBounds(v), b.Bounds(); len(count) > 0 && (own.Min < most.Min || own.Max > most.Max) {
			t.Fatalf("cells from %d to %d, and the bounds are %d to %d", own.Min, own.Max, most.Min, most.Max)
		}
	}
	if facts.Floats == nil && f.Kind() == column.Float && facts.Values == nil && !facts.Unbounded && facts.Copies == nil && facts.Choice == nil {
		t.Error("floats without a range, and not unbounded")
	}
	if facts.Values == nil {
		return
	}
	var known []string
	for i := range facts.Values.Len() {
		if !facts.Values.Null(i) {
			known = append(known, facts.Values.String(i))
		}
	}
	for text := range count {
		if !slices.Contains(known, text) {
			t.Fatalf("%q is none of the values that Facts list: %q", text, known)
		}
	}
	if len(known) < 2 || !facts.Drawn {
		return
	}
	mean, even := float64(v.Len())/float64(facts.Values.Len()), true
	for _, text := range known {
		d := float64(count[text]) - mean
		even = even && d*d <= 25*mean
	}
	if b := facts.Null == SomeNull && facts.NullShare > 0; !b && even == facts.Weighted {
		t.Errorf("weighted: %v, and the numbers of values are %v", facts.Weighted, count)
	}
}

// TestApart: Fillers that say so give one cell for no two rows.
func TestApart(t *testing.T) {
	for _, pair := range [][2]string{
		{`uuid`, `uuid`},
		{`uuid: 4`, `uuid: {version: 7, at: created_at}`},
		{`person: {field: email, group: owner}`, `internet: {field: email, group: owner}`},
		{`person: {field: username, group: owner, separator: _}`, `person: {field: username, group: owner, separator: _}`},
	} {
		seen := map[string]bool{}
		var names []string
		for k, text := range pair {
			b := newBench()
			b.c.Key = b.c.TableKey.Derive("part", fmt.Sprint(k))
			f, err := b.parse(text)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, f.Facts().Apart)
			for attempt := range uint32(3) {
				rows := Rows{First: int64(k * testRows / 2), N: testRows / 2}
				for _, s := range texts(b.fill(t, f, rows, attempt)) {
					if seen[s] {
						t.Fatalf("%v: %s comes twice", pair, s)
					}
					seen[s] = true
				}
			}
		}
		if names[0] == "" || names[0] != names[1] {
			t.Errorf("%v: apart by %q and %q", pair, names[0], names[1])
		}
	}
	for _, pair := range [][2]string{
		{`person: {field: email, group: owner}`, `person: {field: email, group: other}`},
		{`person: {field: email, group: owner}`, `person: {field: username, group: owner}`},
		{`person: {field: email, group: owner}`, `person: {field: email, group: owner, locale: de_DE}`},
		{`person: {field: username, group: owner}`, `person: {field: username, group: owner, separator: _}`},
	} {
		one, _ := mustMake(t, pair[0])
		two, _ := mustMake(t, pair[1])
		if one.Facts().Apart == two.Facts().Apart {
			t.Errorf("%v: both are apart by %q", pair, one.Facts().Apart)
		}
	}
}

// TestNotBeforeFact: makers that say so keep cells from being before others, and a null is before none.
func TestNotBeforeFact(t *testing.T) {
	path := map[column.Kind]string{column.Timestamp: "created_at", column.Date: "born", column.Int: "number"}
	held := map[string]bool{}
	for _, text := range slices.Concat(examples, nullExamples) {
		if !TakesNotBefore(exampleMaker(t, text)) {
			continue
		}
		f, _ := mustMake(t, text)
		b := newBench()
		if path[f.Kind()] == "" {
			continue
		}
		b.c.NotBefore = []string{path[f.Kind()]}
		f, err := b.parse(text)
		if err != nil {
			continue // such as a distribution, which says so
		}
		s := &Span{Rows: Rows{N: testRows}, Inputs: b.cells(Rows{N: testRows}), Scratch: new(Scratch)}
		v := new(column.Vec)
		v.Reset(f.Kind())
		if err := f.Fill(v, s); err != nil {
			continue // the range ends before the other cell, which says so
		}
		at := slices.Index(b.inputs, path[f.Kind()])
		for i := range v.Len() {
			if at >= 0 && !v.Null(i) && v.Ints[i] < s.Inputs[at].Ints[i] {
				t.Fatalf("%s: row %d is %s, before %s", text, i, v.String(i), s.Inputs[at].String(i))
			}
		}
		held[exampleName(t, text)] = true
	}
	for _, name := range []string{"date", "integer", "offset"} {
		if !held[name] {
			t.Errorf("%s: not held with any example", name)
		}
	}
}

// TestGroupedFact: columns of a group are about the same row of the table.
func TestGroupedFact(t *testing.T) {
	for _, text := range examples {
		m := exampleMaker(t, text)
		if g, ok := m.(Grouped); ok && (g.GroupName() != "") != strings.Contains(text, "group:") {
			t.Errorf("%s: the group is %q", text, g.GroupName())
		}
	}
}
