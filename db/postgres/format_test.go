package postgres_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

// Text and binary bring the same rows, for every pair of kind and type that has both.
func TestFormatsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	ints := func(most int64) func(*column.Vec) {
		return func(v *column.Vec) { v.AppendInt((r.Int64()>>r.IntN(63))%most - most/2) }
	}
	decimals := func(scale int32) func(*column.Vec) {
		return func(v *column.Vec) {
			v.Scale = scale
			x := (r.Int64() >> r.IntN(63)) % 1_000_000_000_000_000_000
			if r.IntN(3) == 0 {
				x -= x % 1_000_000
			}
			v.AppendInt(x - 2*x*r.Int64N(2))
		}
	}
	texts := func(v *column.Vec) { v.AppendString([]string{"", "a\tb\\c\n", "é😀", `\N`, " pad "}[r.IntN(5)]) }
	columns := []struct {
		typ  string
		kind column.Kind
		fill func(v *column.Vec)
	}{
		{"int primary key", column.Int, nil}, // the row
		{"smallint", column.Int, ints(1 << 15)}, {"integer", column.Int, ints(1 << 31)}, {"bigint", column.Int, ints(math.MaxInt64)},
		{"real", column.Int, ints(1 << 60)}, {"double precision", column.Int, ints(math.MaxInt64)}, {"numeric", column.Int, ints(math.MaxInt64)},
		{"numeric(18, 0)", column.Decimal, decimals(0)}, {"numeric(18, 1)", column.Decimal, decimals(1)}, {"numeric(18, 2)", column.Decimal, decimals(2)},
		{"numeric(18, 3)", column.Decimal, decimals(3)}, {"numeric(18, 4)", column.Decimal, decimals(4)}, {"numeric(18, 9)", column.Decimal, decimals(9)},
		{"numeric(18, 18)", column.Decimal, decimals(18)}, {"numeric", column.Decimal, decimals(5)}, {"numeric", column.Decimal, decimals(30)},
		{"double precision", column.Float, func(v *column.Vec) { v.AppendFloat(math.Float64frombits(r.Uint64())) }},
		{"real", column.Float, func(v *column.Vec) { v.AppendFloat(float64(math.Float32frombits(r.Uint32()))) }},
		{"real", column.Float, func(v *column.Vec) { v.AppendFloat(r.Float64()) }},
		{"boolean", column.Bool, func(v *column.Vec) { v.AppendBool(r.IntN(2) == 0) }},
		{"date", column.Date, func(v *column.Vec) { v.AppendInt(r.Int64N(3_000_000) - 719162) }},
		{"time", column.Time, func(v *column.Vec) { v.AppendInt(r.Int64N(86_400_000_001)) }},
		{"timestamp", column.Timestamp, func(v *column.Vec) { v.AppendInt(r.Int64N(4e17) - 1e17) }},
		{"timestamptz", column.Timestamp, func(v *column.Vec) { v.AppendInt(r.Int64N(4e17) - 1e17) }},
		{"uuid", column.UUID, func(v *column.Vec) { v.AppendUUID([16]byte{byte(r.Uint32()), byte(r.Uint32()), 15: 1}) }},
		{"text", column.UUID, func(v *column.Vec) { v.AppendUUID([16]byte{byte(r.Uint32()), 15: 0xfa}) }},
		{"text", column.Timestamp, func(v *column.Vec) { v.AppendInt(r.Int64N(4e17)) }},
		{"text", column.Int, ints(math.MaxInt64)}, {"text", column.Bool, func(v *column.Vec) { v.AppendBool(r.IntN(2) == 0) }},
		{"text", column.Text, texts}, {"varchar(20)", column.Text, texts}, {"char(7)", column.Text, texts}, {"name", column.Text, texts}, {"text", column.Literal, texts},
		{"mood", column.Text, func(v *column.Vec) { v.AppendString([]string{"sad", "o'k", "Ünhappy"}[r.IntN(3)]) }},
		{"short", column.Text, func(v *column.Vec) { v.AppendString("abc"[:r.IntN(4)]) }},
		{"json", column.JSON, func(v *column.Vec) { v.AppendString(`{"b": 1, "a": "\\n\t"}`) }},
		{"jsonb", column.JSON, func(v *column.Vec) { v.AppendString(`{"b": [1.50, null], "a": "\\n é"}`) }},
		{"text", column.JSON, func(v *column.Vec) { v.AppendString(`{"a": 1}`) }},
		{"jsonb", column.Text, func(v *column.Vec) { v.AppendString(`[]`) }},
		{"bytea", column.Bytes, func(v *column.Vec) { v.AppendBytes([]byte{0, '\\', byte(r.Uint32())}[:r.IntN(4)]) }},
	}
	const n = 3000
	var defs []string
	var vecs []*column.Vec
	for i, c := range columns {
		defs = append(defs, fmt.Sprintf("c%d %s", i, c.typ))
		v := vec(c.kind)
		for range n {
			switch {
			case i == 0:
				v.AppendInt(int64(v.Len()))
			case r.IntN(9) == 0:
				v.AppendNull()
			default:
				c.fill(v)
			}
		}
		vecs = append(vecs, v)
	}
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		defs := strings.Join(defs, ", ")
		_, url := fresh(t, s, "create type mood as enum ('sad', 'o''k', 'Ünhappy'); create domain short as text check (length(value) < 4); "+
			"create table as_text ("+defs+"); create table as_binary ("+defs+")")
		for _, format := range []string{"text", "binary"} {
			db := open(t, url, postgres.Options{Copy: format})
			tg := target(t, inspect(t, db), "as_"+format)
			for i, c := range columns {
				tg.Kinds[i] = c.kind
			}
			load(t, db, tg, batch(0, tg, vecs...))
		}
		for i, c := range columns {
			col := fmt.Sprintf("c%d", i)
			if c.typ == "json" {
				col += "::text"
			}
			// Rows are compared by their bytes as the server sends them: -0 and 0 differ, and so do 1.0 and 1.00.
			out := s.Psql(t, url, fmt.Sprintf("select count(*), count(*) filter (where a.x is distinct from b.x) from (select c0 n, %s::text x from as_text) a join (select c0 n, %[1]s::text x from as_binary) b using (n)", col))
			if strings.TrimSpace(out) != fmt.Sprintf("%d|0", n) {
				t.Errorf("%s into %s: rows and differing ones: %s", c.kind, c.typ, out)
			}
		}
	})
}

// Errors name the row in both formats.
func TestFormatErrors(t *testing.T) {
	s := pgtest.Shared(t, 0)
	_, url := fresh(t, s, "create table t (id int primary key, u uuid, x text, r real, s smallint)")
	for _, format := range []string{"text", "binary"} {
		db := open(t, url, postgres.Options{Copy: format})
		tg := target(t, inspect(t, db), "t")
		ids, u, x, f, small := vec(column.Int, 1, 2), vec(column.UUID, nil, nil), vec(column.Text, nil, nil), vec(column.Float, nil, nil), vec(column.Int, nil, nil)
		for _, c := range []struct {
			want string
			b    *column.Batch
		}{
			{"row 41", batch(40, tg, vec(column.Int, 1, 1), u, x, f, small)},
			{"t.x row 41: the text holds a NUL", batch(40, tg, ids, u, vec(column.Text, "ok", "a\x00b"), f, small)},
			{"row 41", batch(40, tg, ids, u, x, vec(column.Float, 1.0, 1e300), small)},
			{"out of", batch(40, tg, ids, u, x, vec(column.Float, 1.0, 1e300), small)},
			{"row 41", batch(40, tg, ids, u, x, f, vec(column.Int, 1, 70000))},
			{"out of", batch(40, tg, ids, u, x, f, vec(column.Int, 1, 70000))},
		} {
			if err := tryLoad(t, db, tg, c.b); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", format, err, c.want)
			}
		}
	}
}
