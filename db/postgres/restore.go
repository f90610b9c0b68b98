package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/sink"
)

// piece is a row of the journal.
type piece struct {
	id              string
	kind, name      string
	table           string // quoted, as it is called now
	rel             string // its number
	schema, relname string // as it is called now; "" where it is gone
	facts           *facts
	old             *oldPiece // of the form before facts; nil where it is none
	added           bool      // a key that is back, and not valid yet
	built           bool      // a unique of which the index is back
	rank            int64     // how slow an index is to build
	size            int64     // of the table, bytes
}

// String names the piece for people.
func (p *piece) String() string {
	switch p.schema {
	case "":
		return p.name + " of " + p.table
	case "public":
		return p.name + " of " + p.relname
	}
	return p.name + " of " + p.schema + "." + p.relname
}

// slowest is the rank of GIN, GiST and the like over expressions, such as for the search in texts.
const slowest = 3

// computed tells whether an index is over expressions, which its build and the table's statistics compute for each row.
func (p *piece) computed() bool { return p.rank%2 == 1 }

// Restore brings back what the journal holds and gathers the statistics of tables. First come the foreign keys, not
// valid: each locks two tables for a moment, which would wait for an index build. Those to tables whose uniques are away
// come once these are back. Then, table by table, the indexes, and behind them what locks out index builds: the
// validation of keys, the statistics (rebuild.go). Each piece comes back in the transaction that takes it from the journal.
func (db *DB) Restore(ctx context.Context, how sink.Restoring) error {
	pieces, there, err := db.journal(ctx)
	if err != nil {
		return db.recordError(ctx, "read the journal", err)
	}
	if pieces, err = db.tidy(ctx, pieces, how.Forget); err != nil {
		return db.recordError(ctx, "read the journal", err)
	}
	if how.Uniques {
		pieces = slices.DeleteFunc(pieces, func(p *piece) bool { return !p.unique() })
	}
	if len(pieces) > 0 {
		if err := db.mayDefine(ctx); err != nil {
			return explain(ctx, "restore indexes and keys in "+db.where, err)
		}
	}
	r := &rebuild{db: db, how: how, connections: max(how.Connections, 1), of: map[string]int{}, done: map[string]int{}}
	for _, p := range pieces {
		t := r.table(p.table)
		t.size, t.rel = p.size, p.rel
		switch {
		case p.unique():
			t.uniques = append(t.uniques, p)
			r.of["uniques"]++
		case p.kind == "index":
			t.indexes = append(t.indexes, p)
			r.of["indexes"]++
		}
	}
	r.addKeys(ctx, slices.DeleteFunc(slices.Clone(pieces), func(p *piece) bool { return p.kind != "key" || r.waitsFor(p) != nil }))
	for _, p := range pieces {
		if p.kind != "key" {
			continue
		}
		t := r.table(p.table)
		if !p.added && r.waitsFor(p) != nil {
			t.late = append(t.late, p)
			if p.valid() {
				r.of["keys"]++
			}
			continue
		}
		if err := r.addKey(ctx, t, p); err != nil {
			r.errs = append(r.errs, err)
		} else if p.added {
			t.keys = append(t.keys, p)
			r.of["keys"]++
		}
	}
	if err := r.gather(how.Statistics); err != nil {
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
		if old, err := oldJournal(ctx, s); err != nil {
			return err
		} else if old {
			out, err = oldPieces(ctx, s)
			return err
		}
		return s.each(ctx, `select j.id, j.kind, j.name, j.table_name, j.rel, coalesce(n.nspname, ''), coalesce(c.relname, ''), j.facts,
			j.state = 'added', j.state = 'built', j.rank, coalesce(pg_table_size(c.oid), 0)
			from sower.journal j left join pg_class c on c.oid = j.rel and c.relkind in ('r', 'p') left join pg_namespace n on n.oid = c.relnamespace order by j.rank desc, j.id`,
			func(r [][]byte) error {
				f, err := parseFacts(r[7])
				if len(r[6]) > 0 {
					r[3] = []byte(ident(string(r[5]), string(r[6])))
				}
				out = append(out, &piece{id: string(r[0]), kind: string(r[1]), name: string(r[2]), table: string(r[3]), rel: string(r[4]), schema: string(r[5]), relname: string(r[6]),
					facts: f, added: toBool(r[8]), built: toBool(r[9]), rank: toInt(r[10]), size: toInt(r[11])})
				return err
			})
	})
	return out, there, err
}

// take takes a piece from the journal, within a transaction; false where it is there no more.
func take(ctx context.Context, s *session, p *piece) (bool, error) {
	n, err := s.exec(ctx, "delete from sower.journal where id = $1::bigint", p.id)
	return n == 1, err
}

// make makes an index or a key again, with its comments.
func (p *piece) make(ctx context.Context, s *session) error {
	if p.old != nil {
		return p.old.make(ctx, s, p)
	}
	if p.kind != "key" {
		err := p.makeIndex(ctx, s)
		if err == nil && p.unique() {
			err = p.attach(ctx, s)
		}
		return err
	}
	names, err := columnNames(ctx, s, p.rel)
	if err != nil {
		return err
	}
	row, err := s.row(ctx, "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::oid", p.facts.Reference.Table)
	if err == nil && row == nil {
		err = &failure{text: "the table that it refers to, " + p.facts.Reference.Name + ", is gone"}
	}
	if err != nil {
		return err
	}
	to, err := columnNames(ctx, s, p.facts.Reference.Table)
	if err != nil {
		return err
	}
	sql, after, err := p.facts.keySQL(p.name, p.table, string(row[0]), names, to)
	if err != nil {
		return err
	}
	return oneByOne(ctx, s, sql, after)
}

// makeIndex makes an index again, with its comment.
func (p *piece) makeIndex(ctx context.Context, s *session) error {
	names, err := columnNames(ctx, s, p.rel)
	if err != nil {
		return err
	}
	sql, after, err := p.facts.indexSQL(p.name, p.schema, p.relname, names)
	if err != nil {
		return err
	}
	return oneByOne(ctx, s, sql, after)
}

// oneByOne runs statements in the protocol that takes no second one behind each.
func oneByOne(ctx context.Context, s *session, sql string, after []string) error {
	for _, sql := range append([]string{sql}, after...) {
		if _, err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// present gives the facts of what has the piece's name on its table now; nil where nothing has.
func (p *piece) present(ctx context.Context, s *session) (*facts, error) {
	sql := "select " + indexFactsSQL + " from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam where i.indrelid = $1::oid and c.relname = $2 and i.indisvalid"
	if p.kind == "key" {
		sql = "select " + keyFactsSQL + " from pg_constraint k where k.conrelid = $1::oid and k.conname = $2 and k.contype = 'f'"
	}
	row, err := s.row(ctx, sql, p.rel, p.name)
	if err != nil || row == nil {
		return nil, err
	}
	return parseFacts(row[0])
}

// stands tells whether a piece is there already: somebody has made it again. Another of its name is an error.
func (p *piece) stands(ctx context.Context, s *session) (bool, error) {
	if p.old != nil {
		return p.old.stands(ctx, s, p)
	}
	f, err := p.present(ctx, s)
	if err != nil || f == nil {
		return false, err
	}
	if !f.same(p.facts) {
		return false, &failure{text: "one of that name is there, and it is another one"}
	}
	return true, nil
}

// settle says how to go on where a piece cannot be made.
func (p *piece) settle(err error) error {
	if err == nil || passing(err) || code(err) == lockTimeout || errors.Is(err, context.Canceled) {
		return err
	}
	words := err.Error()
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		words = serverWords(pe)
	}
	return &failure{text: fmt.Sprintf("%s: change what is in the way and run sower repair, or give it up: sower repair --forget %s", words, shown.ShellWord(p.name)), causes: []error{err}}
}

// tidy takes pieces out of the journal whose table, or whose referenced table, is gone, and those that are given up.
func (db *DB) tidy(ctx context.Context, pieces []*piece, forget []string) (left []*piece, err error) {
	found := map[string]bool{}
	err = db.control(ctx, func(s *session) error {
		return s.transact(ctx, begin, func() error {
			left = nil
			there, err := standing(ctx, s, pieces)
			if err != nil {
				return err
			}
			for _, p := range pieces {
				why := ""
				switch {
				case slices.Contains(forget, p.name):
					found[p.name] = true
					why = "it is given up"
				case p.old == nil && p.schema == "":
					why = "its table is gone"
				case p.kind == "key" && p.old == nil && !p.added && !there[p.facts.Reference.Table]:
					why = "the table that it refers to, " + p.facts.Reference.Name + ", is gone"
				}
				if why == "" {
					left = append(left, p)
					continue
				}
				if _, err := take(ctx, s, p); err != nil {
					return err
				}
				db.log().Warn("not restored: "+why, map[string]string{"index": "index", "key": "foreign key", "primary": "primary key", "unique": "unique constraint"}[p.kind], p.name, "table", p.table)
			}
			return nil
		})
	})
	for _, name := range forget {
		if err == nil && !found[name] {
			err = &failure{text: fmt.Sprintf("nothing of the name %s waits to be restored", shown.ShellWord(name))}
		}
	}
	return left, err
}

// standing gives those of the tables that foreign keys refer to that are there.
func standing(ctx context.Context, s *session, pieces []*piece) (there map[string]bool, err error) {
	there = map[string]bool{}
	var tables []string
	for _, p := range pieces {
		if p.kind == "key" && p.old == nil {
			tables = append(tables, p.facts.Reference.Table)
		}
	}
	if len(tables) == 0 {
		return there, nil
	}
	return there, s.each(ctx, "select oid from pg_class where oid = any ($1::oid[])", func(r [][]byte) error {
		there[string(r[0])] = true
		return nil
	}, nameArray(tables))
}

func restoreIndex(ctx context.Context, s *session, p *piece) error {
	return p.settle(s.transact(ctx, durable, func() error {
		if ok, err := take(ctx, s, p); err != nil || !ok {
			return err
		}
		if there, err := p.stands(ctx, s); err != nil || there {
			return err
		}
		if _, err := s.row(ctx, "select set_config('default_tablespace', $1, true)", p.tablespace()); err != nil {
			return err
		}
		return p.make(ctx, s)
	}))
}

func (p *piece) tablespace() string {
	if p.old != nil {
		return p.old.tablespace
	}
	return "" // its statement has it
}

// valid tells whether a key is to be validated.
func (p *piece) valid() bool {
	if p.old != nil {
		return p.old.validate != ""
	}
	return p.facts.Reference.Valid
}

// addKey brings a key back, not valid: from now on new rows are checked.
func addKey(ctx context.Context, s *session, p *piece) error {
	if p.added {
		return nil
	}
	err := s.transact(ctx, durable, func() error {
		there, err := p.stands(ctx, s)
		if err != nil {
			return err
		}
		if !there {
			if err := p.make(ctx, s); err != nil {
				return err
			}
		}
		if !p.valid() {
			_, err = take(ctx, s, p)
			return err
		}
		_, err = s.exec(ctx, "update sower.journal set state = 'added' where id = $1::bigint", p.id)
		return err
	})
	p.added = err == nil && p.valid()
	return p.settle(err)
}

func validateKey(ctx context.Context, s *session, p *piece) error {
	err := s.transact(ctx, durable, func() error {
		if ok, err := take(ctx, s, p); err != nil || !ok {
			return err
		}
		if p.old != nil {
			return p.old.statement(ctx, s, p, "validate", p.old.validate)
		}
		// The commit that added it may have been lost with the server.
		if f, err := p.present(ctx, s); err != nil {
			return err
		} else if f == nil {
			if err := p.make(ctx, s); err != nil {
				return err
			}
		}
		_, err := s.exec(ctx, fmt.Sprintf("alter table %s validate constraint %s", p.table, ident(p.name)))
		return err
	})
	if code(err) == "23503" {
		words := err.Error()
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			words = pe.Detail
		}
		err = &failure{text: fmt.Sprintf("rows refer to parents that are not there (%s): where those belong to a run that is not whole, sower generate completes it, and sower clean deletes them; rows not made by sower are to be mended or deleted, then run sower repair; the key is back and checks new rows", words), causes: []error{err}}
	}
	return err
}
