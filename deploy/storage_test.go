package deploy

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/sowerdata/sower/sink/file"
)

// storage is object storage of this process, with the bucket my-bucket.
type storage struct {
	*httptest.Server
	backend gofakes3.Backend

	mu      sync.Mutex
	closed  bool // no object is taken until open
	waiting int  // writers that wait for that
	wake    sync.Cond
}

func newStorage(t *testing.T, closed bool) *storage {
	t.Helper()
	s := &storage{backend: s3mem.New(), closed: closed}
	s.wake.L = &s.mu
	if err := s.backend.CreateBucket("my-bucket"); err != nil {
		t.Fatal(err)
	}
	inner := gofakes3.New(s.backend).Server()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			s.mu.Lock()
			s.waiting++
			for s.closed {
				s.wake.Wait()
			}
			s.waiting--
			s.mu.Unlock()
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.open()
		s.Close()
	})
	return s
}

func (s *storage) writers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

func (s *storage) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = false
	s.wake.Broadcast()
}

// env is the environment in which programs find it.
func (s *storage) env() []string {
	return []string{"AWS_ENDPOINT_URL=" + s.URL, "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=key"}
}

// object reads one; nil where there is none.
func (s *storage) object(t *testing.T, name string) []byte {
	t.Helper()
	o, err := s.backend.GetObject("my-bucket", name, nil)
	if gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer o.Contents.Close()
	b, err := io.ReadAll(o.Contents)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// holdsAll compares the shards of an export to JSON lines, one behind the other, with what one process writes.
func (s *storage) holdsAll(t *testing.T, sower, prefix string, shards int, args ...string) {
	t.Helper()
	var m file.Manifest
	if err := json.Unmarshal(s.object(t, prefix+"manifest.json"), &m); err != nil {
		t.Fatal(err)
	}
	if m.Shards != shards || len(m.Tables) == 0 {
		t.Errorf("the manifest is of %d shards and %d files", m.Shards, len(m.Tables))
	}
	got := map[string][]byte{}
	for _, f := range m.Tables {
		got[f.Name] = append(got[f.Name], s.object(t, prefix+f.File)...)
	}
	dir := t.TempDir()
	c := exec.Command(sower, append([]string{"export"}, append(args, "--dir", dir, "--progress", "none")...)...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	one, err := file.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range one.Tables {
		want, err := os.ReadFile(filepath.Join(dir, f.File))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got[f.Name], want) {
			t.Errorf("%s: the shards have %d bytes, one process writes %d", f.Name, len(got[f.Name]), len(want))
		}
	}
}
