package postgres_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// FuzzCopy: whatever cells are loaded, in either format of COPY, the server has the same ones.
func FuzzCopy(f *testing.F) {
	f.Add("a\tb\\\n", []byte{0, 255}, int64(-1), 1.5, int64(123456789), true)
	f.Add(`\N`, []byte{}, int64(math.MinInt64), math.Inf(-1), int64(-1), false)
	f.Add("\\.", []byte("\\x41"), int64(math.MaxInt64), 5e-324, int64(253402300799_999999), false)
	f.Add("😀\x7f\r", []byte("'"), int64(0), math.Copysign(0, -1), int64(-62135596800_000000), true)
	s := pgtest.Shared(f, 0)
	url := s.NewDatabase(f, "fuzz")
	s.Psql(f, url, "create table t (id bigint primary key, a text, b bytea, i bigint, x double precision, at timestamp, d date, n numeric(18,4), u uuid, ok boolean)")
	stores := map[string]*postgres.DB{"text": open(f, url, postgres.Options{Copy: "text"}), "binary": open(f, url, postgres.Options{Copy: "binary"})}
	t0 := target(f, inspect(f, stores["text"]), "t")
	key := int64(0)
	f.Fuzz(func(t *testing.T, text string, raw []byte, i int64, x float64, at int64, ok bool) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text)+len(raw) > 1<<16 || x != x {
			return // no cell can be this
		}
		const day = 24 * 3600 * 1_000_000
		if at < -62135596800_000000 || at > 253402300799_999999 {
			at %= 253402300799_999999 / 2
			if at < 0 {
				at = -at
			}
		}
		b := &column.Batch{N: 1, Names: t0.Columns}
		vec := func(k column.Kind, scale int32, put func(v *column.Vec)) {
			v := new(column.Vec)
			v.Reset(k)
			v.Scale = scale
			put(v)
			b.Vecs = append(b.Vecs, v)
		}
		vec(column.Int, 0, func(v *column.Vec) { v.AppendInt(0) })
		vec(column.Text, 0, func(v *column.Vec) { v.AppendString(text) })
		vec(column.Bytes, 0, func(v *column.Vec) { v.AppendBytes(raw) })
		vec(column.Int, 0, func(v *column.Vec) { v.AppendInt(i) })
		vec(column.Float, 0, func(v *column.Vec) { v.AppendFloat(x) })
		vec(column.Timestamp, 0, func(v *column.Vec) { v.AppendInt(at) })
		vec(column.Date, 0, func(v *column.Vec) { v.AppendInt(at / day) })
		vec(column.Decimal, 4, func(v *column.Vec) { v.AppendInt(i % 1e18) })
		vec(column.UUID, 0, func(v *column.Vec) {
			var u [16]byte
			copy(u[:], raw)
			v.AppendUUID(u)
		})
		vec(column.Bool, 0, func(v *column.Vec) { v.AppendBool(ok) })
		for format, db := range stores {
			key++
			b.Vecs[0].Ints[0] = key
			roundTrip(t, db, t0, b, format)
		}
	})
}

func roundTrip(t *testing.T, db *postgres.DB, target *sink.Target, b *column.Batch, format string) {
	t.Helper()
	l, err := db.Loader(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	err = l.Write(t.Context(), b)
	if err == nil {
		_, err = l.Commit(t.Context())
	}
	if e := l.Close(); err == nil {
		err = e
	}
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	var got column.Batch
	if found, err := db.ReadRows(t.Context(), target, "id", b.Vecs[0], &got); err != nil || !found[0] {
		t.Fatalf("%s: %v", format, err)
	}
	for k, v := range b.Vecs {
		if !v.Equal(0, got.Vecs[k], 0) {
			t.Errorf("%s: %s is %q, loaded was %q", format, target.Columns[k], got.Vecs[k].String(0), v.String(0))
		}
	}
}
