package sqlite

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// Tables that refer to one another are loaded in one transaction: all of it stands or nothing.
func TestJoin(t *testing.T) {
	db := create(t, `create table a (id integer primary key, b_id integer not null references b);
		create table b (id integer primary key, a_id integer not null references a)`)
	r := &sink.Run{Blueprint: "x", State: sink.Running, Identity: "x"}
	if err := db.SaveRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	db.UseRun(r.Number)
	tables := []*sink.Target{targetFor(t, db, "a", "id", "b_id"), targetFor(t, db, "b", "id", "a_id")}
	edges, err := db.Edges(t.Context(), tables)
	if err != nil || len(edges) != 2 {
		t.Fatalf("edges %v, %v", edges, err)
	}
	fill := func(cells ...string) error {
		g, err := db.Join(t.Context(), tables)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		}()
		for _, i := range g.Order() {
			b := &column.Batch{First: int64(len(cells)), N: len(cells), Names: tables[i].Columns, Vecs: []*column.Vec{vec(t, column.Int, 0, cells...), vec(t, column.Int, 0, append(cells[1:], cells[0])...)}}
			if err := g.Write(t.Context(), i, b); err != nil {
				return err
			}
		}
		n, err := g.Commit(t.Context())
		if err == nil && (n[0] != int64(len(cells)) || n[1] != n[0]) {
			t.Errorf("%d rows were counted", n)
		}
		return err
	}
	if err := fill("1", "2", "3"); err != nil {
		t.Fatal(err)
	}
	if err := fill("4", "3"); err == nil || !strings.Contains(err.Error(), "UNIQUE") {
		t.Errorf("a double key: %v", err)
	}
	for _, tg := range tables {
		n, err := db.CountRows(t.Context(), tg.Table)
		ledger, lerr := db.Ledger(t.Context(), r.Number, tg.Name)
		if n != 3 || err != nil || len(ledger) != 1 || lerr != nil {
			t.Errorf("%s has %d rows, ledger %v, %v, %v", tg.Name, n, ledger, err, lerr)
		}
	}
	// Half of a circle refers to rows that are not there.
	g, err := db.Join(t.Context(), tables)
	if err != nil {
		t.Fatal(err)
	}
	b := &column.Batch{First: 10, N: 1, Names: tables[0].Columns, Vecs: []*column.Vec{vec(t, column.Int, 0, "10"), vec(t, column.Int, 0, "10")}}
	if err := g.Write(t.Context(), 0, b); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Commit(t.Context()); err == nil || !strings.Contains(err.Error(), "a row of a refers to a row of b that is not there") {
		t.Errorf("an orphan: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if n, err := db.CountRows(t.Context(), tables[0].Table); n != 3 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}
