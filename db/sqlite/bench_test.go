package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

const contentDDL = `create table content_items (
	id integer primary key, title varchar(255) not null, content_type varchar(50) not null, content_data text not null, item_metadata json,
	creator_id uuid not null, created_at timestamp not null, updated_at timestamp not null, tags json, quality_score double precision, is_private boolean not null)`

// contentRows is a batch like those of the genonaut scenario's content tables, about 1.3 kB a row.
func contentRows(first int64, n int) (*sink.Target, *column.Batch) {
	t := &sink.Target{Name: "content_items", Table: &schema.Table{Name: "content_items"}}
	b := &column.Batch{First: first, N: n}
	add := func(name string, k column.Kind, cell func(v *column.Vec, i int)) {
		v := new(column.Vec)
		v.Reset(k)
		for i := range n {
			cell(v, i)
		}
		t.Columns, t.Kinds = append(t.Columns, name), append(t.Kinds, k)
		b.Names, b.Vecs = t.Columns, append(b.Vecs, v)
	}
	prompt := strings.Repeat("soft light, golden hour, ", 35)
	add("id", column.Int, func(v *column.Vec, i int) { v.AppendInt(first + int64(i) + 1) })
	add("title", column.Text, func(v *column.Vec, i int) { v.AppendString(prompt[i%40 : i%40+20]) })
	add("content_type", column.Text, func(v *column.Vec, i int) { v.AppendString("image") })
	add("content_data", column.Text, func(v *column.Vec, i int) {
		v.AppendString("io/storage/images/01234567-89ab-4def-8012-3456789abcde.png")
	})
	add("item_metadata", column.JSON, func(v *column.Vec, i int) {
		v.AppendString(`{"tags": ["portrait", "sunset", "forest"], "style": "anime", "prompt": "` + prompt + `", "resolution": "1024x1024"}`)
	})
	add("creator_id", column.UUID, func(v *column.Vec, i int) {
		v.AppendUUID([16]byte{byte(i * 37), byte(i >> 8), 2, 3, 4, 5, 0x46})
	})
	add("created_at", column.Timestamp, func(v *column.Vec, i int) { v.AppendInt(1_746_057_600_000_000 + int64(i)*1_234_567) })
	add("updated_at", column.Timestamp, func(v *column.Vec, i int) { v.AppendInt(1_746_057_600_000_000 + int64(i)*1_234_567) })
	add("tags", column.JSON, func(v *column.Vec, i int) { v.AppendString(`["portrait", "sunset", "forest", "castle"]`) })
	add("quality_score", column.Float, func(v *column.Vec, i int) { v.AppendFloat(float64(i%101) / 100) })
	add("is_private", column.Bool, func(v *column.Vec, i int) { v.AppendBool(i%10 == 0) })
	return t, b
}

func benchRows(b *testing.B, rows int, load func(db *DB, t *sink.Target, batch *column.Batch, batches int)) {
	t, batch := contentRows(0, 4096)
	for b.Loop() {
		db := open(b, "sqlite:"+filepath.Join(b.TempDir(), "x.db"), Options{Create: true})
		if err := db.CreateSchema(b.Context(), contentDDL); err != nil {
			b.Fatal(err)
		}
		load(db, t, batch, rows/4096)
		if n := scalar(b, db, "select count(*) from content_items"); n != fmt.Sprint(rows/4096*4096) {
			b.Fatalf("%s rows", n)
		}
		db.Close()
	}
	b.ReportMetric(float64(rows/4096*4096)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func nextBatch(batch *column.Batch, i int) *column.Batch {
	ids := new(column.Vec)
	ids.Reset(column.Int)
	for k := range batch.N {
		ids.AppendInt(int64(i*batch.N + k + 1))
	}
	next := *batch
	next.First = int64(i * batch.N)
	next.Vecs = append([]*column.Vec{ids}, batch.Vecs[1:]...)
	return &next
}

// BenchmarkLoader is the way it is done: a virtual table over the encoded batch.
func BenchmarkLoader(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			benchRows(b, 100_000, func(db *DB, t *sink.Target, batch *column.Batch, batches int) {
				var wg sync.WaitGroup
				for w := range workers {
					wg.Go(func() {
						l, err := db.Loader(b.Context(), t)
						if err != nil {
							b.Error(err)
							return
						}
						defer l.Close()
						for i := w; i < batches; i += workers {
							if err := l.Write(b.Context(), nextBatch(batch, i)); err != nil {
								b.Error(err)
							}
							if _, err := l.Commit(b.Context()); err != nil {
								b.Error(err)
							}
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

// BenchmarkBound is what the Loader is measured against: multi-row VALUES with bound parameters, on the
// driver's own statement with its arguments used again. In each, the encoding is the Loader's.
func BenchmarkBound(b *testing.B) {
	for _, perStatement := range []int{1, 4, 8, 32, 128} {
		b.Run(fmt.Sprint(perStatement), func(b *testing.B) {
			benchRows(b, 100_000, func(db *DB, t *sink.Target, batch *column.Batch, batches int) {
				if err := db.writer.Raw(func(c any) error { return loadBound(b.Context(), c, t, batch, batches, perStatement) }); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func loadBound(ctx context.Context, conn any, t *sink.Target, batch *column.Batch, batches, perStatement int) error {
	width := len(t.Columns)
	row := "(?" + strings.Repeat(", ?", width-1) + ")"
	affs := make([]affinity, width)
	for i := range affs {
		affs[i] = affText
	}
	insert := "insert into content_items (" + quoteIdents(t.Columns) + ") values " + row + strings.Repeat(", "+row, perStatement-1)
	stmt, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	defer stmt.Close()
	args := make([]driver.NamedValue, width*perStatement)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	var e encoded
	for i := range batches {
		if err := e.encode(nextBatch(batch, i), affs); err != nil {
			return err
		}
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "begin immediate", nil); err != nil {
			return err
		}
		for r := 0; r < e.n; r += perStatement {
			for k := range args {
				args[k].Value = e.cols[k%width].value(r + k/width)
			}
			if r+perStatement > e.n {
				return fmt.Errorf("%d rows a statement do not divide the batch", perStatement)
			}
			if _, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args); err != nil {
				return err
			}
		}
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "commit", nil); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkEncode(b *testing.B) {
	_, batch := contentRows(0, 4096)
	affs := make([]affinity, len(batch.Vecs))
	var e encoded
	for b.Loop() {
		if err := e.encode(batch, affs); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(batch.Bytes())
}
