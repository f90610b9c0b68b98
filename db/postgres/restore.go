package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/sink"
)

// piece is a row of the journal.
type piece struct {
	id                string
	kind, table, name string
	tablespace, ddl   string
	after             []string
	validate          string
	added             bool // a key that is back, and not valid yet
}

// Restore builds what the journal holds: indexes first, the slow kinds before the others; then keys,
// not valid, one after the other since each locks two tables for a moment; then their validation, which
// locks little. Each piece comes back in the transaction that takes it from the journal.
func (db *DB) Restore(ctx context.Context, connections int, note func(sink.Restored)) error {
	pieces, there, err := db.journal(ctx)
	if err != nil {
		return db.recordError(ctx, "read the journal", err)
	}
	if !there {
		return nil
	}
	var indexes, keys []*piece
	for _, p := range pieces {
		if p.kind == "index" {
			indexes = append(indexes, p)
		} else {
			keys = append(keys, p)
		}
	}
	if note == nil {
		note = func(sink.Restored) {}
	}
	errIndexes := db.inParallel(ctx, connections, "indexes", indexes, note, restoreIndex)
	errAdd := db.inParallel(ctx, 1, "", keys, func(sink.Restored) {}, addKey)
	var added []*piece
	for _, p := range keys {
		if p.added {
			added = append(added, p)
		}
	}
	errValid := db.inParallel(ctx, connections, "keys", added, note, validateKey)
	if err := errors.Join(errIndexes, errAdd, errValid); err != nil {
		return err
	}
	return db.control(ctx, func(s *session) error {
		err := s.transact(ctx, begin, func() error {
			if left, err := s.number(ctx, "select count(*) from sower.journal"); err != nil || left > 0 {
				return err
			}
			return s.run(ctx, "drop table sower.journal")
		})
		return explain(ctx, "remove the journal in "+db.where, err)
	})
}

// journal reads the journal, and tells whether there is one; it may be empty.
func (db *DB) journal(ctx context.Context) (out []*piece, there bool, err error) {
	err = db.read(ctx, func(s *session) error {
		if there, err = recorded(ctx, s, "journal"); err != nil || !there {
			return err
		}
		return s.each(ctx, `select id, kind, table_name, name, tablespace, ddl, array_to_string(after, chr(1)), validate, state = 'added' from sower.journal order by rank desc, id`,
			func(r [][]byte) error {
				p := &piece{id: string(r[0]), kind: string(r[1]), table: string(r[2]), name: string(r[3]), tablespace: string(r[4]), ddl: string(r[5]), validate: string(r[7]), added: toBool(r[8])}
				if len(r[6]) > 0 {
					p.after = strings.Split(string(r[6]), "\x01")
				}
				out = append(out, p)
				return nil
			})
	})
	return out, there, err
}

// inParallel restores pieces over several connections. All of them are tried, whatever becomes of one.
func (db *DB) inParallel(ctx context.Context, connections int, phase string, pieces []*piece, note func(sink.Restored), restore func(context.Context, *session, *piece) error) error {
	if len(pieces) == 0 {
		return nil
	}
	next := make(chan *piece)
	var mu sync.Mutex
	var errs []error
	done := 0
	var wg sync.WaitGroup
	for range min(max(connections, 1), len(pieces)) {
		wg.Go(func() {
			var s *session
			defer func() {
				if s != nil {
					_ = s.run(ctx, "reset maintenance_work_mem; reset max_parallel_maintenance_workers; reset search_path; reset default_tablespace")
					_ = db.giveSession(s)
				}
			}()
			for p := range next {
				e := repeatedly(ctx, func() (err error) {
					if s != nil && s.pg.IsClosed() {
						_ = s.close()
						s = nil
					}
					if s == nil {
						if s, err = db.builder(ctx); err != nil {
							return err
						}
					}
					return restore(ctx, s, p)
				})
				mu.Lock()
				if e != nil {
					errs = append(errs, explain(ctx, fmt.Sprintf("restore %s of %s", p.name, p.table), e))
				} else {
					done++
					note(sink.Restored{Phase: phase, Name: p.name + " of " + p.table, Done: done, Of: len(pieces)})
				}
				mu.Unlock()
			}
		})
	}
	for _, p := range pieces {
		next <- p
	}
	close(next)
	wg.Wait()
	return errors.Join(errs...)
}

// builder gives a session for building indexes.
func (db *DB) builder(ctx context.Context) (*session, error) {
	s, err := db.workSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.run(ctx, buildSettings); err != nil {
		_ = s.close()
		return nil, err
	}
	return s, nil
}

// buildSettings are for building indexes: memory for sorting and for GIN, within what a server of a few
// gigabytes bears; the connections are the parallelism.
const buildSettings = "set maintenance_work_mem = '256MB'; set max_parallel_maintenance_workers = 0; set search_path = ''; set statement_timeout = 0; set lock_timeout = 0"

// take takes a piece from the journal, within a transaction; false where it is there no more.
func take(ctx context.Context, s *session, p *piece) (bool, error) {
	n, err := s.exec(ctx, "delete from sower.journal where id = $1::bigint", p.id)
	return n == 1, err
}

func restoreIndex(ctx context.Context, s *session, p *piece) error {
	return s.transact(ctx, begin, func() error {
		if ok, err := take(ctx, s, p); err != nil || !ok {
			return err
		}
		there, err := s.row(ctx, "select 1 from pg_class c join pg_index i on i.indexrelid = c.oid where i.indrelid = $1::text::regclass and c.relname = $2 and i.indisvalid", p.table, p.name)
		if err != nil || there != nil { // someone has made it again
			return err
		}
		if _, err := s.row(ctx, "select set_config('default_tablespace', $1, true)", p.tablespace); err != nil {
			return err
		}
		return s.run(ctx, strings.Join(append([]string{p.ddl}, p.after...), ";\n"))
	})
}

// addKey brings a key back, not valid: from now on new rows are checked.
func addKey(ctx context.Context, s *session, p *piece) error {
	if p.added {
		return nil
	}
	err := s.transact(ctx, begin, func() error {
		there, err := s.row(ctx, "select convalidated from pg_constraint where conrelid = $1::text::regclass and conname = $2", p.table, p.name)
		if err != nil {
			return err
		}
		if there == nil {
			if err := s.run(ctx, strings.Join(append([]string{p.ddl}, p.after...), ";\n")); err != nil {
				return err
			}
		}
		if p.validate == "" {
			_, err = take(ctx, s, p)
			return err
		}
		_, err = s.exec(ctx, "update sower.journal set state = 'added' where id = $1::bigint", p.id)
		return err
	})
	p.added = err == nil && p.validate != ""
	return err
}

func validateKey(ctx context.Context, s *session, p *piece) error {
	err := s.transact(ctx, begin, func() error {
		if ok, err := take(ctx, s, p); err != nil || !ok {
			return err
		}
		return s.run(ctx, p.validate)
	})
	if code(err) == "23503" {
		words := err.Error()
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			words = pe.Detail
		}
		err = &failure{text: fmt.Sprintf("rows of others refer to parents that are not there (%s): mend or delete them, then run sower repair; the key is back and checks new rows", words), causes: []error{err}}
	}
	return err
}
