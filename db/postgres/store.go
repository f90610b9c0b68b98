package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// lockKey names sower among a database's advisory locks: the bytes of "sower".
const lockKey int64 = 0x73_6f_77_65_72

// heldLock is the lock of a live run, which the control session holds.
type heldLock struct {
	who string
}

// Lock takes the database for one live run: an advisory lock of the control session, which ends with
// its connection. Other sessions see who in pg_stat_activity. Should the connection be lost, the next
// call takes the lock again before it does anything, or fails.
func (db *DB) Lock(ctx context.Context, who string) (unlock func() error, err error) {
	held := &heldLock{who: who}
	err = db.control(ctx, func(s *session) error {
		if db.lock != nil { // the server would let the same session in twice
			return fmt.Errorf("lock %s: this process, as %s: %w", db.where, db.lock.who, sink.ErrLocked)
		}
		if err := db.takeLock(ctx, s, who); err != nil {
			return err
		}
		db.lock = held
		return nil
	})
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	return func() error {
		ctx, cancel := context.WithTimeout(ctx, closeTimeout)
		defer cancel()
		return db.unlock(ctx, held)
	}, nil
}

func (db *DB) unlock(ctx context.Context, held *heldLock) error {
	select {
	case <-db.turn:
		defer func() { db.turn <- struct{}{} }()
	case <-ctx.Done():
		return fmt.Errorf("unlock %s: a call is still under way; the lock ends with the connection", db.where)
	}
	if db.lock != held {
		return nil
	}
	db.lock = nil
	if db.ctl == nil || db.ctl.pg.IsClosed() {
		return nil // it ended with the connection
	}
	_, err := db.ctl.row(ctx, "select pg_advisory_unlock($1::bigint), set_config('application_name', $2, false)", lockKey, db.cfg.RuntimeParams["application_name"])
	return explain(ctx, "unlock "+db.where, err)
}

// takeLock takes the lock in s, or says who has it.
func (db *DB) takeLock(ctx context.Context, s *session, who string) error {
	got, err := s.row(ctx, "select pg_try_advisory_lock($1::bigint)", lockKey)
	if err != nil {
		return explain(ctx, "lock "+db.where, err)
	}
	if toBool(got[0]) {
		if who != "" {
			_, err = s.row(ctx, "select set_config('application_name', $1, false)", who)
		}
		return explain(ctx, "lock "+db.where, err)
	}
	const holder = `
select l.pid, coalesce(nullif(a.application_name, ''), 'a session without a name'), coalesce(' since ' || to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
  from pg_locks l left join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())
   and (l.classid::bigint << 32) | l.objid::bigint = $1::bigint`
	row, err := s.row(ctx, holder, lockKey)
	if err != nil {
		return explain(ctx, "lock "+db.where, err)
	}
	whose := "it has just ended"
	if row != nil {
		whose = fmt.Sprintf("%s, process %s of the server%s", row[1], row[0], row[2])
	}
	return &failure{text: fmt.Sprintf("lock %s: %s: %s", db.where, sink.ErrLocked, whose), causes: []error{sink.ErrLocked}}
}

// recorded tells whether a table of sower's own schema is there, whatever the role may do with it.
func recorded(ctx context.Context, s *session, table string) (bool, error) {
	row, err := s.row(ctx, `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'sower' and c.relname = $1`, table)
	return row != nil, err
}

// recordError explains an error about sower's own tables.
func (db *DB) recordError(ctx context.Context, what string, err error) error {
	what += " in the schema sower of " + db.where
	if code(err) == noPrivilege && ctx.Err() == nil {
		err = &failure{causes: []error{err}, text: fmt.Sprintf("the role %[1]s lacks a right (%[2]s); an owner must run: "+
			"grant create on database %[3]s to %[1]s; or, once and for all: create schema sower authorization %[1]s; "+
			"or, where the schema stands: grant all on schema sower to %[1]s; grant all on all tables in schema sower to %[1]s",
			ident(db.user), err, ident(db.name))}
	}
	if c := code(err); (c == "42703" || c == "42804") && ctx.Err() == nil {
		err = &failure{causes: []error{err}, text: fmt.Sprintf("the tables there are not sower's, or of another version of it (%s): rename or drop that schema", err)}
	}
	return explain(ctx, what, err)
}

// Runs gives the recorded runs in order of their numbers.
func (db *DB) Runs(ctx context.Context) (runs []*sink.Run, err error) {
	err = db.read(ctx, func(s *session) error {
		if there, err := recorded(ctx, s, "run"); err != nil || !there {
			return err
		}
		return s.each(ctx, `select number, blueprint, state, identity, plan, version, started, finished from sower.run order by number`, func(r [][]byte) error {
			run := &sink.Run{Number: toInt(r[0]), Blueprint: string(r[1]), State: sink.State(r[2]), Identity: string(r[3]), Version: string(r[5])}
			if len(r[4]) > 2 {
				run.Plan = make([]byte, hex.DecodedLen(len(r[4])-2))
				if _, err := hex.Decode(run.Plan, r[4][2:]); err != nil {
					return fmt.Errorf("the plan of run %d: %w", run.Number, err)
				}
			}
			var err error
			if run.Started, err = toTime(r[6]); err == nil && r[7] != nil {
				run.Finished, err = toTime(r[7])
			}
			runs = append(runs, run)
			return err
		})
	})
	if err != nil {
		return nil, db.recordError(ctx, "read the record of runs", err)
	}
	return runs, nil
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
	return string(appendTimestamp(nil, t.UnixMicro())) + "+00"
}

// makeRecord is the schema of the record. It holds nothing that a newer version could not add to.
const makeRecord = `
create table if not exists sower.run (
  number bigint generated by default as identity primary key,
  blueprint text not null,
  state text not null,
  identity text not null,
  plan bytea not null,
  version text not null,
  started timestamptz not null,
  finished timestamptz
);
create table if not exists sower.ledger (
  run bigint not null,
  table_name text not null,
  first_row bigint not null,
  row_count bigint not null,
  primary key (run, table_name, first_row)
);
comment on table sower.run is 'Runs of sower, which filled this database with synthetic rows';
comment on table sower.ledger is 'Row ranges that stand, by run and table: what resume, verify and clean go by'`

// SaveRun records a run: it inserts it and sets its Number where that is 0, else updates it. The
// schema and its tables are made where they are missing. The commit is synchronous.
func (db *DB) SaveRun(ctx context.Context, r *sink.Run) error {
	number := r.Number
	err := db.control(ctx, func(s *session) error {
		return s.transact(ctx, begin, func() error {
			if err := ensureRecord(ctx, s); err != nil {
				return err
			}
			values := []any{r.Blueprint, string(r.State), r.Identity, `\x` + hex.EncodeToString(r.Plan), r.Version, fromTime(r.Started), fromTime(r.Finished)}
			if number == 0 {
				var err error
				number, err = s.number(ctx, `insert into sower.run (blueprint, state, identity, plan, version, started, finished)
values ($1, $2, $3, $4, $5, $6, $7) returning number`, values...)
				return err
			}
			n, err := s.exec(ctx, `update sower.run set blueprint = $1, state = $2, identity = $3, plan = $4, version = $5, started = $6, finished = $7
 where number = $8`, append(values, number)...)
			if err == nil && n == 0 {
				err = fmt.Errorf("there is no run %d: was the record deleted?", number)
			}
			return err
		})
	})
	if err != nil {
		return db.recordError(ctx, "record the run", err)
	}
	r.Number = number
	return nil
}

// ensureRecord makes what is missing. It looks first: CREATE IF NOT EXISTS asks for rights even where
// there is nothing to create.
func ensureRecord(ctx context.Context, s *session) error {
	for _, t := range []string{"run", "ledger"} {
		there, err := recorded(ctx, s, t)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		row, err := s.row(ctx, "select 1 from pg_namespace where nspname = 'sower'")
		if err == nil && row == nil {
			err = s.run(ctx, "create schema sower")
		}
		if err == nil {
			err = s.run(ctx, makeRecord)
		}
		return err
	}
	return nil
}

// Ledger gives the committed ranges of a run's table, in order.
func (db *DB) Ledger(ctx context.Context, run int64, table string) (ranges []sink.Range, err error) {
	err = db.read(ctx, func(s *session) error {
		if there, err := recorded(ctx, s, "ledger"); err != nil || !there {
			return err
		}
		return s.each(ctx, "select first_row, row_count from sower.ledger where run = $1 and table_name = $2 order by first_row", func(r [][]byte) error {
			ranges = append(ranges, sink.Range{First: toInt(r[0]), N: toInt(r[1])})
			return nil
		}, run, table)
	})
	if err != nil {
		return nil, db.recordError(ctx, "read the ledger", err)
	}
	return ranges, nil
}

// ClearLedger forgets the ranges of a run, or of some of its tables.
func (db *DB) ClearLedger(ctx context.Context, run int64, tables ...string) error {
	err := db.control(ctx, func(s *session) error {
		if there, err := recorded(ctx, s, "ledger"); err != nil || !there {
			return err
		}
		if len(tables) == 0 {
			_, err := s.exec(ctx, "delete from sower.ledger where run = $1", run)
			return err
		}
		for _, t := range tables {
			if _, err := s.exec(ctx, "delete from sower.ledger where run = $1 and table_name = $2", run, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return db.recordError(ctx, "clear the ledger", err)
	}
	return nil
}

// CountRows is the number of rows of t, whoever wrote them.
func (db *DB) CountRows(ctx context.Context, t *schema.Table) (n int64, err error) {
	err = db.read(ctx, func(s *session) error {
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
		args = append(args, arrayOf(keys, chooseOp(keys.Kind, schema.Type{Kind: keys.Kind}), 0, keys.Len()))
	}
	out := make([]int64, n)
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
