package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/smalldisk"
	"github.com/sowerdata/sower/sink"
)

type field struct {
	text   string
	quoted bool
}

func parseCSV(t *testing.T, s string) (rows [][]field) {
	t.Helper()
	for s != "" {
		var row []field
		for end := byte(0); end != '\n'; {
			var f field
			if s[0] == '"' {
				f.quoted = true
				var text strings.Builder
				for s = s[1:]; ; {
					at := strings.IndexByte(s, '"')
					text.WriteString(s[:at])
					s = s[at+1:]
					if s[0] != '"' {
						break
					}
					text.WriteByte('"')
					s = s[1:]
				}
				f.text = text.String()
			} else {
				at := strings.IndexAny(s, ",\n")
				f.text, s = s[:at], s[at:]
				if strings.ContainsAny(f.text, "\"\r") {
					t.Fatalf("a bare field %q", f.text)
				}
			}
			row = append(row, f)
			if end = s[0]; end != ',' && end != '\n' {
				t.Fatalf("%q stands behind a field", end)
			}
			s = s[1:]
		}
		rows = append(rows, row)
	}
	return rows
}

var pair = &sink.Target{Name: "pair", Columns: []string{"id", "t"}, Kinds: []column.Kind{column.Int, column.Text}}

func pairRows(first int64, texts ...string) *column.Batch {
	id, text := new(column.Vec), new(column.Vec)
	id.Reset(column.Int)
	text.Reset(column.Text)
	for i, s := range texts {
		id.AppendInt(first + int64(i))
		text.AppendString(s)
	}
	return &column.Batch{First: first, N: len(texts), Names: pair.Columns, Vecs: []*column.Vec{id, text}}
}

func open(t *testing.T, dir string, o Options) (*Sink, sink.Loader) {
	t.Helper()
	s, err := New(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	l, err := s.Loader(t.Context(), pair)
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

func put(t *testing.T, l sink.Loader, batches ...*column.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := l.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestBytes(t *testing.T) {
	dir := t.TempDir()
	s, l := open(t, dir, Options{})
	b := pairRows(0, "plain", "", `say "hi"`, "a,b", "c\nd", "e\rf", " g", "h ", `\.`, "é😀")
	b.Vecs[1].AppendNull()
	b.Vecs[0].AppendInt(10)
	b.N++
	put(t, l, b)
	if err := s.Finish(t.Context(), []*sink.Target{pair}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "pair.csv"))
	want := "id,t\n0,plain\n1,\"\"\n2,\"say \"\"hi\"\"\"\n3,\"a,b\"\n4,\"c\nd\"\n5,\"e\rf\"\n6,\" g\"\n7,\"h \"\n8,\"\\.\"\n9,é😀\n10,\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
	if info, err := os.Stat(filepath.Join(dir, "pair.csv")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o400 == 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Ranges that come in the wrong order wait for their turn.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	s, l := open(t, dir, Options{})
	late, err := s.Loader(t.Context(), pair)
	if err != nil {
		t.Fatal(err)
	}
	// late has rows 1 and 3, l has 0 and 2: neither can commit without the other.
	done := make(chan error)
	if err := errors.Join(late.Write(t.Context(), pairRows(3, "d")), late.Write(t.Context(), pairRows(1, "b"))); err != nil {
		t.Fatal(err)
	}
	go func() {
		n, err := late.Commit(t.Context())
		if n != 2 && err == nil {
			err = fmt.Errorf("%d rows", n)
		}
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("Commit did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	put(t, l, pairRows(0, "a"), pairRows(2, "c"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := s.Tables()["pair"]; got.Rows != 4 {
		t.Errorf("%+v", got)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "pair.csv")); string(got) != "id,t\n0,a\n1,b\n2,c\n3,d\n" {
		t.Errorf("got %q", got)
	}
	if err := l.Write(t.Context(), pairRows(4, "e")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(t.Context()); err == nil {
		t.Error("Commit after Finish")
	}
}

func TestWaitIsCancelled(t *testing.T) {
	s, l := open(t, t.TempDir(), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := l.Write(t.Context(), pairRows(5, "x")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// Nothing of it is in the file, which others can go on with.
	other, err := s.Loader(t.Context(), pair)
	if err != nil {
		t.Fatal(err)
	}
	put(t, other, pairRows(0, "a"))
	// A wait in the midst of a transaction cannot be undone: the file is lost.
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := errors.Join(other.Write(t.Context(), pairRows(1, "b")), other.Write(t.Context(), pairRows(5, "x"))); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Commit(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := s.Finish(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("Finish of a spoilt file: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTwice(t *testing.T) {
	_, l := open(t, t.TempDir(), Options{})
	put(t, l, pairRows(0, "a", "b"))
	if err := l.Write(t.Context(), pairRows(1, "b")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(t.Context()); err == nil || !strings.Contains(err.Error(), "rows 1-1") {
		t.Errorf("rows written twice: %v", err)
	}
}

func TestNothingWithoutFinish(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	s, l := open(t, dir, Options{})
	put(t, l, pairRows(0, "a"))
	for _, n := range names(t, dir) {
		if !strings.HasPrefix(n, ".") || !strings.HasSuffix(n, ".tmp") {
			t.Errorf("%s stands before Finish", n)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory that it made stands after Close: %v", err)
	}
	if _, err := s.Loader(t.Context(), pair); err == nil {
		t.Error("Loader after Close")
	}
}

func TestOverwrite(t *testing.T) {
	dir := t.TempDir()
	make := func(o Options, text string) error {
		s, err := New(dir, o)
		if err != nil {
			return err
		}
		defer s.Close()
		l, err := s.Loader(t.Context(), pair)
		if err != nil {
			return err
		}
		put(t, l, pairRows(0, text))
		return s.Finish(t.Context(), nil)
	}
	if err := make(Options{}, "one"); err != nil {
		t.Fatal(err)
	}
	if err := make(Options{}, "two"); !errors.Is(err, ErrExists) {
		t.Errorf("over standing files: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil {
		t.Fatal(err)
	}
	if err := make(Options{}, "two"); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "pair.csv") {
		t.Errorf("over a standing file: %v", err)
	}
	if err := make(Options{Overwrite: true}, "three"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "pair.csv")); string(got) != "id,t\n0,three\n" {
		t.Errorf("got %q", got)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"manifest.json", "pair.csv"}) {
		t.Errorf("the directory has %v", got)
	}
}

// A file that came to stand during the run is not replaced, and its neighbours do not appear.
func TestLateComer(t *testing.T) {
	dir := t.TempDir()
	s, l := open(t, dir, Options{})
	put(t, l, pairRows(0, "a"))
	if err := os.WriteFile(filepath.Join(dir, "zebra.csv"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	zebra := &sink.Target{Name: "zebra", Columns: []string{"id"}, Kinds: []column.Kind{column.Int}}
	if err := s.Finish(t.Context(), []*sink.Target{pair, zebra}); !errors.Is(err, ErrExists) {
		t.Errorf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"zebra.csv"}) {
		t.Errorf("the directory has %v", got)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"users": "users", "app.users": "app.users", "../../etc": "%2E./..%2Fetc", `a/b\c:d`: "a%2Fb%5Cc%3Ad", "100%": "100%25", "größe": "größe",
		"": "%", " a ": "%20a%20", "Con.x": "%43on.x", "nul": "%6Eul", "\u202ea\x1b\u009b": "%E2%80%AEa%1B%C2%9B", "e\u0301": "e%CC%81",
		strings.Repeat("é", 100): strings.Repeat("é", 90) + apart(strings.Repeat("é", 100))} {
		want = strings.ReplaceAll(want, "/", "%2F")
		if got := fileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	both, err := New(t.TempDir(), Options{Tables: []string{"PAIR", "pair", "other"}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b, c := both.fileName("PAIR"), both.fileName("pair"), both.fileName("other"); strings.EqualFold(a, b) || !strings.HasPrefix(a, "PAIR~") || c != "other" {
		t.Errorf("%q, %q, %q", a, b, c)
	}
	s, _ := open(t, t.TempDir(), Options{})
	if _, err := s.Loader(t.Context(), &sink.Target{Name: "PAIR", Columns: pair.Columns, Kinds: pair.Kinds}); err == nil {
		t.Error("two files of one name, but for capitals")
	}
	if _, err := s.Loader(t.Context(), &sink.Target{Name: "pair", Columns: pair.Columns[:1], Kinds: pair.Kinds[:1]}); err == nil {
		t.Error("one file with two sets of columns")
	}
	path := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := New(path, Options{}); err == nil {
		t.Error("a file was taken for a directory")
	}
}

// full is an output on a disk with room for a few bytes.
type full struct {
	output
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n, _ := f.output.Write(p[:f.room])
		f.room = 0
		return n, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	f.room -= len(p)
	return f.output.Write(p)
}

func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	place := InDirectory(dir)
	place.create = func(path string) (output, error) {
		f, err := createFile(path)
		return &full{f, 10}, err
	}
	s, err := NewIn(place, Options{})
	if err != nil {
		t.Fatal(err)
	}
	expectFull(t, s, dir)
}

// The same on a real full disk.
func TestRealDiskFull(t *testing.T) {
	if !smalldisk.AsRoot(t) {
		return
	}
	dir := t.TempDir()
	smalldisk.Mount(t, dir, "size=256k")
	s, err := New(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	expectFull(t, s, dir)
}

func expectFull(t *testing.T, s *Sink, dir string) {
	t.Helper()
	defer s.Close()
	l, err := s.Loader(t.Context(), pair)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write(t.Context(), pairRows(0, strings.Repeat("x", 300_000))); err != nil {
		t.Fatal(err)
	}
	_, err = l.Commit(t.Context())
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left") || !strings.Contains(err.Error(), "pair.csv") {
		t.Errorf("Commit on a full disk: %v", err)
	}
	if err := s.Finish(t.Context(), []*sink.Target{pair}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Finish on a full disk: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("the directory has %v", got)
	}
}

func FuzzField(f *testing.F) {
	f.Add("plain", `say "hi"`)
	f.Add("", "a,b\r\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		line := append(appendField(nil, []byte(a)), ',')
		line = append(appendField(line, []byte(b)), '\n')
		rows := parseCSV(t, string(line))
		if len(rows) != 1 || len(rows[0]) != 2 || rows[0][0].text != a || rows[0][1].text != b || a == "" && !rows[0][0].quoted {
			t.Errorf("%q, %q became %q", a, b, line)
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	target, batch := contentRows(4096)
	enc, err := CSV{}.Encoder(target)
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	for b.Loop() {
		if buf, err = enc.Append(buf[:0], batch); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buf)))
	b.ReportMetric(4096*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkSink(b *testing.B) {
	target, batch := contentRows(4096)
	s, err := New(filepath.Join(b.TempDir(), "out"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	l, err := s.Loader(b.Context(), target)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := l.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		if _, err := l.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
		batch.First += 4096
	}
	b.SetBytes(s.Tables()["content"].Bytes / int64(b.N))
}

// contentRows is a batch like those of the genonaut scenario's content tables.
func contentRows(n int) (*sink.Target, *column.Batch) {
	t := &sink.Target{Name: "content"}
	b := &column.Batch{N: n}
	add := func(name string, k column.Kind, cell func(v *column.Vec, i int)) {
		v := new(column.Vec)
		v.Reset(k)
		for i := range n {
			cell(v, i)
		}
		t.Columns, t.Kinds = append(t.Columns, name), append(t.Kinds, k)
		b.Names, b.Vecs = t.Columns, append(b.Vecs, v)
	}
	prompt := strings.Repeat("soft light, golden hour, ", 35)
	add("id", column.Int, func(v *column.Vec, i int) { v.AppendInt(int64(i) + 1_000_000) })
	add("title", column.Text, func(v *column.Vec, i int) { v.AppendString(prompt[i%40 : i%40+20]) })
	add("content_type", column.Text, func(v *column.Vec, i int) { v.AppendString("image") })
	add("content_data", column.Text, func(v *column.Vec, i int) {
		v.AppendString("io/storage/images/01234567-89ab-4def-8012-3456789abcde.png")
	})
	add("item_metadata", column.JSON, func(v *column.Vec, i int) {
		v.AppendString(`{"tags": ["portrait", "sunset", "forest"], "style": "anime", "prompt": "` + prompt + `", "resolution": "1024x1024"}`)
	})
	add("creator_id", column.UUID, func(v *column.Vec, i int) { v.AppendUUID([16]byte{byte(i), byte(i >> 8), 2, 3, 4, 5, 0x46}) })
	add("created_at", column.Timestamp, func(v *column.Vec, i int) { v.AppendInt(1_746_057_600_000_000 + int64(i)*1_234_567) })
	add("updated_at", column.Timestamp, func(v *column.Vec, i int) { v.AppendInt(1_746_057_600_000_000 + int64(i)*1_234_567) })
	add("tags", column.JSON, func(v *column.Vec, i int) { v.AppendString(`["portrait", "sunset", "forest", "castle"]`) })
	add("quality_score", column.Float, func(v *column.Vec, i int) { v.AppendFloat(float64(i%101) / 100) })
	add("is_private", column.Bool, func(v *column.Vec, i int) { v.AppendBool(i%10 == 0) })
	return t, b
}
