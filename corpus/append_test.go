package corpus

import (
	"strconv"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestAppendBeside adds rows to tables whose uniques have few values: as many come as there is room for beside those
// that stand, the values that are free are found to the last one, and tables that are full serve as parents.
func TestAppendBeside(t *testing.T) {
	const ddl = `
create type grade as enum ('low', 'middle', 'high');
create table grades (grade grade primary key, note text);
create table limits (grade grade primary key references grades, most integer not null);
create table levels (grade grade not null, level integer not null, secret text, primary key (grade, level));
create table fields (x smallint, y smallint, crop text, primary key (x, y), check (x between 0 and 9 and y between 0 and 9));
create table months (month date primary key check (month = date_trunc('month', month)), total numeric(12, 2));
create table places (id serial primary key, name varchar(30) not null, gone boolean not null default false);
create unique index on places (lower(name)) where not gone;
create table nodes (id integer primary key, parent integer references nodes, name text unique);
create table queue (id bigserial primary key, user_id bigint not null unique);
create table settings (id serial primary key, only_one boolean not null default true unique check (only_one));
create table profiles (id serial primary key, title text not null, is_default boolean not null default false);
create unique index on profiles (is_default) where is_default;`
	full := map[string]int{"grades": 3, "limits": 3, "settings": 1, "fields": 100}
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, n := range []int{20, 1000} {
			url := s.NewDatabase(t, "append_beside_"+strconv.Itoa(n)+"_test")
			apply(t, url, ddl)
			conn := connect(t, url)
			do := func(args ...string) {
				t.Helper()
				if code, out, errs := sower(append(args, "--database-url", url)...); code != 0 {
					t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
				}
			}
			rows := strconv.Itoa(n)
			do("generate", "--rows", rows)
			for times := 2; times <= 3; times++ {
				do("generate", "--rows", rows, "--append")
				for _, table := range []string{"grades", "limits", "levels", "fields", "places", "nodes", "queue", "settings", "profiles"} {
					want := times * n
					if most := full[table]; most > 0 {
						want = min(want, most)
					}
					got := ask(t, conn, "select count(*) from public."+table)[0][0]
					if got != strconv.Itoa(want) {
						t.Errorf("--rows %d: %s has %s rows after %d runs, want %d", n, table, got, times, want)
					}
				}
			}
			do("verify")
			do("verify", "--append")
			do("clean", "--all", "--yes")
			if left := ask(t, conn, "select (select count(*) from public.places) + (select count(*) from public.grades) + (select count(*) from public.nodes)")[0][0]; left != "0" {
				t.Errorf("--rows %d: %s rows stay after clean", n, left)
			}
		}
	})
}
