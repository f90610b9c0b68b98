package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

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
	added             bool  // a key that is back, and not valid yet
	rank              int64 // how slow an index is to build
	size              int64 // of the table, bytes
}

// slowest is the rank of GIN, GiST and the like over expressions, such as for the search in texts.
const slowest = 3

// computed tells whether an index is over expressions, which its build and the table's statistics compute for each row.
func (p *piece) computed() bool { return p.rank%2 == 1 }

// Restore brings back what the journal holds and gathers the statistics of tables. First come the keys, not
// valid: each locks two tables for a moment, which would wait for an index build. Then, table by table, the
// indexes, and behind them what locks out index builds: the validation of keys, the statistics (rebuild.go). Each
// piece comes back in the transaction that takes it from the journal.
func (db *DB) Restore(ctx context.Context, connections int, statistics []*sink.Target, note func(sink.Restored)) error {
	pieces, there, err := db.journal(ctx)
	if err != nil {
		return db.recordError(ctx, "read the journal", err)
	}
	if len(pieces) > 0 {
		if err := db.trusted(ctx); err != nil {
			return db.recordError(ctx, "read the journal", err)
		}
	}
	r := &rebuild{db: db, connections: max(connections, 1), note: note, of: map[string]int{}, done: map[string]int{}}
	for _, p := range pieces {
		t := r.table(p.table)
		t.size = p.size
		if p.kind == "index" {
			t.indexes = append(t.indexes, p)
			r.of["indexes"]++
		} else if err := r.addKey(ctx, p); err != nil {
			r.errs = append(r.errs, err)
		} else if p.added {
			t.keys = append(t.keys, p)
			r.of["keys"]++
		}
	}
	if err := r.gather(statistics); err != nil {
		return err
	}
	if err := r.run(ctx); err != nil || !there {
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
		return s.each(ctx, `select id, kind, table_name, name, tablespace, ddl, array_to_string(after, chr(1)), validate, state = 'added', rank, coalesce(pg_table_size(to_regclass(table_name)), 0)
			from sower.journal order by rank desc, id`,
			func(r [][]byte) error {
				p := &piece{id: string(r[0]), kind: string(r[1]), table: string(r[2]), name: string(r[3]), tablespace: string(r[4]), ddl: string(r[5]), validate: string(r[7]), added: toBool(r[8]),
					rank: toInt(r[9]), size: toInt(r[10])}
				if len(r[6]) > 0 {
					p.after = strings.Split(string(r[6]), "\x01")
				}
				out = append(out, p)
				return nil
			})
	})
	return out, there, err
}

// take takes a piece from the journal, within a transaction; false where it is there no more.
func take(ctx context.Context, s *session, p *piece) (bool, error) {
	n, err := s.exec(ctx, "delete from sower.journal where id = $1::bigint", p.id)
	return n == 1, err
}

// forms are what the statements of a journal look like, by their kind.
var forms = map[string]*regexp.Regexp{
	"index":    regexp.MustCompile(`(?is)^create (unique )?index `),
	"key":      regexp.MustCompile(`(?s)^alter table .+ add constraint .+ FOREIGN KEY \(`),
	"after":    regexp.MustCompile(`(?s)^(comment on (index|constraint) |alter index .+ set statistics )`),
	"validate": regexp.MustCompile(`(?s)^alter table .+ validate constraint `),
}

// statement runs one statement of the journal. It is sent in the protocol that takes no second one behind it.
func (p *piece) statement(ctx context.Context, s *session, kind, sql string) error {
	if !forms[kind].MatchString(sql) {
		return &failure{text: fmt.Sprintf("the journal has a statement for it that sower does not write (%s): look at sower.journal, id %s", shorten(sql), p.id)}
	}
	_, err := s.exec(ctx, sql)
	return err
}

// make brings an index or a key back, with its comments.
func (p *piece) make(ctx context.Context, s *session) error {
	err := p.statement(ctx, s, p.kind, p.ddl)
	for _, sql := range p.after {
		if err == nil {
			err = p.statement(ctx, s, "after", sql)
		}
	}
	return err
}

// trusted is an error where somebody could have written into the journal, whose statements run with this
// role's rights, who has fewer: it must be this role, the database's owner or a superuser who owns it, and
// nobody else may write to it.
func (db *DB) trusted(ctx context.Context) error {
	var others []string
	err := db.read(ctx, func(s *session) error {
		return s.each(ctx, `
with writers (role) as (
  select relowner from pg_class where oid = 'sower.journal'::regclass
  union select nspowner from pg_namespace where nspname = 'sower'
  union select a.grantee from pg_class c, aclexplode(c.relacl) a where c.oid = 'sower.journal'::regclass and a.privilege_type in ('INSERT', 'UPDATE'))
select case w.role when 0 then 'public' else pg_get_userbyid(w.role) end from writers w left join pg_roles r on r.oid = w.role
 where not coalesce(r.rolsuper, false) and w.role <> (select oid from pg_roles where rolname = current_user) and w.role <> (select datdba from pg_database where datname = current_database())
 order by 1`, func(r [][]byte) error {
			others = append(others, ident(string(r[0])))
			return nil
		})
	})
	if err == nil && len(others) > 0 {
		err = &failure{text: fmt.Sprintf("its statements would run with the rights of %s, and others may have written them (%s): let the role that loaded run sower repair, or see that sower.journal is right and take it over: "+
			"alter schema sower owner to %[1]s; alter table sower.journal owner to %[1]s; revoke all on sower.journal from %[2]s", ident(db.user), strings.Join(others, ", "))}
	}
	return err
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
		return p.make(ctx, s)
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
			if err := p.make(ctx, s); err != nil {
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
		return p.statement(ctx, s, "validate", p.validate)
	})
	if code(err) == "23503" {
		words := err.Error()
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			words = pe.Detail
		}
		err = &failure{text: fmt.Sprintf("rows refer to parents that are not there (%s): where those belong to a run that is not whole, the same command completes it; rows of others are to be mended or deleted, then run sower repair; the key is back and checks new rows", words), causes: []error{err}}
	}
	return err
}
