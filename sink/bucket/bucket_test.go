package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/file"
)

// server is an S3 server of this process, with a bucket. before may answer a request itself. The server in it gives
// objects of several parts another ETag than S3 does; here they get S3's.
type server struct {
	*httptest.Server
	inner  http.Handler
	before func(w http.ResponseWriter, r *http.Request) (answered bool)
	mu     sync.Mutex
	tags   map[string]string // path -> ETag of an object of several parts
}

func newServer(t *testing.T) *server {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("rows"); err != nil {
		t.Fatal(err)
	}
	s := &server{inner: gofakes3.New(backend).Server(), tags: map[string]string{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

var partTag = regexp.MustCompile(`<ETag>(?:"|&#34;|&quot;)?([0-9a-f]{32})`)

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.before != nil && s.before(w, r) {
		return
	}
	s.mu.Lock()
	tag := s.tags[r.URL.Path]
	s.mu.Unlock()
	switch upload := r.URL.Query().Has("uploadId"); {
	case r.Method == http.MethodPost && upload:
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		all, parts := md5.New(), partTag.FindAllSubmatch(body, -1)
		for _, p := range parts {
			sum, _ := hex.DecodeString(string(p[1]))
			all.Write(sum)
		}
		tag = fmt.Sprintf("%x-%d", all.Sum(nil), len(parts))
	case r.Method == http.MethodPut && !upload:
		tag = ""
	case r.Method == http.MethodHead && tag != "":
		answer := httptest.NewRecorder()
		s.inner.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Set("ETag", `"`+tag+`"`)
		w.WriteHeader(answer.Code)
		return
	}
	s.mu.Lock()
	s.tags[r.URL.Path] = tag
	s.mu.Unlock()
	s.inner.ServeHTTP(w, r)
}

// getenv is an environment in which the server is found.
func (s *server) getenv(name string) string {
	return map[string]string{"AWS_ENDPOINT_URL": s.URL, "AWS_ACCESS_KEY_ID": "AKIDsentinel", "AWS_SECRET_ACCESS_KEY": "secretsentinel"}[name]
}

func (s *server) place(t *testing.T, ctx context.Context) *Bucket {
	t.Helper()
	b, err := In(ctx, "s3://rows/some/where/", s.getenv)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// objects are all that anybody sees, by name.
func objects(t *testing.T, b *Bucket) map[string][]byte {
	t.Helper()
	names, err := b.List("")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, n := range names {
		in, err := b.Read(n)
		if err != nil {
			t.Fatal(err)
		}
		if out[n], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	return out
}

// uploads counts those that are not whole.
func uploads(t *testing.T, b *Bucket) int {
	t.Helper()
	all, err := b.api.ListMultipartUploads(t.Context(), b.name, b.prefix, "", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(all.Uploads)
}

const rowsOfAll = 6000

// write writes a shard of the table t, whose rows are wide enough that a third of them are two parts and a piece.
func write(ctx context.Context, place file.Place, s file.Shard, each func(row int64)) (err error) {
	files, err := file.NewIn(place, file.Options{Shard: s, Origin: file.Origin{Blueprint: "wide", Seed: 1, Identity: "ab"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	first, rows := s.Rows(rowsOfAll)
	target := &sink.Target{Name: "t", Columns: []string{"id", "text"}, Kinds: []column.Kind{column.Int, column.Text}, First: first}
	small := &sink.Target{Name: "small", Columns: []string{"id"}, Kinds: []column.Kind{column.Int}, First: 0}
	l, err := files.Loader(ctx, target)
	if err != nil {
		return err
	}
	id, text := new(column.Vec), new(column.Vec)
	for at := first; at < first+rows; at++ {
		id.Reset(column.Int)
		text.Reset(column.Text)
		id.AppendInt(at)
		text.AppendString(strings.Repeat(fmt.Sprint(at%10), 10_000))
		if err := l.Write(ctx, &column.Batch{First: at, N: 1, Names: target.Columns, Vecs: []*column.Vec{id, text}}); err != nil {
			return err
		}
		if _, err := l.Commit(ctx); err != nil {
			return err
		}
		if each != nil {
			each(at)
		}
	}
	return files.Finish(ctx, []*sink.Target{target, small})
}

// Objects hold what files of a directory hold, and Merge finds them whole without reading any.
func TestSameAsDirectory(t *testing.T) {
	s := newServer(t)
	b, dir := s.place(t, t.Context()), t.TempDir()
	for i := 1; i <= 3; i++ {
		shard := file.Shard{Index: i, Count: 3}
		if err := write(t.Context(), b, shard, nil); err != nil {
			t.Fatal(err)
		}
		if err := write(t.Context(), file.InDirectory(dir), shard, nil); err != nil {
			t.Fatal(err)
		}
		if err := write(t.Context(), b, shard, nil); !errors.Is(err, file.ErrWhole) {
			t.Errorf("again: %v", err)
		}
	}
	var read atomic.Int64
	s.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".csv") {
			read.Add(1)
		}
		return false
	}
	for _, want := range []bool{true, false} {
		m, written, err := file.Merge(t.Context(), b, file.Merging{Readers: 2})
		if err != nil || written != want || m.Shards != 3 || len(m.Tables) != 6 {
			t.Fatalf("%+v, %v, %v", m, written, err)
		}
	}
	if n := read.Load(); n > 0 {
		t.Errorf("%d objects were read, though their ETags tell", n)
	}
	got := objects(t, b)
	if len(got) != 10 || uploads(t, b) != 0 {
		t.Errorf("there are %d objects and %d uploads", len(got), uploads(t, b))
	}
	for name, content := range got {
		if strings.HasPrefix(name, "manifest") {
			continue
		}
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(content, want) {
			t.Errorf("%s: %d bytes, the file has %d, %v", name, len(content), len(want), err)
		}
		if strings.HasPrefix(name, "t-") && len(content) <= 2*partBytes {
			t.Errorf("%s has no more than two parts", name)
		}
	}
	// One byte that is other than it was is found, since the ETag is, too.
	name := "small-2-of-3.csv"
	d, err := b.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("ix\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := d.Publish(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := file.Merge(t.Context(), b, file.Merging{}); err == nil || !strings.Contains(err.Error(), "s3://rows/some/where/small-2-of-3.csv: its SHA-256 is") {
		t.Errorf("a changed object: %v", err)
	}
	if err := b.Remove("manifest-2-of-3.json"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := file.Merge(t.Context(), b, file.Merging{}); !errors.Is(err, file.ErrMissing) || !strings.Contains(err.Error(), "2/3") {
		t.Errorf("without a manifest: %v", err)
	}
}

// A process that is killed leaves nothing that anybody sees; the same shard again is whole.
func TestKilled(t *testing.T) {
	if url := os.Getenv("SOWER_TEST_BUCKET_VICTIM"); url != "" {
		s := &server{Server: &httptest.Server{URL: url}}
		err := write(context.Background(), s.place(t, context.Background()), file.Shard{Index: 1, Count: 3}, func(row int64) {
			if row == 1900 { // two parts are on their way or there
				self, _ := os.FindProcess(os.Getpid())
				_ = self.Kill()
				select {}
			}
		})
		t.Fatalf("it lives: %v", err)
	}
	s := newServer(t)
	b := s.place(t, t.Context())
	c := exec.Command(os.Args[0], "-test.run", "^TestKilled$", "-test.count=1")
	c.Env = append(os.Environ(), "SOWER_TEST_BUCKET_VICTIM="+s.URL)
	if out, err := c.CombinedOutput(); err == nil || strings.Contains(string(out), "it lives") {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := objects(t, b); len(got) != 0 {
		t.Errorf("there are %d objects", len(got))
	}
	if err := write(t.Context(), b, file.Shard{Index: 1, Count: 3}, nil); err != nil {
		t.Fatal(err)
	}
	if got := objects(t, b); len(got) != 3 {
		t.Errorf("there are %d objects", len(got))
	}
}

// One that is interrupted takes its uploads back.
func TestInterrupted(t *testing.T) {
	s := newServer(t)
	b := s.place(t, t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	err := write(ctx, s.place(t, ctx), file.Shard{}, func(row int64) {
		if row == 2500 {
			if uploads(t, b) != 1 {
				t.Errorf("%d uploads", uploads(t, b))
			}
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got := objects(t, b); len(got) != 0 || uploads(t, b) != 0 {
		t.Errorf("there are %d objects and %d uploads", len(got), uploads(t, b))
	}
}

// A shard that several make at once, some of which give up, is one whole set.
func TestAtOnce(t *testing.T) {
	s := newServer(t)
	b := s.place(t, t.Context())
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := write(ctx, s.place(t, ctx), file.Shard{Index: 1, Count: 1}, func(row int64) {
				if k == 3 && row == 4000 {
					cancel()
				}
			})
			if err != nil && !errors.Is(err, file.ErrWhole) && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, _, err := file.Merge(t.Context(), b, file.Merging{}); err != nil {
		t.Error(err)
	}
	if got := objects(t, b); len(got) != 4 || uploads(t, b) != 0 {
		t.Errorf("there are %d objects and %d uploads", len(got), uploads(t, b))
	}
}

// An answer that is lost after the object was completed is no failure.
func TestLostAnswer(t *testing.T) {
	s := newServer(t)
	var lost atomic.Int64
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !r.URL.Query().Has("uploadId") || lost.Add(1) > 1 {
			return false
		}
		record := httptest.NewRecorder()
		s.ServeHTTP(record, r) // the second time it comes through
		hijacked, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			hijacked.Close()
		}
		return true
	}
	b := s.place(t, t.Context())
	if err := write(t.Context(), b, file.Shard{Index: 1, Count: 3}, nil); err != nil {
		t.Fatal(err)
	}
	if lost.Load() < 2 || len(objects(t, b)) != 3 {
		t.Errorf("%d completions, %d objects", lost.Load(), len(objects(t, b)))
	}
}

// What servers answer is explained, and neither keys nor what the server makes of them are shown.
func TestErrors(t *testing.T) {
	s := newServer(t)
	for code, want := range map[string]string{
		"AccessDenied": "the credentials need the rights", "InvalidAccessKeyId": "the server does not know the credentials", "NoSuchBucket": "there is no bucket rows",
		"EntityTooLarge": "the server answers EntityTooLarge, status 400",
	} {
		s.before = func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(map[string]int{"AccessDenied": 403, "NoSuchBucket": 404}[code] + map[bool]int{true: 0, false: 400}[code == "AccessDenied" || code == "NoSuchBucket"])
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>of AKIDsentinel with secretsentinel</Message><AWSAccessKeyId>AKIDsentinel</AWSAccessKeyId></Error>", code)
			return true
		}
		b := s.place(t, t.Context())
		_, err := b.List("")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "sentinel") {
			t.Errorf("%s: %v", code, err)
		}
	}
	s.before = nil
	elsewhere, err := In(t.Context(), "s3://nowhere", s.getenv)
	if err != nil {
		t.Fatal(err)
	}
	if err := elsewhere.Open(); err == nil || !strings.Contains(err.Error(), "open s3://nowhere: there is no bucket nowhere") {
		t.Errorf("%v", err)
	}
	if _, _, err := s.place(t, t.Context()).Stat("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	for _, address := range []string{"s3://", "s3:///x", "s3://AKIDsentinel:secretsentinel@rows/x", "gs://a b/c"} {
		if _, err := In(t.Context(), address, s.getenv); err == nil || !strings.Contains(err.Error(), "BUCKET/PREFIX") || strings.Contains(err.Error(), "sentinel") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Google's objects go by the same protocol, with a token of the default credentials in the place of a signature.
func TestGoogle(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "tokensentinel", "token_type": "Bearer", "expires_in": 3600}`)
	}))
	defer tokens.Close()
	account, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "sower@example.com", "private_key_id": "1", "token_uri": tokens.URL,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(path, account, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	s := newServer(t)
	var mu sync.Mutex
	var seen []string
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		seen = append(seen, r.Header.Get("Authorization"))
		mu.Unlock()
		return false
	}
	was := googleHost
	defer func() { googleHost = was }()
	googleHost = s.URL
	b, err := In(t.Context(), "gs://rows/g", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), b, file.Shard{Index: 1, Count: 1}, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := file.Merge(t.Context(), b, file.Merging{}); err != nil || len(objects(t, b)) != 4 || b.Path("x") != "gs://rows/g/x" {
		t.Errorf("%v, %d objects", err, len(objects(t, b)))
	}
	slices.Sort(seen)
	if all := slices.Compact(seen); len(all) != 1 || all[0] != "Bearer tokensentinel" {
		t.Errorf("requests came with %q", all)
	}
	googleHost = was
	emulated, err := In(t.Context(), "gs://rows/e", func(name string) string {
		return map[string]string{"STORAGE_EMULATOR_HOST": strings.TrimPrefix(s.URL, "http://")}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	s.before = nil
	if err := emulated.Open(); err != nil {
		t.Error(err)
	}
}
