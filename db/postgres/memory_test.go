package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

func TestBuildMemory(t *testing.T) {
	const mb, gb = 1 << 20, 1 << 30
	for _, c := range []struct {
		free        int64
		connections int
		want        int64
	}{
		{0, 1, 512 * mb}, {0, 2, 256 * mb}, {0, 64, 32 * mb}, // nobody tells
		{24 * gb, 2, 512 * mb}, {24 * gb, 64, 96 * mb}, {1 * gb, 2, 128 * mb}, {64 * mb, 2, 32 * mb},
	} {
		if got := buildMemory(c.free, c.connections); got != c.want {
			t.Errorf("%d MB free, %d connections: %d MB, want %d", c.free/mb, c.connections, got/mb, c.want/mb)
		}
	}
}

// A superuser asks the server, whoever may not asks his own system, where the server is on the same machine; and an index
// is built with what that gives.
func TestFreeMemory(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "memory")
		s.Psql(t, url, "create role memory login password 'pw'")
		defer s.Psql(t, url, "drop role memory")
		for _, u := range []string{url, "postgres://memory:pw@" + url[strings.Index(url, "@")+1:]} {
			db, err := Open(t.Context(), u, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var free int64
			var set [][]byte
			err = db.control(t.Context(), func(c *session) error {
				free, err = db.freeMemory(context.Background(), c)
				return err
			})
			if err == nil {
				b := &rebuild{db: db, connections: 2, of: map[string]int{"indexes": 1}}
				var w *session
				if w, _, err = b.session(t.Context()); err == nil {
					set, err = w.row(t.Context(), "select pg_size_bytes(current_setting('maintenance_work_mem')), current_setting('max_parallel_maintenance_workers')")
					_ = w.close()
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if free < 1<<20 || toInt(set[0]) < 32<<20 || toInt(set[0]) > 512<<20 || string(set[1]) != "1" {
				t.Errorf("%d bytes free, set to %s", free, set)
			}
			_ = db.Close()
		}
	})
}
