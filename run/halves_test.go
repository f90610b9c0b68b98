package run_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Two tables refer to each other, and a trigger of one refuses every row, or those that come late.
const ringTables = `
  teams: {rows: %[1]d, columns: {id: sequence, name: {pick: [red, blue]}, captain_id: {reference: players, nulls: 0.1}}}
  players: {rows: %[1]d, columns: {id: sequence, team_id: {reference: teams, nulls: 0.1}, number: {integer: {min: 1, max: 99}}}}
`

func ringDDL(kind, from string) string {
	if kind == "sqlite" {
		return `create table teams (id integer primary key, name text not null, captain_id integer references players (id));
			create table players (id integer primary key, team_id integer references teams (id), number integer not null);
			create trigger never before insert on players when new.id >= ` + from + ` begin select raise(abort, 'never'); end`
	}
	return `create table teams (id bigint primary key, name varchar(10) not null, captain_id bigint);
		create table players (id bigint primary key, team_id bigint references teams, number int not null);
		alter table teams add constraint captain foreign key (captain_id) references players (id) on delete set null;
		create index on players (team_id);
		create function never() returns trigger language plpgsql as $$ begin if new.id >= ` + from + ` then raise exception 'never'; end if; return new; end $$;
		create trigger never before insert on players for each row execute function never()`
}

// Whatever ends the load of tables that refer to one another, no row refers to nothing, every key is in place and holds,
// and nothing is left to repair. With leave to skip what cannot be filled, the others' references to it are null.
func TestRefusedRing(t *testing.T) {
	ring := func(t *testing.T, kind string, open func(t *testing.T) sink.Store) {
		for _, strategy := range []run.Strategy{run.Auto, run.InPlace, run.Rebuild} {
			for _, from := range []string{"0", "30"} {
				for _, skip := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s from %s skip %t", strategy, from, skip), func(t *testing.T) {
						s := open(t)
						create(t, s, ringDDL(kind, from))
						b := blueprintOf(t, fmt.Sprintf(ringTables, 50))
						o := run.Options{Strategy: strategy, SkipUnsatisfiable: skip, BatchRows: 10}
						for range 2 {
							report, err := run.Generate(context.Background(), s, builder(t, s, b, 1), o)
							if (err == nil) != skip {
								t.Fatalf("ended with %v", err)
							}
							want(t, s, 0, "select count(*) from teams t where captain_id is not null and not exists (select 1 from players p where p.id = t.captain_id)")
							want(t, s, 0, "select count(*) from players p where team_id is not null and not exists (select 1 from teams t where t.id = p.team_id)")
							want(t, s, 0, "select count(*) from players")
							if kind == "postgres" {
								want(t, s, 2, "select count(*) from pg_constraint where contype = 'f' and convalidated")
							}
							if n := journaled(t, s); n != 0 {
								t.Errorf("%d pieces are left in the journal", n)
							}
							if !skip {
								continue
							}
							want(t, s, 50, "select count(*) from teams where captain_id is null")
							if notices := strings.Join(report.Notices, "\n"); strings.Contains(notices, "teams is left out") || !strings.Contains(notices, "players is left out") && report.State == "complete" {
								t.Errorf("notices:\n%s", notices)
							}
							if len(report.Skipped) != 1 || report.Skipped[0].Table != "players" {
								t.Errorf("skipped %v", report.Skipped)
							}
							holds(t, s, b, o)
						}
						if !skip { // once it is mended, the same call completes
							create(t, s, map[string]string{"sqlite": "drop trigger never", "postgres": "drop trigger never on players"}[kind])
							generate(t, s, b, 1, o)
							want(t, s, 50, "select count(*) from players")
							holds(t, s, b, o)
						}
					})
				}
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		ring(t, "sqlite", func(t *testing.T) sink.Store {
			db, err := sqlite.Open(context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "ring_test.db"), sqlite.Options{Create: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			return db
		})
	})
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		ring(t, "postgres", func(t *testing.T) sink.Store {
			db, err := postgres.Open(context.Background(), srv.NewDatabase(t, "ring"), postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			return db
		})
	})
}
