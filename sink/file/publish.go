package file

import (
	"errors"
	"fmt"
	"io/fs"
)

// vacant says whether a file may get this name.
func (s *Sink) vacant(name string) error {
	path := s.place.Path(name)
	_, _, err := s.place.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", path, err)
	case s.options.Overwrite:
		return nil
	}
	return fmt.Errorf("write %s: %w: choose another directory, or allow overwriting", path, ErrExists)
}

// free is vacant for a table's file. That of a shard without a manifest is what a run of the same shard left that was
// killed, or has in the making at the same time.
func (s *Sink) free(name string) error {
	err := s.vacant(name)
	if s.options.Shard.Count > 0 && errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

// stands is ErrWhole where the shard's manifest is of the same rows and form, and its files are there; an error of
// another kind where it is of others; nil where some of its files are gone.
func (s *Sink) stands() error {
	m, err := readManifest(s.place, s.index)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w; %w: remove it, or allow overwriting", err, ErrExists)
	}
	if want, got := s.manifest(nil).kind(), m.kind(); want != got {
		return fmt.Errorf("write %s: %w, of other rows or in another form (%s; now %s): choose another directory, or allow overwriting",
			s.place.Path(s.index), ErrExists, got, want)
	}
	for _, t := range m.Tables {
		size, _, err := s.place.Stat(t.File)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && size != t.Bytes:
			return nil
		case err != nil:
			return fmt.Errorf("look at %s: %w", s.place.Path(t.File), err)
		}
	}
	return ErrWhole
}

// kind is what files of one set have in common, for people.
func (m *Manifest) kind() string {
	format := m.Format
	if m.Dialect != "" {
		format += " for " + m.Dialect
	}
	if m.Compression != "" {
		format += ", " + m.Compression
	}
	return fmt.Sprintf("%s with seed %d, identity %s, as %s", m.Origin.Blueprint, m.Origin.Seed, m.Origin.Identity, format)
}

// publish gives everything its name, the manifest last.
func (s *Sink) publish(tables []*table) (err error) {
	manifest, err := s.manifest(tables).draft(s.place, s.index)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, manifest.Discard()) }()
	for _, t := range tables {
		if err := s.free(t.file); err != nil {
			return err
		}
	}
	replaces := s.options.Overwrite
	err = s.vacant(s.index)
	if s.options.Shard.Count > 0 && errors.Is(err, ErrExists) {
		err, replaces = s.stands(), true
	}
	if errors.Is(err, ErrWhole) { // the same shard, run at the same time, was faster: its set stays
		return nil
	}
	if err != nil {
		return err
	}
	if replaces { // a manifest never stands beside files that it does not describe
		if err := s.place.Remove(s.index); err != nil {
			return fmt.Errorf("replace %s: %w", s.place.Path(s.index), err)
		}
	}
	var placed []string
	defer func() {
		if err != nil && !s.options.Overwrite && s.options.Shard.Count == 0 {
			for _, name := range placed {
				_ = s.place.Remove(name)
			}
		}
	}()
	place := func(from Draft, name string) error {
		if err := from.Publish(); err != nil {
			return fmt.Errorf("put %s in place: %w", s.place.Path(name), err)
		}
		placed = append(placed, name)
		return nil
	}
	for _, t := range tables {
		if err := place(t.out, t.file); err != nil {
			return err
		}
	}
	if err := s.place.Sync(); err != nil {
		return err
	}
	if err := place(manifest, s.index); err != nil {
		return err
	}
	return s.place.Sync()
}
