package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgcopy"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Runs gives the recorded runs in order of their numbers.
func (db *DB) Runs(ctx context.Context) (runs []*sink.Run, err error) {
	err = db.read(ctx, func(s *session) error {
		form, err := recordForm(ctx, s, "run")
		if err != nil || form == 0 {
			return err
		}
		more := "shape, grows, shards, batches"
		if form < 2 {
			more = "null, null, null, null"
		}
		return s.each(ctx, "select "+runColumns+", "+more+" from sower.run order by number", func(r [][]byte) error {
			run, err := runOf(r)
			runs = append(runs, run)
			return err
		})
	})
	if err != nil {
		return nil, db.recordError(ctx, "read the record of runs", err)
	}
	return runs, nil
}

// runColumns are those of a run that all forms of the record have. Later ones follow: shape, grows, shards, batches.
const runColumns = "number, blueprint, state, identity, plan, version, started, finished"

// runOf reads a run.
func runOf(r [][]byte) (*sink.Run, error) {
	run := &sink.Run{Number: toInt(r[0]), Blueprint: string(r[1]), State: sink.State(r[2]), Identity: string(r[3]), Version: string(r[5]),
		Grows: toInt(r[9]), Shards: int(toInt(r[10]))}
	for cell, to := range map[int]*[]byte{4: &run.Plan, 8: &run.Shape, 11: &run.Batches} {
		b, err := toBytes(r[cell])
		if err != nil {
			return nil, fmt.Errorf("the plan of run %d: %w", run.Number, err)
		}
		*to = b
	}
	var err error
	if run.Started, err = toTime(r[6]); err == nil && r[7] != nil {
		run.Finished, err = toTime(r[7])
	}
	return run, err
}

func toTime(b []byte) (time.Time, error) {
	us, err := parseTimestamp(b)
	return time.UnixMicro(us).UTC(), err
}

// fromTime gives the text of a time; nil, which is null, of the zero time.
func fromTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return string(pgcopy.AppendTimestamp(nil, t.UnixMicro())) + "+00"
}

// SaveRun records a run: it inserts it and sets its Number where that is 0, else updates it. The schema and its
// tables are made where they are missing, and brought to today's form. The commit is synchronous.
func (db *DB) SaveRun(ctx context.Context, r *sink.Run) error {
	number := r.Number
	err := db.control(ctx, func(s *session) error {
		return s.transact(ctx, begin, func() error {
			if err := ensureRecord(ctx, s, r.Version); err != nil {
				return err
			}
			if number == 0 {
				var err error
				number, err = s.number(ctx, `insert into sower.run (blueprint, state, identity, plan, version, started, finished, shape, grows, shards, batches)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning number`, runValues(r)...)
				return err
			}
			return updateRun(ctx, s, r)
		})
	})
	if err != nil {
		return db.recordError(ctx, "record the run", err)
	}
	r.Number = number
	return nil
}

func runValues(r *sink.Run) []any {
	some := func(n int64) any { // null, where it is 0
		if n == 0 {
			return nil
		}
		return n
	}
	return []any{r.Blueprint, string(r.State), r.Identity, bytesText(r.Plan), r.Version, fromTime(r.Started), fromTime(r.Finished), bytesText(r.Shape),
		some(r.Grows), some(int64(r.Shards)), bytesText(r.Batches)}
}

// updateRun writes the record of a run that is there.
func updateRun(ctx context.Context, s *session, r *sink.Run) error {
	n, err := s.exec(ctx, `update sower.run set blueprint = $1, state = $2, identity = $3, plan = $4, version = $5, started = $6, finished = $7,
 shape = coalesce($8, shape), grows = $9, shards = $10, batches = $11 where number = $12`, append(runValues(r), r.Number)...)
	if err == nil && n == 0 {
		err = fmt.Errorf("there is no run %d: was the record deleted?", r.Number)
	}
	return err
}

// Ledger gives what is committed of a run's table, in order.
func (db *DB) Ledger(ctx context.Context, run int64, table string) (entries []sink.Entry, err error) {
	err = db.read(ctx, func(s *session) error {
		form, err := recordForm(ctx, s, "ledger")
		if err != nil || form == 0 {
			return err
		}
		more := "part, digest"
		if form < 2 {
			more = "0, null"
		}
		return s.each(ctx, "select first_row, row_count, "+more+" from sower.ledger where run = $1 and table_name = $2 order by 3, 1", func(r [][]byte) error {
			e := sink.Entry{Range: sink.Range{First: toInt(r[0]), N: toInt(r[1])}, Part: int(toInt(r[2]))}
			if sum, err := toBytes(r[3]); err != nil {
				return err
			} else if sum != nil {
				d, err := column.DigestOf(sum)
				if err != nil {
					return fmt.Errorf("run %d, %s from row %d on: %w", run, table, e.First, err)
				}
				e.Digest = &d
			}
			entries = append(entries, e)
			return nil
		}, run, table)
	})
	if err != nil {
		return nil, db.recordError(ctx, "read the ledger", err)
	}
	return entries, nil
}

// ledgerRow adds a row to the ledger.
const ledgerRow = "insert into sower.ledger (run, table_name, first_row, row_count, part, digest) values ($1, $2, $3, $4, $5, $6::bytea)"

// SaveLedger puts entries in the place of those of a run's table.
func (db *DB) SaveLedger(ctx context.Context, run int64, table string, entries []sink.Entry) error {
	err := db.control(ctx, func(s *session) error {
		return s.transact(ctx, begin, func() error {
			if _, err := s.exec(ctx, "delete from sower.ledger where run = $1 and table_name = $2", run, table); err != nil {
				return err
			}
			for _, e := range entries {
				if _, err := s.exec(ctx, ledgerRow, run, table, e.First, e.N, int64(e.Part), digestText(e.Digest)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return db.recordError(ctx, "correct the ledger", err)
	}
	return nil
}

// ClearLedger forgets the ledger of a run.
func (db *DB) ClearLedger(ctx context.Context, run int64) error {
	err := db.control(ctx, func(s *session) error {
		if there, err := recorded(ctx, s, "ledger"); err != nil || !there {
			return err
		}
		_, err := s.exec(ctx, "delete from sower.ledger where run = $1", run)
		return err
	})
	if err != nil {
		return db.recordError(ctx, "clear the ledger", err)
	}
	return nil
}

// CountRows is the number of rows of t, whoever wrote them.
func (db *DB) CountRows(ctx context.Context, t *schema.Table) (n int64, err error) {
	if err := db.mayRead(t); err != nil {
		return 0, explain(ctx, "count the rows of "+tableName(t), err)
	}
	err = db.answer(ctx, func(s *session) error {
		n, err = s.number(ctx, "select count(*) from "+rowsSQL(t))
		return err
	})
	return n, explain(ctx, "count the rows of "+tableName(t), err)
}

// QueryInt runs a query that gives one integer, in a read-only transaction. Where keys is not nil it is
// the query's parameter, an array of the type that the query compares it with. Null counts as 0.
func (db *DB) QueryInt(ctx context.Context, sql string, keys *column.Vec) (int64, error) {
	n, err := db.QueryInts(ctx, sql, keys, 1)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// QueryInts runs a query that gives one row of n integers, like QueryInt.
func (db *DB) QueryInts(ctx context.Context, sql string, keys *column.Vec, n int) ([]int64, error) {
	var args []any
	if keys != nil {
		args = append(args, arrayOf(keys, schema.Type{Kind: keys.Kind}, 0, keys.Len()))
	}
	out := make([]int64, n)
	if err := db.mayReadSQL(sql); err != nil {
		return nil, explain(ctx, "query "+shorten(sql), err)
	}
	err := db.read(ctx, func(s *session) error {
		row, err := s.row(ctx, sql, args...)
		switch {
		case err != nil:
			return err
		case len(row) != n:
			return errNoRow
		}
		for i, cell := range row {
			if len(cell) > 0 {
				if out[i], err = parseInt(cell); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, explain(ctx, "query "+shorten(sql), err)
}

// shorten makes a statement fit into a message.
func shorten(sql string) string {
	const most = 200
	if len(sql) <= most {
		return sql
	}
	return sql[:most] + "..."
}
