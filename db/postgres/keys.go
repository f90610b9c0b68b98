package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// sequence is what the catalog says of a sequence.
//
// Of a sequence that goes down everything is taken with the other sign, so that the reservation sees only
// sequences that go up; mirrored says so.
type sequence struct {
	name     string // quoted, with its schema
	step     int64  // at least 1
	max      int64
	start    int64
	mirrored bool
	owned    bool // this role may alter it
	usable   bool // this role may call nextval
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
// Of a sequence that goes by more than one (an allocator of blocks has one) the values in between are nobody's:
// they are reserved as well, and the sequence moves on to a value of its own behind them. Of one that goes down
// the values below are taken.
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
	case c.Type.Kind != column.Int && !(c.Type.Name == "numeric" && c.Type.Scale == 0 && c.Sequence != ""):
		return 0, fmt.Errorf("%s: its type is %s, and only integers can be reserved", what, c.Type.Name)
	case n < 0:
		return 0, fmt.Errorf("%s: the number is negative", what)
	}
	limit := int64(math.MaxInt64)
	if c.Type.Kind == column.Int {
		limit >>= 64 - 8*c.Type.Width
	}
	err = db.control(ctx, func(s *session) (err error) {
		r := reservation{s: s, n: n, typ: c.Type.Name, limit: limit, fed: []string{fedColumn(rowsSQL(t), col)}}
		if c.Sequence == "" {
			top, err := r.standing(ctx)
			first = top + 1
			if err == nil && (n > limit || top > limit-n) {
				err = tooFew("the column's type "+c.Type.Name, limit, limit-top)
			}
			return err
		}
		if base := db.basePath(); base != controlPath {
			if err := s.use(ctx, base); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.use(s.ctx, controlPath)) }()
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

// standing is the largest value that stands, or 0; of a sequence that goes down the least, with the other
// sign, or what is the largest number there.
func (r *reservation) standing(ctx context.Context) (int64, error) {
	if r.seq.mirrored {
		low := strings.ReplaceAll(strings.Join(r.fed, ", "), "(select max(", "(select -min(")
		return r.s.number(ctx, "select ceil(coalesce(greatest("+low+")::numeric, -9223372036854775807))::bigint")
	}
	return r.s.number(ctx, "select ceil(greatest("+strings.Join(r.fed, ", ")+", 0)::numeric)::bigint")
}

func tooFew(what string, end, left int64) error {
	return &failure{text: fmt.Sprintf("%s ends at %d, and only %d values are left: ask for fewer rows, or widen it", what, end, max(left, 0))}
}

func (r *reservation) take(ctx context.Context, name string) (first int64, err error) {
	if err := r.readSequence(ctx, name); err != nil {
		return 0, err
	}
	tried := false
	if r.seq.owned {
		first, err = r.takeLocked(ctx)
		c := code(err)
		tried = c != lockTimeout && c != noPrivilege
	}
	if !tried {
		if !r.seq.usable {
			return 0, &failure{text: fmt.Sprintf("the role may not use its sequence: an owner must run: grant usage on sequence %s to the role", name)}
		}
		first, err = r.draw(ctx)
	}
	if err == nil && r.seq.mirrored {
		first = -(first + r.n - 1)
	}
	return first, err
}

// readSequence reads the sequence's settings and the columns that it feeds.
func (r *reservation) readSequence(ctx context.Context, name string) error {
	const settings = `
select q.seqincrement, q.seqmax, pg_has_role(c.relowner, 'usage'), has_sequence_privilege(c.oid, 'usage, update'), q.seqmin, q.seqstart
  from pg_sequence q join pg_class c on c.oid = q.seqrelid where q.seqrelid = $1::regclass`
	row, err := r.s.row(ctx, settings, name)
	if err != nil {
		return err
	}
	if row == nil {
		return fmt.Errorf("there is no sequence %s any more: inspect the database again", name)
	}
	r.seq = sequence{name: name, step: toInt(row[0]), max: toInt(row[1]), owned: toBool(row[2]), usable: toBool(row[3]), start: toInt(row[5])}
	if r.seq.step < 0 {
		r.seq.mirrored, r.seq.step, r.seq.start = true, -r.seq.step, -r.seq.start
		r.seq.max = -max(toInt(row[4]), -math.MaxInt64) // the least bigint has no other sign
		r.limit = min(r.limit, math.MaxInt64-1) + 1
	}
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
		if err := r.s.run(ctx, fmt.Sprintf("set local lock_timeout = '2s'; alter sequence %s increment by %d", r.seq.name, r.sign()*r.seq.step)); err != nil {
			return err
		}
		next, err := r.s.number(ctx, fmt.Sprintf("select (case when is_called then last_value + %d else last_value end) * %d from %s", r.sign()*r.seq.step, r.sign(), r.seq.name))
		if err != nil {
			if code(err) == "22003" { // past the largest bigint
				return tooFew("its sequence "+r.seq.name, r.shown(r.seq.max), 0)
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
		place := first + r.n - 1
		if off := (place - next) % r.seq.step; off > 0 { // the next value of its own
			if place > r.seq.max-(r.seq.step-off) {
				return tooFew("its sequence "+r.seq.name, r.shown(r.seq.max), r.seq.max-(r.seq.max-next)%r.seq.step-first+1)
			}
			place += r.seq.step - off
		}
		_, err = r.s.row(ctx, "select setval($1::regclass, $2::bigint)", r.seq.name, place*r.sign())
		return err
	})
	return first, err
}

func (r *reservation) sign() int64 {
	if r.seq.mirrored {
		return -1
	}
	return 1
}

// shown gives a value with the sign that it has in the database.
func (r *reservation) shown(x int64) int64 { return x * r.sign() }

// room tells whether n values from first on are within the sequence and the column's type.
func (r *reservation) room(first int64) error {
	if left := leftTo(r.seq.max, first); r.n > left {
		return tooFew("its sequence "+r.seq.name, r.shown(r.seq.max), left)
	}
	if left := leftTo(r.limit, first); r.n > left {
		return tooFew("the column's type "+r.typ, r.shown(r.limit), left)
	}
	return nil
}

// leftTo is how many values there are from first to end.
func leftTo(end, first int64) int64 {
	if first > end {
		return 0
	}
	// The difference of two integers fits where it is taken without a sign.
	return int64(min(uint64(end)-uint64(first), math.MaxInt64-1)) + 1
}

// draw takes values one by one.
func (r *reservation) draw(ctx context.Context) (first int64, err error) {
	for range 5 {
		// Only a guess, which saves draws: others may be drawing.
		place, err := r.s.number(ctx, "select coalesce(pg_sequence_last_value($1::regclass), seqstart - seqincrement) from pg_sequence where seqrelid = $1::regclass", r.seq.name)
		if err != nil {
			return 0, err
		}
		place *= r.sign()
		top, err := r.standing(ctx)
		if err != nil {
			return 0, err
		}
		next := place + r.seq.step
		first = max(next, top+1)
		if err := r.room(first); err != nil || r.n == 0 {
			return first, err
		}
		count := (first+r.n-1-next+r.seq.step-1)/r.seq.step + 1
		if count > maxDraws {
			return 0, &failure{text: fmt.Sprintf("%d values would have to be drawn one by one from its sequence %s, because only its owner can move it: run as its owner", count, r.seq.name)}
		}
		row, err := r.s.row(ctx, `select min(x), max(x), count(*) from (select nextval($1::regclass) from (select generate_series(1, $2::bigint)) g) d (x)`, r.seq.name, count)
		if err != nil {
			return 0, err
		}
		low, high := toInt(row[0]), toInt(row[1])
		if r.seq.mirrored {
			low, high = -high, -low
		}
		if high-low != (count-1)*r.seq.step {
			continue // somebody else drew in between
		}
		if first = max(low, top+1); high-first+1 >= r.n {
			return first, nil
		}
	}
	return 0, &failure{text: fmt.Sprintf("other sessions keep drawing from its sequence %s: try again when they are quiet, or run as its owner", r.seq.name)}
}
