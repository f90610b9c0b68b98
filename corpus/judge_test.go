package corpus

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestJudge: the judge of filled databases finds what is broken.
func TestJudge(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "judge")
		apply(t, url, `
			create table parents (a integer, b integer, id serial unique, primary key (a, b));
			create table children (a integer, b integer, c integer check (c > 0) no inherit,
				foreign key (a, b) references parents);
			create table halves (a integer, b integer, constraint halves_fk foreign key (a, b) references parents match full);
			create table pairs (name text);
			create index pairs_name on pairs (lower(name));`)
		conn := connect(t, url)
		if found := violations(t, conn); len(found) > 0 {
			t.Errorf("violations of an empty database: %q", found)
		}
		before := snapshot(t, conn)
		apply(t, url, `
			alter table children drop constraint children_c_check;
			set session_replication_role = replica;
			insert into parents values (1, 1, 1), (1, 2, 7);
			insert into children values (1, 1, 1), (1, null, 1), (1, 3, -1), (2, 2, 0);
			insert into halves values (null, null), (null, 1), (1, 1);
			insert into pairs values ('a'), ('A');
			alter table children add constraint children_c_check check (c > 0) no inherit not valid;
			update pg_index set indisunique = true where indexrelid = 'pairs_name'::regclass`)
		found := strings.Join(violations(t, conn), "\n")
		for _, want := range []string{
			"check children_c_check of public.children: (c > 0): broken in 2 rows",
			"foreign key children_a_b_fkey of public.children: FOREIGN KEY (a, b) REFERENCES public.parents(a, b): broken in 2 rows",
			"half of halves_fk of public.halves: broken in 1 rows",
			"could not create unique index",
			"the sequence public.parents_id_seq is behind public.parents.id: broken in 1 rows",
		} {
			if !strings.Contains(found, want) {
				t.Errorf("not found: %s", want)
			}
		}
		if t.Failed() {
			t.Log(found)
		}
		if snapshot(t, conn) == before {
			t.Error("the snapshot does not see a constraint that is not valid, nor a unique index")
		}
		if got := counts(t, conn)["children"]; got != 4 {
			t.Errorf("%d children, want 4", got)
		}
	})
}
