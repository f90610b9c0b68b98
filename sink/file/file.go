package file

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sowerdata/sower/internal/shard"
	"github.com/sowerdata/sower/sink"
)

// Options of a Sink. The zero Options are good.
type Options struct {
	Format      Format // nil: CSV{}
	Compression Compression
	Overwrite   bool   // take the place of files that stand already; otherwise they are an error
	Shard       Shard  // which part of the rows comes; files and manifest are named after it
	Origin      Origin // for the manifest
	// Tables are the names of all tables to come, so that those that differ in capitals alone get files of their own.
	Tables []string
}

// Shard is one of Count parts of the rows, counted from 1. The zero Shard is all rows.
type Shard = shard.Shard

// mark is what a shard adds to the names of its files.
func mark(s Shard) string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("-%d-of-%d", s.Index, s.Count)
}

// Origin says what rows come from.
type Origin struct {
	Blueprint string `json:"blueprint"`
	Seed      uint64 `json:"seed"`
	Identity  string `json:"identity"` // hash of all that decides the rows
	Version   string `json:"version"`  // of the program
}

// ErrExists marks a file that stands already, without Options.Overwrite.
var ErrExists = errors.New("the file stands already")

// ErrWhole says that a shard is there already: of the same rows, in the same form, with all its files.
var ErrWhole = errors.New("the shard stands already")

// Sink writes files into one place.
type Sink struct {
	place   Place
	options Options
	index   string // name of the manifest

	mu       sync.Mutex
	tables   map[string]*table // by target name
	finished bool
}

var _ sink.Sink = (*Sink)(nil)

// New makes a sink that writes into a directory, which it makes where it is missing.
func New(dir string, o Options) (*Sink, error) { return NewIn(InDirectory(dir), o) }

// NewIn makes a sink that writes into a place. Where a shard stands there already, whole, it is ErrWhole.
func NewIn(place Place, o Options) (*Sink, error) {
	if o.Format == nil {
		o.Format = CSV{}
	}
	if f, ok := o.Format.(SQL); ok && f.Dialect == "" {
		o.Format = SQL{Dialect: "postgres"}
	}
	s := &Sink{place: place, options: o, tables: map[string]*table{}, index: "manifest" + mark(o.Shard) + ".json"}
	if _, err := newCompressor(o.Compression); err != nil {
		return nil, fmt.Errorf("write files into %s: %w", place.Path(""), err)
	}
	if err := place.Open(); err != nil {
		return nil, err
	}
	err := s.vacant(s.index)
	if o.Shard.Count > 0 && errors.Is(err, ErrExists) {
		err = s.stands()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Loader opens a loader. The table's temporary file is made with its first one.
func (s *Sink) Loader(ctx context.Context, t *sink.Target) (sink.Loader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l := new(loader)
	var err error
	if f, ok := s.options.Format.(RowFormat); ok {
		if l.enc, err = s.encoder(f, t); err != nil {
			return nil, err
		}
		if l.compressor, err = newCompressor(s.options.Compression); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		return nil, fmt.Errorf("write %s: the files in %s are finished", t.Name, s.place.Path(""))
	}
	l.table, err = s.table(t)
	return l, err
}

func (s *Sink) encoder(f RowFormat, t *sink.Target) (Encoder, error) {
	enc, err := f.Encoder(t)
	if err != nil {
		return nil, fmt.Errorf("write %s as %s: %w", t.Name, f.Name(), err)
	}
	return enc, nil
}

// table gives a target's table and makes it where it is new. The caller holds s.mu.
func (s *Sink) table(t *sink.Target) (*table, error) {
	if out := s.tables[t.Name]; out != nil {
		if !slices.Equal(out.columns, t.Columns) || !slices.Equal(out.kinds, t.Kinds) {
			return nil, fmt.Errorf("write %s: its file has the columns %s, and now %s came", t.Name,
				strings.Join(out.columns, ", "), strings.Join(t.Columns, ", "))
		}
		return out, nil
	}
	name := s.fileName(t.Name) + mark(s.options.Shard) + s.options.Format.Ext()
	row, isRow := s.options.Format.(RowFormat)
	if isRow {
		name += s.options.Compression.ext()
	}
	for _, other := range s.tables {
		if strings.EqualFold(other.file, name) {
			return nil, fmt.Errorf("write %s: its file %s would have the same name as that of %s, where capitals do not count", t.Name, name, other.name)
		}
	}
	if err := s.free(name); err != nil {
		return nil, err
	}
	out, err := newTable(s, t, name)
	if err != nil {
		return nil, err
	}
	s.tables[t.Name] = out
	if !isRow {
		if out.writer, err = s.options.Format.(TableFormat).Writer(t, tableOutput{out}, s.options.Compression); err != nil {
			return nil, fmt.Errorf("write %s as %s: %w", t.Name, s.options.Format.Name(), err)
		}
		return out, nil
	}
	if out.enc, err = s.encoder(row, t); err != nil {
		return nil, err
	}
	if out.compressor, err = newCompressor(s.options.Compression); err != nil {
		return nil, err
	}
	return out, out.add(out.enc.Header(nil))
}

// Finish gives the files their names and writes the manifest. A target that got no rows gets a file
// without rows. Where it fails, no file of this run remains, but for those that took the place of
// others (Options.Overwrite).
func (s *Sink) Finish(ctx context.Context, targets []*sink.Target) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		return fmt.Errorf("finish the files in %s: they are finished", s.place.Path(""))
	}
	for _, t := range targets {
		if _, err := s.table(t); err != nil {
			return err
		}
	}
	tables := make([]*table, 0, len(s.tables))
	for _, t := range s.tables {
		tables = append(tables, t)
	}
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	for _, t := range tables {
		if err := t.seal(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.publish(tables); err != nil {
		return err
	}
	s.finished = true
	return nil
}

// Close removes what Finish has not put in place.
func (s *Sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, t := range s.tables {
		errs = append(errs, t.remove())
	}
	if !s.finished && s.options.Shard.Count == 0 { // others of its shards may be about to write
		s.place.Withdraw()
	}
	s.finished = true
	return errors.Join(errs...)
}

// Table tells what was written of one table.
type Table struct {
	Path        string // of the file, once Finish has put it in place
	Rows, Bytes int64
}

// Tables gives what was committed so far, by target name.
func (s *Sink) Tables() map[string]Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]Table{}
	for name, t := range s.tables {
		t.mu.Lock()
		all[name] = Table{Path: s.place.Path(t.file), Rows: t.rows, Bytes: t.bytes}
		t.mu.Unlock()
	}
	return all
}
