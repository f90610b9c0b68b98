package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// sequence is what the catalog says of a sequence.
type sequence struct {
	name      string // quoted, with its schema
	increment int64
	max       int64
	owned     bool // this role may alter it
	usable    bool // this role may call nextval
}

// maxDraws bounds how many values Reserve takes one by one where it may not move the sequence.
const maxDraws = 20_000_000

// Reserve takes n values of the integer key column of t, for good: nobody else's nextval will give one
// of them, and none of them stands.
//
// A column without a sequence has nothing that could be moved: the values behind the largest one that
// stands are given.
//
// With a sequence, reading its place and moving it must be one step, or another session's nextval in
// between would hand out one of our values. The server has no such step, only two that are sound:
//
//   - Its owner alters it (by the increment that it has), which locks out every other nextval until
//     the end of the transaction, reads, and moves. What others drew before lies behind the place that is read.
//   - Others, and the owner too while a foreign transaction that has drawn a value stays open, draw n
//     values by nextval. Each draw is one step, so the values are ours; they are taken when they are
//     contiguous, which they are unless somebody drew in between: then again, a few times.
//
// setval without the lock is never used: it could take a sequence back.
func (db *DB) Reserve(ctx context.Context, t *schema.Table, col string, n int64) (first int64, err error) {
	what := fmt.Sprintf("reserve %d values of %s.%s", n, tableName(t), col)
	c := t.Column(col)
	switch {
	case c == nil:
		return 0, fmt.Errorf("%s: there is no such column", what)
	case c.Type.Kind != column.Int:
		return 0, fmt.Errorf("%s: its type is %s, and only integers can be reserved", what, c.Type.Name)
	case n < 0:
		return 0, fmt.Errorf("%s: the number is negative", what)
	}
	limit := int64(math.MaxInt64) >> (64 - 8*c.Type.Width)
	err = db.control(ctx, func(s *session) error {
		r := reservation{s: s, n: n, typ: c.Type.Name, limit: limit, fed: []string{fedColumn(rowsSQL(t), col)}}
		if c.Sequence == "" {
			return s.transact(ctx, readOnly, func() error {
				top, err := r.standing(ctx)
				first = top + 1
				if err == nil && (n > limit || top > limit-n) {
					err = tooFew("the column's type "+c.Type.Name, limit, limit-top)
				}
				return err
			})
		}
		first, err = r.take(ctx, c.Sequence)
		return err
	})
	return first, explain(ctx, what, err)
}

type reservation struct {
	s     *session
	n     int64
	typ   string   // the column's
	limit int64    // of the type
	fed   []string // queries for the largest value of each column that the sequence feeds
	seq   sequence
}

// fedColumn is a query for the largest value that stands in a column.
func fedColumn(rows, col string) string {
	return "(select max(" + ident(col) + ") from " + rows + ")"
}

// standing is the largest value that stands, or 0.
func (r *reservation) standing(ctx context.Context) (int64, error) {
	return r.s.number(ctx, "select ceil(greatest("+strings.Join(r.fed, ", ")+", 0)::numeric)::bigint")
}

func tooFew(what string, end, left int64) error {
	return &failure{text: fmt.Sprintf("%s ends at %d, and only %d values are left: ask for fewer rows, or widen it", what, end, max(left, 0))}
}

func (r *reservation) take(ctx context.Context, name string) (first int64, err error) {
	if err := r.readSequence(ctx, name); err != nil {
		return 0, err
	}
	if r.seq.increment != 1 {
		return 0, &failure{text: fmt.Sprintf("its sequence %s goes by %d, and values can be reserved only from one that goes by 1: "+
			"alter sequence %[1]s increment by 1, or let the database fill the column", name, r.seq.increment)}
	}
	if r.seq.owned {
		first, err = r.takeLocked(ctx)
		if c := code(err); c != lockTimeout && c != noPrivilege {
			return first, err
		}
	}
	if !r.seq.usable {
		return 0, &failure{text: fmt.Sprintf("the role may not use its sequence: an owner must run: grant usage on sequence %s to the role", name)}
	}
	return r.draw(ctx)
}

// readSequence reads the sequence's settings and the columns that it feeds.
func (r *reservation) readSequence(ctx context.Context, name string) error {
	const settings = `
select q.seqincrement, q.seqmax, pg_has_role(c.relowner, 'usage'), has_sequence_privilege(c.oid, 'usage, update')
  from pg_sequence q join pg_class c on c.oid = q.seqrelid where q.seqrelid = $1::regclass`
	row, err := r.s.row(ctx, settings, name)
	if err != nil {
		return err
	}
	if row == nil {
		return fmt.Errorf("there is no sequence %s any more: inspect the database again", name)
	}
	r.seq = sequence{name: name, increment: toInt(row[0]), max: toInt(row[1]), owned: toBool(row[2]), usable: toBool(row[3])}
	const fed = `
select n.nspname, c.relname, a.attname, c.relkind = 'p'
  from (select e.adrelid, e.adnum from pg_depend d join pg_attrdef e on e.oid = d.objid
         where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = $1::regclass
        union
        select d.refobjid, d.refobjsubid from pg_depend d
         where d.classid = 'pg_class'::regclass and d.objid = $1::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')) f (rel, num)
  join pg_class c on c.oid = f.rel
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = f.rel and a.attnum = f.num
 where not c.relispartition and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)`
	return r.s.each(ctx, fed, func(row [][]byte) error {
		t := &schema.Table{Schema: string(row[0]), Name: string(row[1]), Partitioned: toBool(row[3])}
		if q := fedColumn(rowsSQL(t), string(row[2])); q != r.fed[0] {
			r.fed = append(r.fed, q)
		}
		return nil
	}, name)
}

// takeLocked moves the sequence while nobody else can use it.
func (r *reservation) takeLocked(ctx context.Context) (first int64, err error) {
	err = r.s.transact(ctx, begin, func() error {
		if err := r.s.run(ctx, "set local lock_timeout = '2s'; alter sequence "+r.seq.name+" increment by 1"); err != nil {
			return err
		}
		next, err := r.s.number(ctx, "select case when is_called then last_value + 1 else last_value end from "+r.seq.name)
		if err != nil {
			if code(err) == "22003" { // past the largest bigint
				return tooFew("its sequence "+r.seq.name, r.seq.max, 0)
			}
			return err
		}
		top, err := r.standing(ctx)
		if err != nil {
			return err
		}
		first = max(next, top+1)
		if err := r.room(first); err != nil || r.n == 0 {
			return err
		}
		_, err = r.s.row(ctx, "select setval($1::regclass, $2::bigint)", r.seq.name, first+r.n-1)
		return err
	})
	return first, err
}

// room tells whether n values from first on are within the sequence and the column's type.
func (r *reservation) room(first int64) error {
	if r.n > r.seq.max || first > r.seq.max-r.n+1 {
		return tooFew("its sequence "+r.seq.name, r.seq.max, r.seq.max-first+1)
	}
	if r.n > r.limit || first > r.limit-r.n+1 {
		return tooFew("the column's type "+r.typ, r.limit, r.limit-first+1)
	}
	return nil
}

// draw takes values one by one.
func (r *reservation) draw(ctx context.Context) (first int64, err error) {
	for range 5 {
		// Only a guess, which saves draws: others may be drawing.
		place, err := r.s.number(ctx, "select coalesce(pg_sequence_last_value($1::regclass), seqstart - 1) from pg_sequence where seqrelid = $1::regclass", r.seq.name)
		if err != nil {
			return 0, err
		}
		top, err := r.standing(ctx)
		if err != nil {
			return 0, err
		}
		first = max(place, top) + 1
		if err := r.room(first); err != nil || r.n == 0 {
			return first, err
		}
		count := first - place - 1 + r.n
		if count > maxDraws {
			return 0, &failure{text: fmt.Sprintf("%d values would have to be drawn one by one from its sequence %s, because only its owner can move it: run as its owner", count, r.seq.name)}
		}
		row, err := r.s.row(ctx, `select min(x), max(x), count(*) from (select nextval($1::regclass) from (select generate_series(1, $2::bigint)) g) d (x)`, r.seq.name, count)
		if err != nil {
			return 0, err
		}
		low, high := toInt(row[0]), toInt(row[1])
		if high-low+1 != count {
			continue // somebody else drew in between
		}
		if first = max(low, top+1); high-first+1 >= r.n {
			return first, nil
		}
	}
	return 0, &failure{text: fmt.Sprintf("other sessions keep drawing from its sequence %s: try again when they are quiet, or run as its owner", r.seq.name)}
}
