package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

// BenchmarkFormat copies eight columns of one type into a table without any index, in COPY's two formats.
// What counts is the CPU time of the server, a cell: it does not change with what else the machine does,
// but it is known on Linux only. The figures behind pgcopy.Better come from here.
func BenchmarkFormat(b *testing.B) {
	s := pgtest.Shared(b, 0)
	r := rand.New(rand.NewPCG(1, 2))
	text := func(n int) func(v *column.Vec) {
		return func(v *column.Vec) {
			v.AppendString(strings.Repeat(fmt.Sprintf("word %d of a text, ", r.IntN(1e6)), n/18+1)[:n])
		}
	}
	for _, c := range []struct {
		name, typ string
		kind      column.Kind
		fill      func(v *column.Vec)
	}{
		{"bool", "boolean", column.Bool, func(v *column.Vec) { v.AppendBool(r.IntN(2) == 0) }},
		{"int2", "smallint", column.Int, func(v *column.Vec) { v.AppendInt(r.Int64N(1000)) }},
		{"int4", "integer", column.Int, func(v *column.Vec) { v.AppendInt(r.Int64N(1e6)) }},
		{"int8", "bigint", column.Int, func(v *column.Vec) { v.AppendInt(r.Int64N(1e12)) }},
		{"float8 hundredths", "double precision", column.Float, func(v *column.Vec) { v.AppendFloat(float64(r.IntN(101)) / 100) }},
		{"float8", "double precision", column.Float, func(v *column.Vec) { v.AppendFloat(r.Float64()) }},
		{"numeric", "numeric(12,2)", column.Decimal, func(v *column.Vec) { v.Scale = 2; v.AppendInt(r.Int64N(1e8)) }},
		{"date", "date", column.Date, func(v *column.Vec) { v.AppendInt(20000 + r.Int64N(400)) }},
		{"time", "time", column.Time, func(v *column.Vec) { v.AppendInt(r.Int64N(86400) * 1e6) }},
		{"timestamp", "timestamp", column.Timestamp, func(v *column.Vec) { v.AppendInt(1_746_072_000_000_000 + r.Int64N(12_000_000)*1e6) }},
		{"timestamptz", "timestamptz", column.Timestamp, func(v *column.Vec) { v.AppendInt(1_746_072_000_000_000 + r.Int64N(12_000_000)*1e6) }},
		{"uuid", "uuid", column.UUID, func(v *column.Vec) {
			var u [16]byte
			for i := range u {
				u[i] = byte(r.Uint32())
			}
			v.AppendUUID(u)
		}},
		{"text 8", "text", column.Text, text(8)},
		{"varchar 30", "varchar(60)", column.Text, text(30)},
		{"text 300", "text", column.Text, text(300)},
		{"bytea 100", "bytea", column.Bytes, text(100)},
		{"jsonb 60", "jsonb", column.JSON, func(v *column.Vec) {
			v.AppendString(fmt.Sprintf(`{"a": %d, "kind": "some", "tags": ["x", "y", "z"], "w": 1.5}`, r.IntN(1e6)))
		}},
	} {
		const columns, rows = 8, 5000
		var ddl []string
		for i := range columns {
			ddl = append(ddl, fmt.Sprintf("c%d %s", i, c.typ))
		}
		var vecs []*column.Vec
		for range columns {
			v := new(column.Vec)
			v.Reset(c.kind)
			for range rows {
				c.fill(v)
			}
			vecs = append(vecs, v)
		}
		for _, format := range []string{"text", "binary"} {
			b.Run(c.name+"/"+format, func(b *testing.B) {
				_, url := fresh(b, s, "create table t ("+strings.Join(ddl, ", ")+")")
				db := open(b, url, postgres.Options{Copy: format})
				tg := target(b, inspect(b, db), "t")
				l, err := db.Loader(b.Context(), tg)
				if err != nil {
					b.Fatal(err)
				}
				defer l.Close()
				batch := batch(0, tg, vecs...)
				before := childrenCPU(b, s.PID)
				for b.Loop() {
					if err := l.Write(b.Context(), batch); err != nil {
						b.Fatal(err)
					}
				}
				spent := childrenCPU(b, s.PID) - before
				b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/columns/rows, "server-ns/cell")
			})
		}
	}
}

// childrenCPU is the CPU time of a server's sessions.
func childrenCPU(b *testing.B, pid int) time.Duration {
	b.Helper()
	var ticks int64
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(rest)
		if len(f) < 13 || f[1] != strconv.Itoa(pid) {
			continue
		}
		for _, x := range f[11:13] {
			n, _ := strconv.ParseInt(x, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * (time.Second / 100)
}
