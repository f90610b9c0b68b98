package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sowerdata/sower/sink"
)

var origin = Origin{Blueprint: "pairs", Seed: 1, Identity: "aa11"}

// writeShard writes a shard of n rows of the table pair, whose texts are their numbers.
func writeShard(ctx context.Context, place Place, s Shard, n int64, o Options) error {
	o.Shard = s
	if o.Origin == (Origin{}) {
		o.Origin = origin
	}
	files, err := NewIn(place, o)
	if err != nil {
		return err
	}
	defer files.Close()
	first, rows := s.Rows(n)
	target := *pair
	target.First = first
	l, err := files.Loader(ctx, &target)
	if err != nil {
		return err
	}
	for at := first; at < first+rows; at++ {
		if err := l.Write(ctx, pairRows(at, fmt.Sprint(at))); err != nil {
			return err
		}
	}
	if _, err := l.Commit(ctx); err != nil {
		return err
	}
	return files.Finish(ctx, []*sink.Target{&target})
}

func writeShards(t *testing.T, dir string, count int, o Options) {
	t.Helper()
	for i := 1; i <= count; i++ {
		if err := writeShard(t.Context(), InDirectory(dir), Shard{Index: i, Count: count}, 100, o); err != nil {
			t.Fatal(err)
		}
	}
}

func merge(t *testing.T, dir string, o Merging) (*Manifest, bool, error) {
	t.Helper()
	return Merge(t.Context(), InDirectory(dir), o)
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	writeShards(t, dir, 3, Options{})
	for _, want := range []bool{true, false, false} {
		m, written, err := merge(t, dir, Merging{Readers: 2})
		if err != nil || written != want || m.Shards != 3 || m.Shard != nil || len(m.Tables) != 3 {
			t.Fatalf("%+v, %v, %v", m, written, err)
		}
		var files []string
		for _, f := range m.Tables {
			files = append(files, fmt.Sprintf("%s %d %d %d", f.File, f.First, f.Rows, len(f.Columns)))
		}
		if got := strings.Join(files, ", "); got != "pair-1-of-3.csv 0 33 2, pair-2-of-3.csv 33 33 0, pair-3-of-3.csv 66 34 0" {
			t.Errorf("the files are %s", got)
		}
	}
	read, err := ReadManifest(dir)
	if err != nil || read.Shards != 3 {
		t.Errorf("%+v, %v", read, err)
	}
}

// What is missing, foreign or harmed is named, and no manifest of all is written.
func TestMergeRefuses(t *testing.T) {
	edit := func(name, from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(b), from) {
				t.Fatalf("%s has no %q:\n%s", name, from, b)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(b), from, to, 1)), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	gone := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		harm func(*testing.T, string)
		o    Merging
		says string
	}{
		{gone("manifest-2-of-3.json"), Merging{}, "1 of 3 have no manifest there: 2/3"},
		{gone("pair-2-of-3.csv"), Merging{Sizes: true}, "pair-2-of-3.csv: it is missing, though its shard's manifest is there"},
		{edit("manifest-2-of-3.json", `"seed": 1`, `"seed": 7`), Merging{}, "manifest-2-of-3.json is of pairs with seed 7, identity aa11, as csv, in 3 shards; most are of pairs with seed 1"},
		{edit("manifest-3-of-3.json", `"identity": "aa11"`, `"identity": "bb22"`), Merging{}, "manifest-3-of-3.json is of pairs with seed 1, identity bb22"},
		{edit("manifest-1-of-3.json", `"format": "csv"`, `"format": "jsonl"`), Merging{}, "manifest-1-of-3.json is of pairs with seed 1, identity aa11, as jsonl"},
		{edit("manifest-1-of-3.json", `"index": 1`, `"index": 2`), Merging{}, "manifest-1-of-3.json is not the manifest of the shard that its name says"},
		{edit("manifest-2-of-3.json", `"first_row": 33`, `"first_row": 34`), Merging{}, "shard 2/3 begins with row 34 of pair, and the one before ends with row 32"},
		{edit("manifest-1-of-3.json", `"first_row": 0`, `"first_row": 1`), Merging{}, "shard 1/3 begins with row 1 of pair"},
		{edit("manifest-2-of-3.json", `"name": "pair"`, `"name": "pairs"`), Merging{}, "shard 2/3 has other tables"},
		{edit("manifest-2-of-3.json", `"kind": "text"`, `"kind": "bytes"`), Merging{}, "shard 2/3 has other columns of pair"},
		{edit("manifest-2-of-3.json", `{`, `[`), Merging{}, "manifest-2-of-3.json: "},
		{edit("pair-3-of-3.csv", "67", "76"), Merging{}, "pair-3-of-3.csv: its SHA-256 is "},
		{edit("pair-3-of-3.csv", "67", "676"), Merging{Sizes: true}, "bytes, and its shard's manifest says"},
		{func(t *testing.T, dir string) { writeShards(t, dir, 2, Options{}) }, Merging{}, "manifest-1-of-2.json is of pairs with seed 1, identity aa11, as csv, in 2 shards; "},
		{func(t *testing.T, dir string) {
			for i := 1; i <= 3; i++ {
				gone(fmt.Sprintf("manifest-%d-of-3.json", i))(t, dir)
			}
		}, Merging{}, "no shard has written its manifest"},
	} {
		dir := t.TempDir()
		writeShards(t, dir, 3, Options{})
		c.harm(t, dir)
		_, _, err := merge(t, dir, c.o)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v\nwant %q", err, c.says)
		}
		if missing := strings.Contains(c.says, "no manifest"); missing && !errors.Is(err, ErrMissing) {
			t.Errorf("%v: it is not ErrMissing", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
			t.Errorf("%s: manifest.json was written", c.says)
		}
	}
	dir := t.TempDir()
	writeShards(t, dir, 3, Options{})
	edit("pair-3-of-3.csv", "67", "76")(t, dir)
	if _, _, err := merge(t, dir, Merging{Sizes: true}); err != nil {
		t.Errorf("by sizes alone: %v", err)
	}
	edit("manifest.json", `"seed": 1`, `"seed": 2`)(t, dir)
	if _, _, err := merge(t, dir, Merging{Sizes: true}); !errors.Is(err, ErrExists) {
		t.Errorf("beside a manifest of others: %v", err)
	}
	if _, written, err := merge(t, dir, Merging{Sizes: true, Overwrite: true}); err != nil || !written {
		t.Errorf("over a manifest of others: %v, %v", written, err)
	}
}

// A shard that stands is not made again; one that lacks its manifest or a file is; one of other rows is refused.
func TestShardAgain(t *testing.T) {
	dir := t.TempDir()
	second := Shard{Index: 2, Count: 3}
	again := func(o Options) error { return writeShard(t.Context(), InDirectory(dir), second, 100, o) }
	whole := func() {
		t.Helper()
		if err := again(Options{}); !errors.Is(err, ErrWhole) {
			t.Errorf("again: %v", err)
		}
	}
	if err := again(Options{}); err != nil {
		t.Fatal(err)
	}
	whole()
	for _, name := range []string{"manifest-2-of-3.json", "pair-2-of-3.csv"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := again(Options{}); err != nil {
			t.Errorf("without %s: %v", name, err)
		}
		whole()
	}
	if err := os.WriteFile(filepath.Join(dir, "pair-2-of-3.csv"), []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := again(Options{}); err != nil {
		t.Errorf("with half a file: %v", err)
	}
	whole()
	for _, o := range []Options{{Origin: Origin{Blueprint: "pairs", Seed: 2, Identity: "cc"}}, {Compression: Gzip}, {Format: JSONL{}}} {
		if err := again(o); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "of other rows or in another form") {
			t.Errorf("%+v beside it: %v", o, err)
		}
	}
	if err := again(Options{Origin: Origin{Blueprint: "pairs", Seed: 2, Identity: "cc"}, Overwrite: true}); err != nil {
		t.Error(err)
	}
	if err := again(Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("beside one of others: %v", err)
	}
}

// A shard that several processes make at once, some of which give up, is one whole set, and nothing else is left.
func TestShardAtOnce(t *testing.T) {
	for range 30 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for k := range 6 {
			wg.Go(func() {
				<-begin
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if k%3 == 2 {
					cancel()
				}
				err := writeShard(ctx, InDirectory(dir), Shard{Index: 1, Count: 1}, 100, Options{})
				if err != nil && !errors.Is(err, ErrWhole) && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		close(begin)
		wg.Wait()
		if got := strings.Join(names(t, dir), " "); got != "manifest-1-of-1.json pair-1-of-1.csv" {
			t.Errorf("the directory has %s", got)
		}
		if _, _, err := merge(t, dir, Merging{}); err != nil {
			t.Error(err)
		}
	}
}
