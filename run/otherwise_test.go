package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// The generators of another release: with the same arguments they make other cells, and say so.
type (
	laterWord gen.Word
	laterUUID gen.UUID
	keptWord  gen.Word // still makes what version 1 made
)

func later(c *gen.Context) *gen.Context {
	other := *c
	other.Key = c.Key.Derive("a later release")
	return &other
}

func (*laterWord) OutputVersion() int                        { return 2 }
func (m *laterWord) Make(c *gen.Context) (gen.Filler, error) { return (*gen.Word)(m).Make(later(c)) }
func (*laterUUID) OutputVersion() int                        { return 5 }
func (m *laterUUID) Make(c *gen.Context) (gen.Filler, error) { return (*gen.UUID)(m).Make(later(c)) }
func (*keptWord) OutputVersion() int                         { return 2 }
func (*keptWord) Oldest() int                                { return 1 }
func (m *keptWord) Make(c *gen.Context) (_ gen.Filler, err error) {
	if c.Version > 1 {
		c = later(c)
	}
	return (*gen.Word)(m).Make(c)
}

// otherRelease lets this process be another release of sower until the test ends, or back is called.
func otherRelease(t testing.TB, name string, maker func() gen.Maker) (back func()) {
	undo := gen.Replace(name, maker)
	t.Cleanup(undo)
	return undo
}

func words() gen.Maker { return new(laterWord) }
func uuids() gen.Maker { return new(laterUUID) }

const marketDDL = `
create table people (id integer primary key, name varchar(50) not null, nick varchar(80) not null, born date not null);
create table orders (id uuid primary key, person_id integer not null references people, tag varchar(50) not null, total integer not null);
create table lines (order_id uuid not null references orders, number integer not null, amount integer not null, primary key (order_id, number));
create table ratings (person_id integer not null references people, place integer not null, said varchar(50) not null, primary key (person_id, place));
create table log (at date not null, said varchar(50) not null, n integer not null);
`

const marketTables = `
  people: {rows: 300, columns: {id: sequence, name: {word: color}, nick: {template: "{name} {id}"}, born: {date: {from: "1950-01-01", to: "2005-12-31"}}}}
  orders: {rows: 400, columns: {id: uuid, person_id: {reference: people}, tag: {word: tag}, total: {integer: {min: 1, max: 900}}}}
  lines: {rows: 600, columns: {order_id: {reference: orders}, number: {integer: {min: 1, max: 40}}, amount: {integer: {min: 1, max: 9}}}}
  ratings: {rows: 500, columns: {person_id: {reference: people}, place: {integer: {min: 1, max: 60}}, said: {word: color}}}
  log: {rows: 350, columns: {at: {date: {from: "2025-01-01", to: "2025-12-31"}}, said: {word: color}, n: {integer: {min: 1, max: 1000000}}}}
`

func market(t testing.TB) *blueprint.Blueprint { return blueprintOf(t, marketTables) }

// small batches let a digest speak of few rows.
var small = run.Options{BatchRows: 50, Version: "v1"}

func texts(v *run.Verdict) string {
	var out []string
	for _, f := range v.Rules {
		verdict := "ok "
		if !f.OK {
			verdict = "BROKEN "
		}
		out = append(out, verdict+f.Text+" | "+f.Detail)
	}
	return strings.Join(out, "\n")
}

// says fails where a text lacks one of some others.
func says(t testing.TB, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}

// A run of another release is complete: nothing is made, cells are held against the recorded digests, what uses other
// generators cell by cell, and clean takes all of it away.
func TestOtherRelease(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		for name, c := range map[string]struct {
			maker func() gen.Maker
			says  []string
		}{
			"word": {words, []string{"people.name (word version 1, now 2)", "people.nick (made from people.name)", "orders.tag (word version 1, now 2)",
				"ratings.said (word version 1, now 2)", "log.said (word version 1, now 2)"}},
			"uuid": {uuids, []string{"orders.id (uuid version 1, now 5)", "lines.order_id (made from orders.id)"}},
		} {
			t.Run(name, func(t *testing.T) {
				s, b := db.open(), market(t)
				create(t, s, marketDDL)
				defer create(t, s, "drop table log; drop table ratings; drop table lines; drop table orders; drop table people;")
				db.exec(t, s, "insert into people (id, name, nick, born) values (100000, 'Somebody', 'x', '2000-01-01')")
				generate(t, s, b, 1, small)
				cells := holds(t, s, b, small).Cells
				back := otherRelease(t, name, c.maker)
				report := generate(t, s, b, 1, small)
				if report.Rows != 0 || report.State != "already complete" {
					t.Errorf("%d rows, %s", report.Rows, report.State)
				}
				says(t, strings.Join(report.Notices, "\n"), append(c.says, "they stay as they are")...)
				v := holds(t, s, b, small)
				says(t, texts(v), append(c.says, "have the digests that the run recorded for its")...)
				if v.Cells < cells {
					t.Errorf("%d cells were looked at, and %d by the release that made them", v.Cells, cells)
				}
				dry := clean(t, s, b, run.CleanOptions{Options: small, DryRun: true})
				done := clean(t, s, b, run.CleanOptions{Options: small})
				for table, n := range map[string]int64{"people": 300, "orders": 400, "lines": 600, "ratings": 500, "log": 350} {
					if got := of(done, table); got.Deleted != n || of(dry, table).Deleted != n || got.Untold+got.Changed+got.Missing > 0 {
						t.Errorf("%+v, in the dry run %+v", got, of(dry, table))
					}
				}
				if !done.Forgotten {
					t.Error("the record is there")
				}
				want(t, s, 1, "select count(*) from people")
				want(t, s, 0, "select count(*) from log")
				generate(t, s, b, 1, small) // with this release's cells
				if v := holds(t, s, b, small); strings.Contains(texts(v), "otherwise") {
					t.Errorf("of a run of its own it says\n%s", texts(v))
				}
				back()
				says(t, texts(holds(t, s, b, small)), "now 1)")
				clean(t, s, b, run.CleanOptions{Options: small})
			})
		}
	})
}

// What is changed in cells that this release makes otherwise is found by digests; which of a batch's rows it is cannot be
// told, so they stay, with what they refer to, and so does the record.
func TestOtherReleaseChanged(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), market(t)
		create(t, s, marketDDL)
		generate(t, s, b, 1, small)
		db.exec(t, s, "update orders set tag = 'mine' where total = (select min(total) from orders)")
		db.exec(t, s, "update people set born = '1900-01-01' where id = 7")
		db.exec(t, s, "delete from ratings where place = (select min(place) from ratings)")
		gone := 500 - query(t, s, "select count(*) from ratings")
		db.exec(t, s, "update log set said = 'mine' where n = (select min(n) from log)")
		changed := query(t, s, "select count(*) from orders where tag = 'mine'")
		back := otherRelease(t, "word", words)
		v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), small, nil)
		if err != nil {
			t.Fatal(err)
		}
		says(t, texts(v), "BROKEN orders: cells that this version of sower makes otherwise", "cells were changed since",
			"BROKEN log: cells that", "BROKEN ratings: cells that", "rows are not found, and nothing can be told of the others",
			`born of id 7 is "1900-01-01"`, "ok people: cells that this version")
		c := clean(t, s, b, run.CleanOptions{Options: small})
		if o := of(c, "orders"); o.Untold == 0 || o.Untold > 50*changed || o.Deleted != 400-o.Untold-o.Spared || !strings.Contains(o.Reason, "the version that made the run can tell: v1") {
			t.Errorf("%+v", o)
		}
		if p := of(c, "people"); p.Changed != 1 || p.Deleted == 0 || p.Untold != 0 || p.Deleted+p.Changed+p.Spared != 300 {
			t.Errorf("%+v", p)
		}
		if r := of(c, "ratings"); r.Deleted != 0 || r.Untold != 500-gone || r.Missing != gone {
			t.Errorf("%+v", r)
		}
		if l := of(c, "log"); l.Deleted != 0 || l.Untold != 350 {
			t.Errorf("%+v", l)
		}
		if c.Forgotten {
			t.Error("the record is gone, and rows are there")
		}
		want(t, s, of(c, "orders").Untold, "select count(*) from orders")
		want(t, s, 350, "select count(*) from log")
		back() // the release that made it can tell
		c = clean(t, s, b, run.CleanOptions{Options: small})
		want(t, s, changed, "select count(*) from orders")
		want(t, s, 0, "select count(*) from ratings")
		if o := of(c, "orders"); o.Changed != changed {
			t.Errorf("%+v", o)
		}
	})
}

// interrupt ends a run as the first rows of a table stand.
func interrupt(t testing.TB, s sink.Store, b *blueprint.Blueprint, table string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	o := small
	o.Workers = 1
	o.Progress = func(e run.Event) {
		if e.Phase == "load" && e.Table == table {
			cancel()
		}
	}
	if _, err := run.Generate(ctx, s, builder(t, s, b, 1), o); err == nil {
		t.Fatal("the run was not interrupted")
	}
}

// An interrupted run of another release is completed where the rows that it lacks can be made, and else says which columns
// are in the way; tables without a row get this release's cells, and the record says so.
func TestOtherReleaseResumes(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), market(t)
		create(t, s, marketDDL)
		interrupt(t, s, b, "orders")
		orders := query(t, s, "select count(*) from orders")
		if orders == 0 || orders == 400 {
			t.Fatalf("%d orders", orders)
		}
		back := otherRelease(t, "word", words)
		_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), small)
		if !errors.Is(err, run.ErrOtherwise) {
			t.Fatalf("%v", err)
		}
		says(t, err.Error(), "rows of orders", "orders.tag (word version 1, now 2)", "generate --fresh does both", "(v1)")
		want(t, s, orders, "select count(*) from orders")
		dry, err := run.DryRun(context.Background(), s, builder(t, s, b, 1), small, false)
		if !errors.Is(err, run.ErrOtherwise) {
			t.Errorf("%v, %+v", err, dry)
		}
		back()

		run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{Options: small})
		interrupt(t, s, b, "people") // its rows are not whole; the others have none
		otherRelease(t, "uuid", uuids)
		if r := generate(t, s, b, 1, small); r.State != "complete" {
			t.Errorf("%s", r.State)
		}
		v := holds(t, s, b, small)
		if strings.Contains(texts(v), "otherwise") {
			t.Errorf("%s", texts(v))
		}
		says(t, origins(t, s), "uuid: uuid 5", "text: word 1")
	})
}

// origins gives what the record of the last run says of columns.
func origins(t testing.TB, s sink.Store) string {
	t.Helper()
	runs, err := s.Runs(context.Background())
	if err != nil || len(runs) == 0 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	r, err := run.Recorded(runs[len(runs)-1])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(r.Origins, "\n")
}

// A release that still makes what an earlier one made completes its runs, cell for cell.
func TestOtherReleaseKeeps(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), market(t)
		create(t, s, marketDDL)
		interrupt(t, s, b, "orders")
		back := otherRelease(t, "word", func() gen.Maker { return new(keptWord) })
		generate(t, s, b, 1, small)
		if v := holds(t, s, b, small); strings.Contains(texts(v), "otherwise") {
			t.Errorf("%s", texts(v))
		}
		says(t, origins(t, s), "text: word 1")
		back()
		if v := holds(t, s, b, small); strings.Contains(texts(v), "otherwise") {
			t.Errorf("%s", texts(v))
		}
		clean(t, s, b, run.CleanOptions{Options: small})
		otherRelease(t, "word", func() gen.Maker { return new(keptWord) })
		generate(t, s, b, 1, small)
		says(t, origins(t, s), "text: word 2")
	})
}

// New columns of a run that another release made are filled, where they are not made from what is made otherwise.
func TestOtherReleaseExtends(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, marketDDL)
		generate(t, s, market(t), 1, small)
		otherRelease(t, "word", words)
		db.exec(t, s, "alter table people add column size integer")
		more := blueprintOf(t, strings.Replace(marketTables, "name: {word: color}", "name: {word: color}, size: {integer: {min: 1, max: 5}}", 1))
		generate(t, s, more, 1, small)
		want(t, s, 300, "select count(*) from people where size between 1 and 5")
		says(t, texts(holds(t, s, more, small)), "people.name (word version 1, now 2)")
		db.exec(t, s, "alter table people add column slug varchar(80)")
		bad := blueprintOf(t, strings.Replace(marketTables, "name: {word: color}", `name: {word: color}, size: {integer: {min: 1, max: 5}}, slug: {template: "{name}"}`, 1))
		_, err := run.Generate(context.Background(), s, builder(t, s, bad, 1), small)
		if err == nil || !strings.Contains(err.Error(), "people.slug (made from people.name)") {
			t.Errorf("%v", err)
		}
		want(t, s, 0, "select count(*) from people where slug is not null")
		db.exec(t, s, "alter table people drop column slug")
		clean(t, s, more, run.CleanOptions{Options: small})
		want(t, s, 0, "select count(*) from people")
	})
}

// All runs of another release are undone.
func TestOtherReleaseUndone(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), market(t)
		create(t, s, marketDDL)
		generate(t, s, b, 1, small)
		generate(t, s, b, 1, run.Options{BatchRows: 50, Append: true})
		otherRelease(t, "word", words)
		if err := run.Undo(context.Background(), s, replan(t, s), run.CleanOptions{Options: small}, nil); err != nil {
			t.Fatal(err)
		}
		want(t, s, 0, "select count(*) from people")
		generate(t, s, b, 1, small)
		says(t, origins(t, s), "text: word 2")
	})
}

// A record that tells no versions is of the first ones, and the next write notes them.
func TestRecordWithoutVersions(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), market(t)
		create(t, s, marketDDL)
		interrupt(t, s, b, "orders")
		runs, err := s.Runs(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var record map[string]any
		if err := json.Unmarshal(runs[0].Plan, &record); err != nil {
			t.Fatal(err)
		}
		delete(record, "origins")
		for _, table := range record["tables"].([]any) {
			delete(table.(map[string]any), "origins")
		}
		if runs[0].Plan, err = json.Marshal(record); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveRun(context.Background(), runs[0]); err != nil || origins(t, s) != "" {
			t.Fatal(err, origins(t, s))
		}
		back := otherRelease(t, "word", words)
		if _, err := run.Generate(context.Background(), s, builder(t, s, b, 1), small); !errors.Is(err, run.ErrOtherwise) {
			t.Errorf("%v", err)
		}
		back()
		generate(t, s, b, 1, small)
		holds(t, s, b, small)
		says(t, origins(t, s), "text: word 1")
	})
}

// The record of a thousand tables stays small.
func TestOriginsAreSmall(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		text.WriteString("  t")
		text.WriteString(strings.Repeat("x", i%7))
		text.WriteString(string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)))
		text.WriteString(": {rows: 1, columns: {id: sequence")
		for k := range 19 {
			text.WriteString(", c" + string(rune('a'+k)) + ": " + []string{"{word: color}", "{integer: {min: 1, max: 5}, nulls: 0.5}", "uuid", "boolean"}[k%4])
		}
		text.WriteString("}}\n")
	}
	p, err := plan.Build(blueprintOf(t, text.String()), nil, plan.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := p.Resolved()
	with, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Origins = nil
	for i := range r.Tables {
		r.Tables[i].Origins = nil
	}
	without, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if more := len(with) - len(without); more > 80_000 {
		t.Errorf("origins of 20,000 columns take %d bytes, beside %d", more, len(without))
	} else {
		t.Logf("%d bytes beside %d", more, len(without))
	}
}
