package column_test

import (
	"math"
	"slices"
	"testing"

	"github.com/sowerdata/sower/column"
)

// vecs are cells of every kind, a null among them.
func vecs() []*column.Vec {
	vec := func(k column.Kind, add func(v *column.Vec)) *column.Vec {
		v := new(column.Vec)
		v.Reset(k)
		add(v)
		v.AppendNull()
		return v
	}
	ints := func(v *column.Vec) { v.AppendInt(1); v.AppendInt(-7); v.AppendInt(0) }
	texts := func(v *column.Vec) { v.AppendString(""); v.AppendString("a"); v.AppendString("b") }
	out := []*column.Vec{
		vec(column.Float, func(v *column.Vec) {
			v.AppendFloat(math.Copysign(0, -1))
			v.AppendFloat(1.5)
			v.AppendFloat(math.NaN())
		}),
		vec(column.UUID, func(v *column.Vec) { v.AppendUUID([16]byte{1}); v.AppendUUID([16]byte{2}); v.AppendUUID([16]byte{3}) }),
	}
	for _, k := range []column.Kind{column.Int, column.Decimal, column.Date, column.Time, column.Timestamp, column.Bool} {
		out = append(out, vec(k, ints))
	}
	for _, k := range []column.Kind{column.Text, column.JSON, column.Bytes, column.Literal} {
		out = append(out, vec(k, texts))
	}
	return out
}

func batchOf(first int64, vecs ...*column.Vec) *column.Batch {
	b := &column.Batch{First: first, N: vecs[0].Len(), Vecs: vecs}
	for i := range vecs {
		b.Names = append(b.Names, string(rune('a'+i)))
	}
	return b
}

// Rows have the same digest in any pieces, in any order of rows and of columns, and by whichever cells are equal.
func TestDigestSums(t *testing.T) {
	var s column.Summer
	all := vecs()
	whole := s.Sum(batchOf(0, all...))
	var parts column.Digest
	for i := all[0].Len() - 1; i >= 0; i-- {
		b := batchOf(int64(i), slices.Clone(all)...)
		b.N = 1
		for k := range all {
			v := all[k].View(i, i+1)
			b.Vecs[k] = &v
		}
		for k := range len(b.Vecs) / 2 {
			j := len(b.Vecs) - 1 - k
			b.Vecs[k], b.Vecs[j], b.Names[k], b.Names[j] = b.Vecs[j], b.Vecs[k], b.Names[j], b.Names[k]
		}
		parts.Add(s.Sum(b))
	}
	if parts != whole {
		t.Errorf("%v and %v", parts, whole)
	}
	back, err := column.DigestOf(whole.Bytes())
	if err != nil || back != whole {
		t.Errorf("%v, %v", back, err)
	}
	if _, err := column.DigestOf([]byte{1}); err == nil {
		t.Error("a digest of one byte")
	}
	other := vecs()
	other[0].Floats[0] = 0 // equal to -0
	for _, v := range other {
		if v.Kind == column.Decimal && !v.Rescale(4) {
			t.Fatal("rescale")
		}
	}
	if s.Sum(batchOf(0, other...)) != whole {
		t.Error("equal cells have other digests")
	}
}

// Whatever is changed of a row shows: a cell, a null, which row a cell is of, the column's name, its kind.
func TestDigestTells(t *testing.T) {
	var s column.Summer
	seen := map[column.Digest]string{}
	tell := func(what string, b *column.Batch) {
		d := s.Sum(b)
		if other, ok := seen[d]; ok {
			t.Errorf("%s looks like %s", what, other)
		}
		seen[d] = what
	}
	tell("all", batchOf(0, vecs()...))
	for k := range vecs() {
		all := vecs()
		v := all[k]
		first, last := v.View(0, 1), v.View(1, v.Len())
		turned := new(column.Vec)
		turned.ResetAs(v)
		turned.AppendVec(&last)
		turned.AppendVec(&first)
		all[k] = turned
		tell("another order of "+v.Kind.String(), batchOf(0, all...))
		all = vecs()
		null := new(column.Vec)
		null.ResetAs(v)
		null.AppendNull()
		null.AppendVec(&last)
		all[k] = null
		tell("a null of "+v.Kind.String(), batchOf(0, all...))
		b := batchOf(0, vecs()...)
		b.Names[k] += "x"
		tell("another name of "+v.Kind.String(), b)
	}
	ints := func(k column.Kind) *column.Vec {
		v := new(column.Vec)
		v.Reset(k)
		v.AppendInt(1)
		return v
	}
	tell("an integer", batchOf(0, ints(column.Int)))
	tell("a date", batchOf(0, ints(column.Date)))
}

func BenchmarkDigest(b *testing.B) {
	const n = 10_000
	var ids, texts column.Vec
	ids.Reset(column.Int)
	texts.Reset(column.Text)
	for i := range n {
		ids.AppendInt(int64(i))
		texts.AppendString("some words of a title")
	}
	for name, vecs := range map[string][]*column.Vec{"int": {&ids}, "text": {&texts}, "6 ints and 2 texts": {&ids, &ids, &ids, &ids, &ids, &ids, &texts, &texts}} {
		b.Run(name, func(b *testing.B) {
			bt := batchOf(0, vecs...)
			var s column.Summer
			for b.Loop() {
				s.Sum(bt)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
