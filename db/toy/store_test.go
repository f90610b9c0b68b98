package toy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// database is what all connections to one name share.
type database struct {
	sync.Mutex
	name    string
	tables  []*table
	runs    []*sink.Run
	ledgers map[ledger][]sink.Entry
	holder  string // of the lock; "" where nobody has it
}

// ledger is whose entries they are.
type ledger struct {
	run   int64
	table string
}

// table is the rows of a table, and which keys they have.
type table struct {
	schema *schema.Table
	rows   column.Batch
	keys   []map[string]int // of each unique, the row with these cells
	next   int64            // the first key that nobody has reserved
}

func newTable(s *schema.Table) *table {
	t := &table{schema: s, next: 1}
	for _, c := range s.Columns {
		v := new(column.Vec)
		v.Reset(c.Type.Kind)
		v.Scale, v.Single = int32(c.Type.Scale), c.Type.Single()
		t.rows.Names, t.rows.Vecs = append(t.rows.Names, c.Name), append(t.rows.Vecs, v)
	}
	for range s.Uniques {
		t.keys = append(t.keys, map[string]int{})
	}
	return t
}

func (d *database) table(name string) (*table, error) {
	for _, t := range d.tables {
		if t.schema.Name == name {
			return t, nil
		}
	}
	return nil, fmt.Errorf("there is no table %s", name)
}

// keyOf is what is distinct for a unique; false where a cell is null.
func keyOf(b *column.Batch, names []string, row int) (string, bool) {
	key := ""
	for _, name := range names {
		v := b.Col(name)
		if v == nil || v.Null(row) {
			return "", false
		}
		key += fmt.Sprintf("%q,", v.String(row))
	}
	return key, true
}

// check says why batches cannot be added, all of them or none.
func (t *table) check(batches []*column.Batch) error {
	for i, u := range t.schema.Uniques {
		added := map[string]bool{}
		for _, b := range batches {
			for row := range b.N {
				key, ok := keyOf(b, u.Columns, row)
				if _, stands := t.keys[i][key]; ok && (stands || added[key]) {
					return fmt.Errorf("%s.%v = %s: %w", t.schema.Name, u.Columns, key, sink.ErrUnique)
				}
				added[key] = ok
			}
		}
	}
	for _, c := range t.schema.Columns {
		for _, b := range batches {
			if v := b.Col(c.Name); c.NotNull && c.Identity == "" && b.N > 0 && (v == nil || v.HasNulls()) {
				return fmt.Errorf("%s.%s: null in a column that takes none", t.schema.Name, c.Name)
			}
		}
	}
	return nil
}

func (t *table) add(b *column.Batch) {
	for i, u := range t.schema.Uniques {
		for row := range b.N {
			if key, ok := keyOf(b, u.Columns, row); ok {
				t.keys[i][key] = t.rows.N + row
			}
		}
	}
	for k, v := range t.rows.Vecs {
		from := b.Col(t.rows.Names[k])
		for row := range b.N {
			if from == nil {
				v.AppendNull()
			} else {
				v.AppendCell(from, row)
			}
		}
	}
	t.rows.N += b.N
}

// pick gives some rows in a target's columns.
func (t *table) pick(target *sink.Target, rows []int) *column.Batch {
	out := &column.Batch{N: len(rows), Names: target.Columns}
	for _, name := range target.Columns {
		v, from := new(column.Vec), t.rows.Col(name)
		v.ResetAs(from)
		for _, row := range rows {
			v.AppendCell(from, row)
		}
		out.Vecs = append(out.Vecs, v)
	}
	return out
}

// Store is a connection.
type Store struct {
	db  *database
	run int64
}

var _ sink.Store = (*Store)(nil)

func (s *Store) Close() error                                     { return nil }
func (s *Store) Finish(context.Context, []*sink.Target) error     { return nil }
func (s *Store) Dialect() gen.Dialect                             { return dialect{} }
func (s *Store) DatabaseName(context.Context) (string, error)     { return s.db.name, nil }
func (s *Store) UseRun(n int64)                                   { s.run = n }
func (s *Store) CreateSchema(_ context.Context, ddl string) error { return s.db.create(ddl) }

func (s *Store) Inspect(context.Context) (*schema.Database, error) {
	s.db.Lock()
	defer s.db.Unlock()
	out := &schema.Database{Dialect: dialect{}.Name(), Name: s.db.name, Version: "1"}
	for _, t := range s.db.tables {
		shown := *t.schema
		shown.HasRows, shown.Rows = t.rows.N > 0, int64(t.rows.N)
		out.Tables = append(out.Tables, &shown)
	}
	return out, nil
}

func (s *Store) Lock(_ context.Context, who string) (func() error, error) {
	s.db.Lock()
	defer s.db.Unlock()
	if s.db.holder != "" {
		return nil, fmt.Errorf("%w: %s", sink.ErrLocked, s.db.holder)
	}
	s.db.holder = who
	return func() error {
		s.db.Lock()
		defer s.db.Unlock()
		s.db.holder = ""
		return nil
	}, nil
}

func (s *Store) Runs(context.Context) (out []*sink.Run, err error) {
	s.db.Lock()
	defer s.db.Unlock()
	for _, r := range s.db.runs {
		shown := *r
		out = append(out, &shown)
	}
	return out, nil
}

func (s *Store) SaveRun(_ context.Context, r *sink.Run) error {
	s.db.Lock()
	defer s.db.Unlock()
	switch n := int64(len(s.db.runs)); {
	case r.Number == 0:
		r.Number = n + 1
		s.db.runs = append(s.db.runs, nil)
	case r.Number > n:
		return fmt.Errorf("there is no run %d", r.Number)
	}
	saved, was := *r, s.db.runs[r.Number-1]
	if saved.Shape == nil && was != nil {
		saved.Shape = was.Shape
	}
	s.db.runs[r.Number-1] = &saved
	return nil
}

func (s *Store) Ledger(_ context.Context, run int64, name string) ([]sink.Entry, error) {
	s.db.Lock()
	defer s.db.Unlock()
	return slices.Clone(s.db.ledgers[ledger{run, name}]), nil
}

func (s *Store) SaveLedger(_ context.Context, run int64, name string, entries []sink.Entry) error {
	s.db.Lock()
	defer s.db.Unlock()
	s.db.ledgers[ledger{run, name}] = slices.Clone(entries)
	return nil
}

func (s *Store) ClearLedger(_ context.Context, run int64) error {
	s.db.Lock()
	defer s.db.Unlock()
	for l := range s.db.ledgers {
		if l.run == run {
			delete(s.db.ledgers, l)
		}
	}
	return nil
}

func (s *Store) Reserve(_ context.Context, of *schema.Table, col string, n int64) (int64, error) {
	s.db.Lock()
	defer s.db.Unlock()
	t, err := s.db.table(of.Name)
	if err != nil {
		return 0, err
	}
	if v := t.rows.Col(col); t.rows.N > 0 {
		t.next = max(t.next, slices.Max(v.Ints)+1)
	}
	first := t.next
	t.next += n
	return first, nil
}

// find gives the row with each of some values in a column; -1 for none.
func (t *table) find(col string, values *column.Vec) (out []int) {
	place := map[string]int{}
	for row := range t.rows.N {
		if v := t.rows.Col(col); !v.Null(row) {
			place[v.String(row)] = row
		}
	}
	for i := range values.Len() {
		row, stands := place[values.String(i)]
		if !stands {
			row = -1
		}
		out = append(out, row)
	}
	return out
}

func (s *Store) Standing(_ context.Context, of *schema.Table, col string, values *column.Vec) (out []int, err error) {
	s.db.Lock()
	defer s.db.Unlock()
	t, err := s.db.table(of.Name)
	if err != nil {
		return nil, err
	}
	for i, row := range t.find(col, values) {
		if row >= 0 {
			out = append(out, i)
		}
	}
	return out, nil
}

func (s *Store) ReadRows(_ context.Context, target *sink.Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, err error) {
	s.db.Lock()
	defer s.db.Unlock()
	t, err := s.db.table(target.Table.Name)
	if err != nil {
		return nil, err
	}
	var rows []int
	for _, row := range t.find(key, keys) {
		found = append(found, row >= 0)
		if row >= 0 {
			rows = append(rows, row)
		}
	}
	*dst = *t.pick(target, rows)
	return found, nil
}

func (s *Store) ScanRows(ctx context.Context, t *sink.Target, each func(*column.Batch) error) error {
	return s.SampleRows(ctx, t, 1, each)
}

// SampleRows takes rows by a hash of their numbers.
func (s *Store) SampleRows(_ context.Context, target *sink.Target, share float64, each func(*column.Batch) error) error {
	s.db.Lock()
	t, err := s.db.table(target.Table.Name)
	if err != nil {
		s.db.Unlock()
		return err
	}
	var rows []int
	for row := range t.rows.N {
		if float64(uint32(row)*2654435761)/(1<<32) < share {
			rows = append(rows, row)
		}
	}
	b := t.pick(target, rows)
	s.db.Unlock()
	return each(b)
}

func (s *Store) CountRows(_ context.Context, of *schema.Table) (int64, error) {
	s.db.Lock()
	defer s.db.Unlock()
	t, err := s.db.table(of.Name)
	if err != nil {
		return 0, err
	}
	return int64(t.rows.N), nil
}

// Loader takes the rows of a table; they are kept here until Commit.
func (s *Store) Loader(_ context.Context, t *sink.Target) (sink.Loader, error) {
	s.db.Lock()
	defer s.db.Unlock()
	_, err := s.db.table(t.Table.Name)
	return &loader{store: s, target: t, run: s.run}, err
}

type loader struct {
	store   *Store
	target  *sink.Target
	run     int64
	waiting []*column.Batch
}

func (l *loader) Write(_ context.Context, b *column.Batch) error {
	kept := &column.Batch{First: b.First, N: b.N}
	for _, name := range l.target.Columns {
		from, v := b.Col(name), new(column.Vec)
		if from == nil {
			return fmt.Errorf("%s: the batch lacks %s", l.target.Name, name)
		}
		v.ResetAs(from)
		for row := range b.N {
			v.AppendCell(from, row)
		}
		kept.Names, kept.Vecs = append(kept.Names, name), append(kept.Vecs, v)
	}
	if b.Digest != nil {
		sum := *b.Digest
		kept.Digest = &sum
	}
	l.waiting = append(l.waiting, kept)
	return nil
}

func (l *loader) Commit(ctx context.Context) (rows int64, err error) {
	d := l.store.db
	d.Lock()
	defer d.Unlock()
	waiting := l.waiting
	l.waiting = nil
	t, err := d.table(l.target.Table.Name)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return 0, err
	}
	if err := t.check(waiting); err != nil {
		return 0, err
	}
	for _, b := range waiting {
		t.add(b)
		rows += int64(b.N)
		if of := (ledger{l.run, l.target.Name}); l.run != 0 && b.N > 0 {
			d.ledgers[of] = append(d.ledgers[of], sink.Entry{Range: sink.Range{First: b.First, N: int64(b.N)}, Digest: b.Digest})
			slices.SortFunc(d.ledgers[of], func(a, b sink.Entry) int { return int(a.First - b.First) })
		}
	}
	return rows, nil
}

func (l *loader) Close() error { l.waiting = nil; return nil }

var databases sync.Map // by name

// open gives a connection to a database, which is made where there is none.
func open(name string) *Store {
	d, _ := databases.LoadOrStore(name, &database{name: name, ledgers: map[ledger][]sink.Entry{}})
	return &Store{db: d.(*database)}
}
