package sqlite

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// FuzzCells: whatever cells are loaded, the file has the same ones.
func FuzzCells(f *testing.F) {
	f.Add("a\tb\\\n", []byte{0, 255}, int64(-1), 1.5, int64(123456789), true)
	f.Add("1e5", []byte{}, int64(-1<<63), math.Copysign(0, -1), int64(-1), false)
	f.Add("'\"😀\x7f", []byte("x'41'"), int64(1<<63-1), 1e308, int64(253402300799_999999), true)
	db := open(f, "sqlite:"+filepath.Join(f.TempDir(), "fuzz_test.db"), Options{Create: true})
	if err := db.CreateSchema(f.Context(), "create table t (id integer primary key, a text, b blob, i integer, x real, at timestamp, ok boolean)"); err != nil {
		f.Fatal(err)
	}
	all, err := db.Inspect(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	table := all.Table("t")
	target := &sink.Target{Table: table, Name: "t"}
	for _, c := range table.Columns {
		target.Columns, target.Kinds = append(target.Columns, c.Name), append(target.Kinds, c.Type.Kind)
	}
	key := int64(0)
	f.Fuzz(func(t *testing.T, text string, raw []byte, i int64, x float64, at int64, ok bool) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text)+len(raw) > 1<<16 || x != x {
			return // no cell can be this
		}
		if at < -62135596800_000000 || at > 253402300799_999999 {
			at = at % 1e15
		}
		key++
		b := &column.Batch{N: 1, Names: target.Columns}
		for k, put := range []func(v *column.Vec){
			func(v *column.Vec) { v.AppendInt(key) }, func(v *column.Vec) { v.AppendString(text) }, func(v *column.Vec) { v.AppendBytes(raw) },
			func(v *column.Vec) { v.AppendInt(i) }, func(v *column.Vec) { v.AppendFloat(x) }, func(v *column.Vec) { v.AppendInt(at) }, func(v *column.Vec) { v.AppendBool(ok) },
		} {
			v := new(column.Vec)
			v.Reset(target.Kinds[k])
			put(v)
			b.Vecs = append(b.Vecs, v)
		}
		l, err := db.Loader(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		if err = l.Write(t.Context(), b); err == nil {
			_, err = l.Commit(t.Context())
		}
		if e := l.Close(); err != nil || e != nil {
			t.Fatal(err, e)
		}
		var got column.Batch
		if found, err := db.ReadRows(t.Context(), target, "id", b.Vecs[0], &got); err != nil || !found[0] {
			t.Fatal(err)
		}
		for k, v := range b.Vecs {
			if !v.Equal(0, got.Vecs[k], 0) {
				t.Errorf("%s is %q, loaded was %q", target.Columns[k], got.Vecs[k].String(0), v.String(0))
			}
		}
	})
}

// FuzzIdent: a quoted name is one name to SQLite, whatever is in it.
func FuzzIdent(f *testing.F) {
	for _, s := range []string{"a", `"`, `a"; drop table t; --`, "a b", "`", "[x]", "'", "ß😀", "select"} {
		f.Add(s)
	}
	db := open(f, "sqlite:"+filepath.Join(f.TempDir(), "ident_test.db"), Options{Create: true})
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" || strings.ContainsRune(name, 0) || !utf8.ValidString(name) || len(name) > 100 || strings.HasPrefix(strings.ToLower(name), "sqlite_") || strings.HasPrefix(strings.ToLower(name), "sower_") {
			return
		}
		if err := db.CreateSchema(t.Context(), "create table "+quoteIdent(name)+" ("+quoteIdent(name)+" text)"); err != nil {
			t.Fatal(err)
		}
		n, err := db.CountRows(t.Context(), &schema.Table{Name: name})
		if err != nil || n != 0 {
			t.Error(n, err)
		}
		if err := db.CreateSchema(t.Context(), "drop table "+quoteIdent(name)); err != nil {
			t.Fatal(err)
		}
	})
}
