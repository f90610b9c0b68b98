package manifests

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

const base = "../.."

func TestJobs(t *testing.T) {
	jobs, err := Jobs(base)
	if err != nil {
		t.Fatal(err)
	}
	load, err := Jobs(filepath.Join(base, "load"))
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != 2 || len(load) != 3 {
		t.Errorf("%d Jobs of an export, %d of a load", len(jobs), len(load))
	}
	maps.Copy(jobs, load)
	for name, job := range jobs {
		pod := job.Spec.Template.Spec
		if len(pod.Containers) != 1 || pod.RestartPolicy != corev1.RestartPolicyNever {
			t.Fatalf("%s: %+v", name, pod)
		}
		if mounted := pod.AutomountServiceAccountToken; pod.ServiceAccountName == "" && (mounted == nil || *mounted) {
			t.Errorf("%s: its pods can ask the cluster's API", name)
		}
		c := pod.Containers[0]
		// What the "restricted" level of Pod Security asks for, and a root that is read-only.
		if s := pod.SecurityContext; s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: %+v", name, s)
		}
		if s := c.SecurityContext; *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || !slices.Contains(s.Capabilities.Drop, "ALL") {
			t.Errorf("%s: %+v", name, s)
		}
		if c.Resources.Requests.Cpu().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Limits.Memory().IsZero() {
			t.Errorf("%s: %+v", name, c.Resources)
		}
		if job.Spec.PodFailurePolicy == nil {
			t.Errorf("%s: a mistake in the command is tried again and again", name)
		}
		if job.Spec.CompletionMode != nil && *job.Spec.CompletionMode == batchv1.IndexedCompletion {
			shards := ""
			for _, e := range c.Env {
				if e.Name == "SOWER_SHARDS" {
					shards = e.Value
				}
			}
			if shards != strconv.Itoa(int(*job.Spec.Completions)) {
				t.Errorf("%s: %d completions, SOWER_SHARDS=%q", name, *job.Spec.Completions, shards)
			}
		}
	}
}

// The overlay that docs/scale.md shows fits the base.
func TestDocumentedOverlay(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(base, "..", "..", "docs", "scale.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, overlay, _ := strings.Cut(string(text), "```yaml\n")
	overlay, _, _ = strings.Cut(overlay, "```")
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "load"), os.DirFS(filepath.Join(base, "load"))); err != nil {
		t.Fatal(err)
	}
	const there = "https://github.com/sowerdata/sower//deploy/kubernetes/load?ref=main"
	if !strings.Contains(overlay, there) {
		t.Fatalf("docs/scale.md has no overlay of %s:\n%s", there, overlay)
	}
	file := filepath.Join(dir, "overlay", "kustomization.yaml")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(overlay, there, "../load", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	jobs, err := Jobs(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	shards := jobs["sower-load-shards"].Spec
	c := shards.Template.Spec.Containers[0]
	if *shards.Completions != 8 || *shards.Parallelism != 8 || c.Env[1].Name != "SOWER_SHARDS" || c.Env[1].Value != "8" {
		t.Errorf("%+v", shards)
	}
	for name, job := range jobs {
		if image := job.Spec.Template.Spec.Containers[0].Image; image != "registry.example.com/sower:1.0" {
			t.Errorf("%s: %s", name, image)
		}
	}
	if args := jobs["sower-load-prepare"].Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "shop") {
		t.Errorf("%q", args)
	}
}

// copied is a copy of the base, in which one file is another.
func copied(t *testing.T, file, text string) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(base, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(f) == file {
			b = []byte(text)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestUnknownField(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(base, "shards.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := copied(t, "shards.yaml", strings.Replace(string(text), "backoffLimitPerIndex:", "backoffLimitByIndex:", 1))
	if _, err := Jobs(dir); err == nil || !strings.Contains(err.Error(), `unknown field "backoffLimitByIndex"`) {
		t.Errorf("%v", err)
	}
}
