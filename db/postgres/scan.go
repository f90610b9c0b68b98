package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Scanner = (*DB)(nil)

// Whole tables are read by one statement, whose rows come as the server makes them: none is held here longer than the
// batch that it belongs to. Columns come in the server's binary form where that saves making and reading a text.

// ScanRows reads all rows.
func (db *DB) ScanRows(ctx context.Context, t *sink.Target, each func(rows *column.Batch) error) error {
	return db.scanRows(ctx, t, "", each)
}

// SampleRows reads the rows of some of the table's blocks.
func (db *DB) SampleRows(ctx context.Context, t *sink.Target, share float64, each func(rows *column.Batch) error) error {
	return db.scanRows(ctx, t, fmt.Sprintf(" tablesample system (%g) repeatable (1)", 100*share), each)
}

func (db *DB) scanRows(ctx context.Context, t *sink.Target, more string, each func(rows *column.Batch) error) error {
	what := "read the rows of " + tableName(t.Table)
	if err := db.mayRead(t.Table); err != nil {
		return explain(ctx, what, err)
	}
	err := db.read(ctx, func(s *session) error { return stream(ctx, s, t, more, each) })
	return explain(ctx, what, err)
}

// partPages is the least number of pages that are worth a connection of their own: 8 MB.
var partPages int64 = 1000 // a test lowers it

// ScanBeside reads all rows over several connections, each of which takes one stretch of the table's pages after another.
// All see the rows as they are at one moment.
func (db *DB) ScanBeside(ctx context.Context, t *sink.Target, connections int, each func(reader int, rows *column.Batch) error) error {
	what := "read the rows of " + tableName(t.Table)
	if err := db.mayRead(t.Table); err != nil {
		return explain(ctx, what, err)
	}
	return explain(ctx, what, db.read(ctx, func(s *session) error { return db.scanBeside(ctx, s, t, connections, each) }))
}

func (db *DB) scanBeside(ctx context.Context, s *session, t *sink.Target, connections int, each func(reader int, rows *column.Batch) error) error {
	parts, err := db.parts(ctx, s, t, connections)
	if err != nil {
		return err
	}
	var snapshot string
	if len(parts) > 1 {
		row, err := s.row(ctx, "select pg_catalog.pg_export_snapshot()")
		if err != nil {
			return err
		}
		snapshot = string(row[0])
	}
	next := make(chan string, len(parts))
	for _, p := range parts {
		next <- p
	}
	close(next)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	read := func(s *session, reader int) error {
		for part := range next {
			if err := stream(ctx, s, t, part, func(rows *column.Batch) error { return each(reader, rows) }); err != nil {
				return err
			}
		}
		return nil
	}
	var wg sync.WaitGroup
	for i := 1; i < min(connections, len(parts)); i++ {
		wg.Go(func() {
			err := db.readBeside(ctx, snapshot, func(s *session) error { return read(s, i) })
			if err != nil && !errors.Is(err, sink.ErrConnections) { // the others read its part
				cancel(err)
			}
		})
	}
	if err := read(s, 0); err != nil {
		cancel(err)
	}
	wg.Wait()
	return context.Cause(ctx)
}

// parts gives the conditions by which a table is read piece by piece; one, which is none, where it is read whole.
func (db *DB) parts(ctx context.Context, s *session, t *sink.Target, connections int) ([]string, error) {
	if connections < 2 || t.Table.Partitioned || db.major.Load() < 14 || db.opt.MaxConns > 0 { // 14 reads ranges of pages
		return []string{""}, nil
	}
	pages, err := s.number(ctx, "select coalesce(pg_catalog.pg_relation_size($1::pg_catalog.text::pg_catalog.regclass) / pg_catalog.current_setting('block_size')::pg_catalog.int8, 0)", tableSQL(t.Table))
	if err != nil {
		return nil, err
	}
	n := min(pages/partPages, 4*int64(connections)) // several for each, since some take longer
	if n < 2 {
		return []string{""}, nil
	}
	parts := make([]string, n)
	for i := range n {
		parts[i] = fmt.Sprintf(" where t.ctid >= '(%d,0)'", pages*i/n)
		if i < n-1 {
			parts[i] += fmt.Sprintf(" and t.ctid < '(%d,0)'", pages*(i+1)/n)
		}
	}
	return parts, nil
}

// readBeside lends a session of its own that sees what another transaction sees.
func (db *DB) readBeside(ctx context.Context, snapshot string, f func(s *session) error) error {
	s, err := db.takeSession(ctx)
	if err != nil {
		return err
	}
	defer db.giveSession(s)
	return s.transact(ctx, readOnly, func() error {
		// It has to be the transaction's first query.
		if err := s.run(ctx, "set transaction snapshot '"+snapshot+"'"); err != nil {
			return err
		}
		if base := db.basePath(); base != controlPath {
			if err := s.useHere(ctx, base); err != nil {
				return err
			}
		}
		return f(s)
	})
}

const (
	scanRows  = 5000
	scanBytes = 1 << 20
)

// stream reads rows of a table, of which more says which ones, some at a time.
func stream(ctx context.Context, s *session, t *sink.Target, more string, each func(rows *column.Batch) error) error {
	types := make([]schema.Type, len(t.Columns))
	names := make([]string, len(t.Columns))
	for i, name := range t.Columns {
		names[i], types[i] = "t."+ident(name), t.Table.Column(name).Type
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var own error
	err := s.watched(func() error {
		d := newDecoder(t, types)
		r := s.pg.ExecParams(ctx, "select "+strings.Join(names, ", ")+" from "+rowsSQL(t.Table)+" as t"+more, nil, nil, nil, d.formats)
		size := 0
		for r.NextRow() {
			row := r.Values()
			if own = d.add(row); own != nil {
				break
			}
			for _, cell := range row {
				size += len(cell)
			}
			if d.batch.N == scanRows || size >= scanBytes {
				if own = each(&d.batch); own != nil {
					break
				}
				d.reset()
				size = 0
			}
		}
		if own != nil {
			cancel() // the rest is not read, and the connection is given up
		}
		_, err := r.Close()
		if err == nil && own == nil && d.batch.N > 0 {
			own = each(&d.batch)
		}
		return err
	})
	s.count(err)
	if own != nil {
		return own
	}
	return err
}

// decoder makes batches of rows as the server sends them.
type decoder struct {
	target  *sink.Target
	types   []schema.Type
	formats []int16 // of the columns
	parse   []func(b []byte) error
	batch   column.Batch
}

func newDecoder(t *sink.Target, types []schema.Type) *decoder {
	d := &decoder{target: t, types: types, formats: make([]int16, len(types)), parse: make([]func([]byte) error, len(types))}
	d.reset()
	for i, v := range d.batch.Vecs {
		if d.parse[i] = binaryParserOf(v, types[i]); d.parse[i] != nil {
			d.formats[i] = 1
			continue
		}
		parse := parserOf(v, types[i])
		if v.Kind == column.Decimal && types[i].Kind != column.Decimal {
			text := parse
			parse = func(b []byte) error {
				if !v.Rescale(max(v.Scale, fraction(b))) {
					return errRange
				}
				return text(b)
			}
		}
		d.parse[i] = parse
	}
	return d
}

// reset begins a batch.
func (d *decoder) reset() { resetBatch(&d.batch, d.target, d.types) }

// add adds a row.
func (d *decoder) add(row [][]byte) error {
	for i, cell := range row {
		v := d.batch.Vecs[i]
		if cell == nil {
			v.AppendNull()
			continue
		}
		if err := d.parse[i](cell); err != nil {
			value := fmt.Sprintf("%q", shorten(string(cell)))
			if d.formats[i] == 1 {
				value = fmt.Sprintf("with the bytes %x", shorten(string(cell)))
			}
			return &failure{text: fmt.Sprintf("column %q: the value %s is no cell of kind %s (%v)", d.target.Columns[i], value, v.Kind, err), causes: []error{err}}
		}
	}
	d.batch.N++
	return nil
}

// scan reads all rows with their places, through a cursor, so that the session can be used meanwhile. The cursor ends
// with the transaction.
func scan(ctx context.Context, s *session, t *sink.Target, each func(rows *column.Batch, places []sink.Place) error) error {
	const atOnce = 5000
	types := make([]schema.Type, len(t.Columns))
	sql := "declare sower_scan no scroll cursor for select "
	for i, name := range t.Columns {
		sql += "t." + ident(name) + ", "
		types[i] = t.Table.Column(name).Type
	}
	if err := s.run(ctx, sql+placeSQL+" from "+rowsSQL(t.Table)+" as t"); err != nil {
		return err
	}
	d := newDecoder(t, types)
	formats := append(d.formats, 0)
	var places []sink.Place
	for {
		d.reset()
		places = places[:0]
		err := s.eachAs(ctx, fmt.Sprintf("fetch forward %d from sower_scan", atOnce), formats, func(row [][]byte) error {
			places = append(places, sink.Place(row[len(row)-1]))
			return d.add(row[:len(row)-1])
		})
		if err != nil {
			return err
		}
		if d.batch.N == 0 {
			return s.run(ctx, "close sower_scan")
		}
		if err := each(&d.batch, places); err != nil {
			return err
		}
	}
}
