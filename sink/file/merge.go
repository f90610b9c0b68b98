package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ErrMissing says that not all shards have written their files yet.
var ErrMissing = errors.New("shards are missing")

// Merging says how Merge goes about it.
type Merging struct {
	Overwrite bool // take the place of a manifest that says otherwise
	Sizes     bool // compare only the sizes of files, not their content
	Readers   int  // files that are read at once
}

// Merge holds the manifests of all shards against one another and against their files, and writes the manifest of all,
// last. written is false where it stands there already.
func Merge(ctx context.Context, place Place, o Merging) (m *Manifest, written bool, err error) {
	shards, err := shardsIn(place)
	if err != nil {
		return nil, false, err
	}
	if m, err = merged(place, shards); err != nil {
		return nil, false, err
	}
	if err := m.check(ctx, place, o); err != nil {
		return nil, false, err
	}
	switch stands, err := readManifest(place, manifestName); {
	case errors.Is(err, fs.ErrNotExist):
	case err == nil && stands.same(m):
		return m, false, nil
	case !o.Overwrite:
		return nil, false, fmt.Errorf("write %s: %w, and says otherwise than the shards: remove it, or allow overwriting", place.Path(manifestName), ErrExists)
	}
	draft, err := m.draft(place, manifestName)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, draft.Discard()) }()
	if err := draft.Publish(); err != nil {
		return nil, false, fmt.Errorf("put %s in place: %w", place.Path(manifestName), err)
	}
	return m, true, place.Sync()
}

func (m *Manifest) same(o *Manifest) bool {
	a, err1 := json.Marshal(m)
	b, err2 := json.Marshal(o)
	return err1 == nil && err2 == nil && bytes.Equal(a, b)
}

var shardManifest = regexp.MustCompile(`^manifest-([0-9]{1,7})-of-([0-9]{1,7})\.json$`)

// shardsIn reads the manifests of all shards, in their order. Those that are not of the same set as most are an error.
func shardsIn(place Place) ([]*Manifest, error) {
	names, err := place.List("manifest-")
	if err != nil {
		return nil, fmt.Errorf("look for manifests in %s: %w", place.Path(""), err)
	}
	var all []*Manifest
	sets := map[string]int{}
	set := func(m *Manifest) string { return fmt.Sprintf("%s, in %d shards", m.kind(), m.Shard.Count) }
	for _, name := range names {
		parts := shardManifest.FindStringSubmatch(name)
		if parts == nil {
			continue
		}
		m, err := readManifest(place, name)
		if err != nil {
			return nil, err
		}
		index, _ := strconv.Atoi(parts[1])
		count, _ := strconv.Atoi(parts[2])
		if m.Shard == nil || m.Shard.Index != index || m.Shard.Count != count || index < 1 || index > count {
			return nil, fmt.Errorf("%s is not the manifest of the shard that its name says", place.Path(name))
		}
		all = append(all, m)
		sets[set(m)]++
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no shard has written its manifest into %s yet", ErrMissing, place.Path(""))
	}
	slices.SortFunc(all, func(a, b *Manifest) int { return a.Shard.Index - b.Shard.Index })
	usual := set(all[0])
	for _, m := range all {
		if sets[set(m)] > sets[usual] {
			usual = set(m)
		}
	}
	var foreign []string
	for _, m := range all {
		if set(m) != usual {
			foreign = append(foreign, fmt.Sprintf("%s is of %s", "manifest"+mark(*m.Shard)+".json", set(m)))
		}
	}
	if len(foreign) > 0 {
		return nil, fmt.Errorf("%s: %s; most are of %s: remove what is foreign", place.Path(""), few(foreign, "; "), usual)
	}
	return all, nil
}

// few joins the first ones of many.
func few(all []string, by string) string {
	if n := len(all); n > 8 {
		return strings.Join(all[:8], by) + fmt.Sprintf("%sand %d more", by, n-8)
	}
	return strings.Join(all, by)
}

// merged makes one manifest of those of all shards of one set, whose rows have to tile every table.
func merged(place Place, shards []*Manifest) (*Manifest, error) {
	count := shards[0].Shard.Count
	var missing []string
	at := 0
	for i := 1; i <= count && len(missing) < count; i++ {
		if at < len(shards) && shards[at].Shard.Index == i {
			at++
			continue
		}
		missing = append(missing, fmt.Sprintf("%d/%d", i, count))
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: %s: %d of %d have no manifest there: %s", ErrMissing, place.Path(""), len(missing), count, few(missing, ", "))
	}
	first := shards[0]
	m := &Manifest{Version: first.Version, Format: first.Format, Compression: first.Compression, Dialect: first.Dialect, Shards: count, Origin: first.Origin}
	for k, t := range first.Tables {
		next := t.First
		if next != 0 {
			return nil, fmt.Errorf("%s: shard 1/%d begins with row %d of %s", place.Path(""), count, next, t.Name)
		}
		for _, s := range shards {
			which := "shard " + s.Shard.String()
			if len(s.Tables) != len(first.Tables) || s.Tables[k].Name != t.Name {
				return nil, fmt.Errorf("%s: %s has other tables than shard 1/%d: make it again with --overwrite", place.Path(""), which, count)
			}
			part := s.Tables[k]
			if !slices.Equal(part.Columns, t.Columns) {
				return nil, fmt.Errorf("%s: %s has other columns of %s than shard 1/%d: were both held against the same database? Make it again with --overwrite",
					place.Path(""), which, t.Name, count)
			}
			if part.First != next {
				return nil, fmt.Errorf("%s: %s begins with row %d of %s, and the one before ends with row %d: make it again with --overwrite",
					place.Path(""), which, part.First, t.Name, next-1)
			}
			next += part.Rows
			if s != first {
				part.Columns = nil
			}
			m.Tables = append(m.Tables, part)
		}
	}
	return m, nil
}

// check holds the files against the manifest: all of them are there, and of the content that was written.
func (m *Manifest) check(ctx context.Context, place Place, o Merging) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan ManifestTable)
	var wg sync.WaitGroup
	for range max(o.Readers, 1) {
		wg.Go(func() {
			for t := range next {
				if err := t.check(ctx, place, o.Sizes); err != nil {
					cancel(fmt.Errorf("%s: %w: make its shard again with --overwrite", place.Path(t.File), err))
				}
			}
		})
	}
feed:
	for _, t := range m.Tables {
		select {
		case next <- t:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// check holds one file against what its manifest says. An object that has the tag with which it was written needs no
// reading.
func (t *ManifestTable) check(ctx context.Context, place Place, sizes bool) error {
	size, tag, err := place.Stat(t.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it is missing, though its shard's manifest is there")
	case err != nil:
		return err
	case size != t.Bytes:
		return fmt.Errorf("it has %d bytes, and its shard's manifest says %d", size, t.Bytes)
	case sizes || tag != "" && tag == t.ETag:
		return nil
	}
	in, err := place.Read(t.File)
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		n, err := in.Read(buf)
		sum.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != t.SHA256 {
		return fmt.Errorf("its SHA-256 is %s, and its shard's manifest says %s", got, t.SHA256)
	}
	return nil
}
