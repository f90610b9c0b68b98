package jobtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	batchv1 "k8s.io/api/batch/v1"
	jobcontroller "k8s.io/kubernetes/pkg/controller/job"

	"github.com/sowerdata/sower/deploy/kubernetes/jobtest/manifests"
	"github.com/sowerdata/sower/internal/pgtest"
)

// program builds sower once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sower-jobs-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "sower")
	c := exec.Command("go", "build", "-trimpath", "-o", file, "./cmd/sower")
	c.Dir = "../../.."
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

func sower(t *testing.T) string {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMain(m *testing.M) {
	// Kubernetes waits ten seconds before a pod's second try, and twice as long before each further one.
	jobcontroller.DefaultJobPodFailureBackOff = time.Second
	code := pgtest.Main(m)
	if file, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// overlay builds a base, a folder of deploy/kubernetes, as a person does who wants something else: by patches of
// Kustomize.
func overlay(t *testing.T, base, patches string) map[string]*batchv1.Job {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "base"), os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	text := "resources: [" + path.Join("../base", base) + "]\npatches:\n" + patches
	file := filepath.Join(dir, "overlay", "kustomization.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	jobs, err := manifests.Jobs(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// arguments is a patch of a Job's arguments; they are YAML.
func arguments(job string, args ...string) string {
	return "  - target: {kind: Job, name: " + job + "}\n    patch: |\n      - op: replace\n" +
		"        path: /spec/template/spec/containers/0/args\n        value: [" + strings.Join(args, ", ") + "]\n"
}

// export is the base of an export, for four machines.
func export(t *testing.T, format string) map[string]*batchv1.Job {
	t.Helper()
	return overlay(t, ".", arguments("sower-shards", "export", "shop", "--format", format,
		"--dir", `"s3://my-bucket/rows"`, "--shard", "auto", "--progress", "plain")+
		"      - {op: replace, path: /spec/parallelism, value: 4}\n")
}

// bucket is object storage of this process. Objects are not taken before it is opened: programs are at work until then.
type bucket struct {
	backend gofakes3.Backend
	opened  chan struct{}
	url     string
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	b := &bucket{backend: s3mem.New(), opened: make(chan struct{})}
	if err := b.backend.CreateBucket("my-bucket"); err != nil {
		t.Fatal(err)
	}
	inner := gofakes3.New(b.backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			select {
			case <-b.opened:
			case <-r.Context().Done():
				return
			}
		}
		inner.ServeHTTP(w, r)
	}))
	b.url = server.URL
	t.Cleanup(server.Close)
	return b
}

func (b *bucket) secret() map[string]string {
	return map[string]string{"AWS_ENDPOINT_URL": b.url, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "a-secret-key"}
}

func (b *bucket) read(t *testing.T, name string) []byte {
	t.Helper()
	o, err := b.backend.GetObject("my-bucket", name, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer o.Contents.Close()
	text, err := io.ReadAll(o.Contents)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// runs waits for a pod of an index and returns its process.
func runs(t *testing.T, c *cluster, job, index string) *process {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if p := c.node.find(func(p *process) bool { return p.job == job && p.index == index }); p != nil {
			return p
		}
		if time.Now().After(end) {
			t.Fatalf("%s: no pod of index %s\n%s", job, index, c.node.log())
		}
	}
}

// Sixteen shards, four at a time, and the Job that finishes, applied at once. One pod is killed, another one's node is
// drained.
func TestExport(t *testing.T) {
	c, b := newCluster(t, sower(t)), newBucket(t)
	c.secret(t, "sower", b.secret())
	jobs := export(t, "jsonl")
	for _, job := range jobs {
		c.apply(t, job)
	}
	killed, drained := runs(t, c, "sower-shards", "1"), runs(t, c, "sower-shards", "2")
	c.node.kill(killed)
	c.node.drain(drained)
	close(b.opened)
	for name := range jobs {
		if _, cond := c.wait(t, name, 5*time.Minute); cond.Type != batchv1.JobComplete {
			t.Errorf("%s: %+v\n%s", name, cond, c.node.log())
		}
	}
	shards := int(*jobs["sower-shards"].Spec.Completions)
	for i := range shards {
		want := []int{0}
		if i == 1 || i == 2 {
			want = []int{137, 0}
		}
		if got := c.node.codes("sower-shards", fmt.Sprint(i)); !slices.Equal(got, want) {
			t.Errorf("index %d ended with %v, want %v", i, got, want)
		}
	}
	finish := c.node.codes("sower-finish", "")
	t.Logf("sower-finish ended with %v", finish)
	if last := len(finish) - 1; last < 1 || finish[last] != 0 || slices.ContainsFunc(finish[:last], func(code int) bool { return code != 5 }) {
		t.Errorf("sower-finish ended with %v", finish)
	}
	if strings.Contains(c.node.log(), "a-secret-key") {
		t.Error("the key is in a pod's log")
	}
	same(t, b, shards)
}

// same holds the shards' files, one behind the other, against what one process writes.
func same(t *testing.T, b *bucket, shards int) {
	t.Helper()
	type manifest struct {
		Shards int
		Tables []struct{ Name, File string }
	}
	var whole, one manifest
	if err := json.Unmarshal(b.read(t, "rows/manifest.json"), &whole); err != nil {
		t.Fatal(err)
	}
	if whole.Shards != shards || len(whole.Tables) == 0 {
		t.Errorf("the manifest is of %d shards and %d files", whole.Shards, len(whole.Tables))
	}
	got := map[string][]byte{}
	for _, f := range whole.Tables {
		got[f.Name] = append(got[f.Name], b.read(t, "rows/"+f.File)...)
	}
	dir := t.TempDir()
	if out, err := exec.Command(sower(t), "export", "shop", "--format", "jsonl", "--dir", dir, "--progress", "none").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &one); err != nil {
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

// A mistake in the command ends the Job: nothing is tried again.
func TestUsageError(t *testing.T) {
	c, b := newCluster(t, sower(t)), newBucket(t)
	close(b.opened)
	c.secret(t, "sower", b.secret())
	jobs := export(t, "xls")
	c.apply(t, jobs["sower-shards"])
	_, cond := c.wait(t, "sower-shards", time.Minute)
	if cond.Type != batchv1.JobFailed || cond.Reason != batchv1.JobReasonPodFailurePolicy {
		t.Errorf("%+v\n%s", cond, c.node.log())
	}
	if log := c.node.log(); !strings.Contains(log, "xls") {
		t.Errorf("the pods say: %s", log)
	}
	for i := range *jobs["sower-shards"].Spec.Completions {
		if codes := c.node.codes("sower-shards", fmt.Sprint(i)); len(codes) > 1 || i > 3 && len(codes) > 0 {
			t.Errorf("index %d ended with %v", i, codes)
		}
	}
}
