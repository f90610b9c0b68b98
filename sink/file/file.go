package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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

// Sink writes files into one directory.
type Sink struct {
	dir     string
	options Options
	create  func(path string) (output, error)
	index   string // name of the manifest
	madeDir bool

	mu       sync.Mutex
	tables   map[string]*table // by target name
	finished bool
}

var _ sink.Sink = (*Sink)(nil)

// output is what a table is written to: an *os.File, but for tests.
type output interface {
	io.WriteCloser
	Sync() error
}

// New makes a sink that writes into a directory, which it makes where it is missing.
func New(dir string, o Options) (*Sink, error) {
	if o.Format == nil {
		o.Format = CSV{}
	}
	s := &Sink{dir: dir, options: o, create: createFile, tables: map[string]*table{}, index: "manifest" + mark(o.Shard) + ".json"}
	if _, err := newCompressor(o.Compression); err != nil {
		return nil, fmt.Errorf("write files into %s: %w", dir, err)
	}
	if f, ok := o.Format.(SQL); ok && f.Dialect == "" {
		s.options.Format = SQL{Dialect: "postgres"}
	}
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return nil, fmt.Errorf("write files into %s: it is no directory", dir)
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, fmt.Errorf("write files into %s: %w", dir, err)
		}
		s.madeDir = true
	case err != nil:
		return nil, fmt.Errorf("write files into %s: %w", dir, err)
	}
	if err := s.vacant(s.index); err != nil {
		return nil, err
	}
	return s, nil
}

func createFile(path string) (output, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// vacant says whether a file may get this name.
func (s *Sink) vacant(name string) error {
	path := filepath.Join(s.dir, name)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", path, err)
	case info.IsDir():
		return fmt.Errorf("write %s: a directory has that name", path)
	case s.options.Overwrite:
		return nil
	}
	return fmt.Errorf("write %s: %w: choose another directory, or allow overwriting", path, ErrExists)
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
		return nil, fmt.Errorf("write %s: the files in %s are finished", t.Name, s.dir)
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
	if err := s.vacant(name); err != nil {
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
		return fmt.Errorf("finish the files in %s: they are finished", s.dir)
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

// publish renames everything into place.
func (s *Sink) publish(tables []*table) (err error) {
	manifest, err := s.writeManifest(tables)
	if err != nil {
		return err
	}
	defer os.Remove(manifest)
	for _, t := range tables {
		if err := s.vacant(t.file); err != nil {
			return err
		}
	}
	if err := s.vacant(s.index); err != nil {
		return err
	}
	// A manifest never stands beside files that it does not describe.
	if err := os.Remove(filepath.Join(s.dir, s.index)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", filepath.Join(s.dir, s.index), err)
	}
	var placed []string
	defer func() {
		if err != nil && !s.options.Overwrite {
			for _, path := range placed {
				os.Remove(path)
			}
		}
	}()
	place := func(from, name string) error {
		to := filepath.Join(s.dir, name)
		if err := os.Rename(from, to); err != nil {
			return fmt.Errorf("put %s in place: %w", to, err)
		}
		placed = append(placed, to)
		return nil
	}
	for _, t := range tables {
		if err := place(t.temp, t.file); err != nil {
			return err
		}
	}
	if err := syncDir(s.dir); err != nil {
		return err
	}
	if err := place(manifest, s.index); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// Close removes what Finish has not put in place.
func (s *Sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, t := range s.tables {
		errs = append(errs, t.remove())
	}
	if s.madeDir && !s.finished {
		os.Remove(s.dir) // fails where someone else has put a file there
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
		all[name] = Table{Path: filepath.Join(s.dir, t.file), Rows: t.rows, Bytes: t.bytes}
		t.mu.Unlock()
	}
	return all
}
