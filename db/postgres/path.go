package postgres

import (
	"context"
	"strings"
)

// Sessions have one of two search paths.
//
// Under the control path names mean what sower means by them, whatever anybody has made elsewhere: operators and
// functions of other schemas are not found, even where their arguments fit better, and temporary tables shadow nothing.
// Every session begins with it, and sower's own questions are asked by it: catalogs, records, journal, rules, reads.
//
// Under the own path, the one that the role has by itself, the database's own code finds what it calls by bare names:
// the triggers, checks and defaults of COPY, of deletions, of a commit. What sower itself says there has no bare name
// and no operator.
const controlPath = "pg_catalog, pg_temp"

// enterControl makes the control path the session's, notes the own one, and keeps what is read there from being
// answered by other people's views and foreign tables. It is set first of all, and asks by full names alone.
const enterControl = "select pg_catalog.current_setting('search_path'); set search_path = " + controlPath

// noViews makes the server refuse, where it is new enough, what no control session has to do with: rows of a view, whose
// code would run, and of a foreign table, unless that is a partition.
const noViews = `select pg_catalog.set_config(name, case when exists (
    select from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid where c.relkind = 'f') then 'view' else 'view, foreign-table' end, false)
  from pg_catalog.pg_settings where name = 'restrict_nonsystem_relation_kind'`

// noteOwnPath notes the path that the role has by itself. Of a role called sower the schema of the record would be its
// own, where tables are made: it is none of the path.
func (s *session) noteOwnPath(path string) {
	if s.db.cfg.User == "sower" {
		var kept []string
		for part := range strings.SplitSeq(path, ",") {
			if p := strings.TrimSpace(part); p != "$user" && p != `"$user"` && p != "" {
				kept = append(kept, p)
			}
		}
		path = strings.Join(kept, ", ")
	}
	s.own, s.path = path, controlPath
}

// use makes a path the session's. Not in a transaction, whose end might undo it.
func (s *session) use(ctx context.Context, path string) error {
	if s.path == path {
		return nil
	}
	_, err := s.row(ctx, "select pg_catalog.set_config('search_path', $1, false)", path)
	if err == nil {
		s.path = path
	}
	return err
}

// useHere makes a path that of the transaction.
func (s *session) useHere(ctx context.Context, path string) error {
	_, err := s.row(ctx, "select pg_catalog.set_config('search_path', $1, true)", path)
	return err
}

// basePath is what sower's own questions are asked by: the control path. Where indexes of the database call functions
// that find what they call by the own path, which already the planning of a question has to look into, or columns have
// types of extensions, with operators of their own, that path stands behind it; Inspect has seen then that nobody who is
// not trusted can put anything there.
func (db *DB) basePath() string {
	if p, ok := db.code.base.Load().(string); ok {
		return p
	}
	return controlPath
}

// widePath is the control path with the own one behind it.
func (s *session) widePath() string {
	if strings.TrimSpace(s.own) == "" {
		return controlPath
	}
	return "pg_catalog, " + s.own + ", pg_temp"
}
