package run_test

import (
	"context"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// withStanding is builder for a blueprint with standing tables: their rows are read from s.
func withStanding(t testing.TB, s sink.Store, b *blueprint.Blueprint) run.Builder {
	t.Helper()
	db, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	standing, err := run.Standing(context.Background(), s, b, db)
	if err != nil {
		t.Fatal(err)
	}
	return func(n int) (*plan.Plan, error) {
		return plan.Build(b, db, plan.Options{Seed: 1, Append: n, Standing: standing})
	}
}

// Rows that stand serve as parents and stay as they are; rows that come later change nothing about a run
// that has begun.
func TestStandingParents(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, `create table countries (code varchar(2) primary key, name varchar(20) not null); insert into countries values ('de', 'Germany'), ('fr', 'France'), ('it', 'Italy');
			create table cities (id integer primary key, country varchar(2) not null references countries, country_name varchar(20) not null);`)
		b := blueprintOf(t, `
  countries: {standing: true}
  cities: {rows: 500, columns: {id: sequence, country: {reference: {table: countries, column: code}}, country_name: {cell: country.name}}}
`)
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		_, err := run.Generate(ctx, s, withStanding(t, s, b), run.Options{BatchRows: 50, Workers: 1, Progress: func(e run.Event) {
			if n++; e.Phase == "load" && e.Rows >= 200 {
				cancel()
			}
		}})
		cancel()
		if err == nil {
			t.Fatal("the run was not interrupted")
		}
		create(t, s, "insert into countries values ('pt', 'Portugal')")
		report, err := run.Generate(context.Background(), s, withStanding(t, s, b), run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Tables) != 1 || report.Tables[0].Total != 500 || report.Rows == 500 || report.Rows == 0 {
			t.Errorf("%+v", report.Tables)
		}
		want(t, s, 500, "select count(*) from cities join countries on code = country and name = country_name where code <> 'pt'")
		want(t, s, 3, "select count(distinct country) from cities")
		want(t, s, 4, "select count(*) from countries")
		v, err := run.Verify(context.Background(), s, withStanding(t, s, b), run.Options{}, nil)
		if err != nil || v.Broken() > 0 || v.Cells != 1500 {
			t.Errorf("%v: %+v", err, v)
		}
		if again, err := run.Generate(context.Background(), s, withStanding(t, s, b), run.Options{}); err != nil || again.Rows != 0 {
			t.Errorf("again: %v", err)
		}
		// A further run sees the new row.
		if _, err := run.Generate(context.Background(), s, withStanding(t, s, b), run.Options{Append: true}); err != nil {
			t.Fatal(err)
		}
		want(t, s, 4, "select count(distinct country) from cities")
	})
}
