package postgres_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// Several connections read every row of one moment once, whatever others do meanwhile; an error of one ends all, and the
// database can be read after it.
func TestScanBeside(t *testing.T) {
	defer postgres.SetPartPages(postgres.SetPartPages(10))
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "create table t (id int, n numeric, x text); insert into t select i, i / 8.0, repeat('x', 300) from generate_series(1, 20000) i")
		target := &sink.Target{Table: inspect(t, db).Table("t"), Name: "t", Columns: []string{"id", "n"}, Kinds: []column.Kind{column.Int, column.Decimal}}
		for _, connections := range []int{1, 3} {
			var mu sync.Mutex
			seen, readers := map[int64]bool{}, map[int]bool{}
			twice, wrong, rows := 0, 0, 0
			err := db.ScanBeside(t.Context(), target, connections, func(reader int, b *column.Batch) error {
				mu.Lock()
				defer mu.Unlock()
				if len(readers) == 0 {
					s.Psql(t, url, "delete from t where id > 10000 and id < 20001; insert into t select i, 0, 'y' from generate_series(30001, 40000) i")
				}
				readers[reader] = true
				rows += b.N
				for i, id := range b.Vecs[0].Ints {
					if seen[id] {
						twice++
					}
					seen[id] = true
					want := new(column.Vec) // an eighth has three digits
					want.Reset(column.Decimal)
					want.Scale = 3
					want.AppendInt(id * 125)
					if !b.Vecs[1].Equal(i, want, 0) {
						wrong++
					}
				}
				return nil
			})
			if err != nil || rows != 20000 || twice != 0 || wrong != 0 || !seen[20000] || seen[30001] {
				t.Errorf("%d connections: %d rows, %d twice, %d wrong, %v", connections, rows, twice, wrong, err)
			}
			if got := len(readers); connections == 1 && got != 1 || got > connections {
				t.Errorf("%d connections: %d readers", connections, got)
			}
			s.Psql(t, url, "truncate t; insert into t select i, i / 8.0, repeat('x', 300) from generate_series(1, 20000) i")
		}
		stop := errors.New("stop")
		if err := db.ScanBeside(t.Context(), target, 3, func(int, *column.Batch) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("an error of each is not passed on: %v", err)
		}
		if n, err := db.CountRows(t.Context(), target.Table); err != nil || n != 20000 {
			t.Errorf("after a scan that was stopped: %d rows, %v", n, err)
		}
		s.Psql(t, url, "insert into t values (0, 'NaN', '')")
		err := db.ScanBeside(t.Context(), target, 3, func(int, *column.Batch) error { return nil })
		wants(t, err, `column "n": the value with the bytes`, "is no cell of kind decimal")
	})
}
