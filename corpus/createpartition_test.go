package corpus

import (
	"slices"
	"strconv"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestCreatePartitions fills tables whose rows have no partition to be in, or not all: the partitions are made, told
// beforehand, and dropped with the rows.
func TestCreatePartitions(t *testing.T) {
	const ddl = `
create table trips (id bigserial, at timestamptz not null, note text, primary key (id, at)) partition by range (at);
create table stops (id serial primary key, trip_id bigint not null, trip_at timestamptz not null, foreign key (trip_id, trip_at) references trips (id, at));
create table fares (zone text, cents integer not null check (cents > 0)) partition by list (zone);
create table seats (id uuid primary key, label text) partition by hash (id);
create table cars (id uuid primary key, label text) partition by hash (id);
create table cars_0 partition of cars for values with (modulus 3, remainder 0);
create table lanes (id integer primary key, label text) partition by range (id);
create table codes (code text primary key, label text) partition by range (code);
create table notes (id integer, label text not null) partition by list (lower(label));
create table signs (id integer not null, kind text not null check (kind in ('stop', 'go')), day date not null) partition by list (kind);
create table signs_stop partition of signs for values in ('stop') partition by range (day);
create table signs_go partition of signs for values in ('go') partition by range (day);
create table signs_go_y2024m01 partition of signs_go for values from ('2024-01-01') to ('2024-02-01');
create table bare (id integer not null, kind text not null) partition by list (kind);
create table bare_a partition of bare for values in ('a') partition by range (id);`
	roots := []string{"trips", "stops", "fares", "seats", "cars", "lanes", "codes", "notes", "signs", "bare"}
	const leaves = "select count(*) from pg_class where relispartition and relkind = 'r'"
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, n := range []int{1, 60} {
			url := s.NewDatabase(t, "create_partitions_"+strconv.Itoa(n)+"_test")
			apply(t, url, ddl)
			conn := connect(t, url)
			do := func(args ...string) string {
				t.Helper()
				code, out, errs := sower(append(args, "--database-url", url)...)
				if code != 0 {
					t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
				}
				return out + errs
			}
			before := ask(t, conn, leaves)[0][0]
			rows := []string{"--rows", strconv.Itoa(n)}
			for _, args := range [][]string{{"plan", "--create-partitions"}, {"generate", "--create-partitions", "--dry-run"}} {
				do(slices.Concat(args, rows)...)
			}
			if now := ask(t, conn, leaves)[0][0]; now != before {
				t.Errorf("plan and --dry-run made partitions: %s, before %s", now, before)
			}
			do(slices.Concat([]string{"generate", "--create-partitions"}, rows)...)
			for _, table := range roots {
				if got := ask(t, conn, "select count(*) from public."+table)[0][0]; got != strconv.Itoa(n) {
					t.Errorf("%s has %s rows of %d", table, got, n)
				}
			}
			do(slices.Concat([]string{"generate", "--create-partitions"}, rows)...)
			do(slices.Concat([]string{"verify"}, rows)...)
			do("clean", "--all", "--yes")
			if now := ask(t, conn, leaves)[0][0]; now != before {
				t.Errorf("partitions stay after clean: %s, before %s", now, before)
			}
		}
	})
}
