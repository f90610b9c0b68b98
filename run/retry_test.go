package run_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Backends that are ended in the midst of the load, of the build of indexes and of the control session's work
// cost nothing but time: the run is whole, and every row is there once.
func TestTerminatedBackends(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		url := srv.NewDatabase(t, "terminated")
		var told bytes.Buffer
		s, err := postgres.Open(context.Background(), url, postgres.Options{ApplicationName: "victim"})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, ddl(t, "postgres"))
		b := scenario(t, nil)
		ended := 0
		last := time.Time{}
		report := generate(t, s, b, 1, run.Options{Strategy: run.Rebuild, BatchRows: 100, Workers: 3, Who: "victim", Log: slog.New(slog.NewTextHandler(&told, nil)), Progress: func(e run.Event) {
			if e.Phase == "load" && ended < 8 && time.Since(last) > 30*time.Millisecond {
				out := srv.Psql(t, url, "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'victim' and pid <> pg_backend_pid() and ("+
					"state = 'active' or state = 'idle in transaction' or random() < 0.3)")
				if out != "0" {
					ended++
					last = time.Now()
				}
			}
		}})
		if report.State != "complete" || ended < 3 {
			t.Errorf("%s after backends were ended %d times", report.State, ended)
		}
		if n := strings.Count(told.String(), "tried again"); n > 1 {
			t.Errorf("told %d times:\n%s", n, told.String())
		}
		verify(t, s, b, 1, run.Options{})
		want(t, s, 2245, "select count(*) from generation_jobs")
	})
}

// A transaction that the server undoes, to resolve a deadlock say, is tried again; one that goes on failing
// ends the run after a while, and the run can be completed.
func TestSerializationFailures(t *testing.T) {
	onPostgres(t, ddl(t, "postgres")+`create sequence tries; create table fails (n int); insert into fails values (4);
		create function fails() returns trigger language plpgsql as $$ begin
			if nextval('tries') <= (select n from fails) then raise exception 'try again' using errcode = '40001'; end if; return null; end $$;
		create trigger fails after insert on users for each statement execute function fails();`, func(t *testing.T, s sink.Store) {
		b := scenario(t, nil)
		generate(t, s, b, 1, run.Options{Workers: 1})
		want(t, s, 5, "select last_value from tries")
		verify(t, s, b, 1, run.Options{})

		create(t, s, "truncate users, content_items, content_items_auto, generation_jobs; drop schema sower cascade; update fails set n = 1000000")
		_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{Workers: 1})
		if err == nil || !strings.Contains(err.Error(), "try again") {
			t.Errorf("it never worked, and the run ended with %v", err)
		}
		create(t, s, "update fails set n = 0")
		generate(t, s, b, 1, run.Options{})
		verify(t, s, b, 1, run.Options{})
	})
}
