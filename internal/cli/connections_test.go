package cli

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// Parents and children, a table by itself with a trigger, and one of whose rows the trigger refuses some.
const fewConnectionsSchema = `
create table parent (id int primary key, name text not null unique);
create table child (id int primary key, parent_id int not null references parent, note text);
create index child_parent on child (parent_id);
create index child_note on child (note);
create table grandchild (id int primary key, child_id int not null references child, at timestamptz not null);
create table picky (id int generated always as identity primary key, n int not null check (n between 1 and 1000));
create function picky() returns trigger language plpgsql as 'begin if new.n % 50 = 0 then raise exception ''not this one''; end if; return new; end';
create trigger picky before insert on picky for each row execute function picky();`

// Where a role or a database may have fewer connections than there are workers, fewer work, in every command, as long
// as there are two; a single one is an error that says what to do, before anything is written.
func TestFewConnections(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, of := range []string{"role", "database"} {
			for limit := 1; limit <= 3; limit++ {
				t.Run(fmt.Sprintf("%s with %d", of, limit), func(t *testing.T) {
					t.Parallel()
					fewConnections(t, s, of, limit)
				})
			}
		}
	})
}

func fewConnections(t *testing.T, s *pgtest.Server, of string, limit int) {
	super := s.NewDatabase(t, "few")
	u, err := url.Parse(super)
	if err != nil {
		t.Fatal(err)
	}
	database := strings.TrimPrefix(u.Path, "/")
	role := "few_" + database
	u.User = url.UserPassword(role, "few")
	s.Psql(t, super, fmt.Sprintf("create role %[1]s login password 'few'; alter schema public owner to %[1]s; alter database %[2]s owner to %[1]s; set role %[1]s; %[3]s",
		role, database, fewConnectionsSchema))
	t.Cleanup(func() {
		if _, err := s.RunPsql(context.Background(), super, fmt.Sprintf("reassign owned by %[1]s to current_user; drop role %[1]s", role)); err != nil {
			t.Error(err)
		}
	})
	name := role
	if of == "database" {
		name = database
	}
	s.Psql(t, super, fmt.Sprintf("alter %s %s connection limit %d", of, name, limit))
	load := []string{"--rows", "1000", "--batch-size", "50", "--max-workers", "8", "--load-strategy", "rebuild", "--connections", "4"}
	code, text := hostileRun(t, u.String(), "generate", load...)
	if limit == 1 {
		if advice := fmt.Sprintf("alter %s %q connection limit", of, name); code != 1 || !strings.Contains(text, "too many connections for") || !strings.Contains(text, advice) {
			t.Errorf("generate ended with %d, without %q: %s", code, advice, text)
		}
		if n := s.Psql(t, super, "select (select count(*) from parent) + (select count(*) from pg_class where relname = 'run' and relnamespace = to_regnamespace('sower'))"); n != "0" {
			t.Errorf("%s rows were written", n)
		}
		return
	}
	if code != 0 || strings.Count(text, "fewer than 8 workers loaded rows") != 1 {
		t.Errorf("generate ended with %d: %s", code, text)
	}
	if n := s.Psql(t, super, "select count(*) from grandchild"); n != "1000" {
		t.Errorf("%s rows, want 1000", n)
	}
	for _, args := range [][]string{{"verify", "--max-workers", "8"}, append([]string{"generate"}, load...), {"clean", "--yes"}, {"repair"}} {
		if args[0] == "repair" {
			dropIndexes(t, u.String())
		}
		if code, text := hostileRun(t, u.String(), args[0], args[1:]...); code != 0 {
			t.Errorf("%s ended with %d: %s", args[0], code, text)
		}
	}
	if n := s.Psql(t, super, "select (select count(*) from parent) + (select count(*) from picky)"); n != "0" {
		t.Errorf("%s rows are left", n)
	}
	if n := s.Psql(t, super, "select count(*) from pg_indexes where tablename = 'child'"); n != "3" {
		t.Errorf("%s indexes, want 3", n)
	}
}

// dropIndexes does what a run does that is killed before it restores them.
func dropIndexes(t *testing.T, url string) {
	db, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var targets []*sink.Target
	for _, table := range d.Tables {
		if table.Name == "child" || table.Name == "grandchild" {
			targets = append(targets, &sink.Target{Table: table, Name: table.Name})
		}
	}
	if stripped, kept, err := db.Strip(t.Context(), targets); err != nil || len(stripped) == 0 {
		t.Fatal(stripped, kept, err)
	}
}
