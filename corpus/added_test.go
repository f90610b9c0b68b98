package corpus

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestAdded: a column or a table more leaves every other cell as it was.
func TestAdded(t *testing.T) {
	const more = `
		alter table %[1]s add column added_number integer not null default 3 check (added_number > 0), add column added_text text;
		create table added_before (id bigserial primary key, name text not null unique);
		create table zz_added_after (id bigserial primary key, price numeric(8,2) not null check (price > 0));`
	s := pgtest.Shared(t, 0)
	for name, table := range map[string]string{
		"coherence_people": "persons", "check_discriminator": "invoices", "key_overlapping": "users", "cycle_nullable": "teams",
		"partitions_range": "measurements", "unique_partial": "accounts", "type_numbers": "numbers", "app_jobs": "jobs", "app_booking": "guests",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := readEntry("testdata/" + name + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			var before map[string]string
			for _, ddl := range []string{e.postgres, e.postgres + fmt.Sprintf(more, table)} {
				url := s.NewDatabase(t, "added_"+name)
				apply(t, url, ddl)
				if code, out, errs := sower("generate", "--database-url", url, "--rows", "40"); code != 0 {
					t.Fatalf("exit code %d\n%s%s", code, out, errs)
				}
				now := columnDigests(t, connect(t, url))
				if before == nil {
					before = now
					continue
				}
				if len(now) < len(before)+5 {
					t.Errorf("%d columns after %d: nothing was added", len(now), len(before))
				}
				for column, digest := range before {
					if now[column] != digest {
						t.Errorf("%s has other cells: %s, before %s", column, now[column], digest)
					}
				}
			}
		})
	}
}

// columnDigests gives a digest of the cells of every column, which do not depend on the order of the rows, and their number.
func columnDigests(t *testing.T, conn *pgconn.PgConn) map[string]string {
	t.Helper()
	var parts []string
	for _, row := range ask(t, conn, `select format('select %L, count(*) || '' '' || coalesce(md5(string_agg(coalesce(%I::text, ''null''), '','' order by %2$I::text collate "C")), '''') from only %I.%I',
			nspname || '.' || relname || '.' || attname, attname, nspname, relname)
		from pg_class c join pg_namespace n on n.oid = relnamespace join pg_attribute on attrelid = c.oid
		where relkind = 'r' and attnum > 0 and not attisdropped and `+ownSchemas+` and not `+ofExtension) {
		parts = append(parts, row[0])
	}
	out := map[string]string{}
	for _, row := range ask(t, conn, strings.Join(parts, " union all ")) {
		out[row[0]] = row[1]
	}
	return out
}
