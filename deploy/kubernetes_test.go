package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// job is what the manifests say of a Job. Fields that are not here are a mistake: this is the part of the API that is used.
type job struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		Completions, Parallelism int
		CompletionMode           string `yaml:"completionMode"`
		BackoffLimitPerIndex     int    `yaml:"backoffLimitPerIndex"`
		MaxFailedIndexes         *int   `yaml:"maxFailedIndexes"`
		BackoffLimit             int    `yaml:"backoffLimit"`
		PodReplacementPolicy     string `yaml:"podReplacementPolicy"`
		PodFailurePolicy         struct {
			Rules []struct {
				Action      string
				OnExitCodes struct {
					ContainerName string `yaml:"containerName"`
					Operator      string
					Values        []int
				} `yaml:"onExitCodes"`
				OnPodConditions []struct{ Type, Status string } `yaml:"onPodConditions"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct{ Spec podSpec }
	}
}

type podSpec struct {
	RestartPolicy      string `yaml:"restartPolicy"`
	ServiceAccountName string `yaml:"serviceAccountName"`
	SecurityContext    struct {
		RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
		RunAsUser      int64                 `yaml:"runAsUser"`
		SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []struct {
		Name, Image string
		Args        []string
		Env         []struct{ Name, Value string }
		EnvFrom     []struct {
			SecretRef struct {
				Name     string
				Optional bool
			} `yaml:"secretRef"`
		} `yaml:"envFrom"`
		Resources       struct{ Requests, Limits map[string]string }
		SecurityContext struct {
			AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
	}
}

func readJob(t *testing.T, name string) *job {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("kubernetes", name))
	if err != nil {
		t.Fatal(err)
	}
	j := new(job)
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(j); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	pod := j.Spec.Template.Spec
	if j.APIVersion != "batch/v1" || j.Kind != "Job" || len(pod.Containers) != 1 || pod.RestartPolicy != "Never" {
		t.Errorf("%s: %+v", name, j)
	}
	if c := pod.Containers[0]; !pod.SecurityContext.RunAsNonRoot || !c.SecurityContext.ReadOnlyRootFilesystem || c.Resources.Limits["memory"] == "" {
		t.Errorf("%s: %+v", name, pod)
	}
	return j
}

// action is what the Job's policy does with a pod that ends with this code; "" counts it as a failure.
func (j *job) action(code int) string {
	for _, r := range j.Spec.PodFailurePolicy.Rules {
		if slices.Contains(r.OnExitCodes.Values, code) && r.OnExitCodes.ContainerName == j.Spec.Template.Spec.Containers[0].Name {
			return r.Action
		}
	}
	return ""
}

// command is a pod's container as a process of this machine.
func (j *job) command(sower string, env ...string) *exec.Cmd {
	c := j.Spec.Template.Spec.Containers[0]
	cmd := exec.Command(sower, c.Args...)
	cmd.Env = append(os.Environ(), env...)
	for _, e := range c.Env {
		cmd.Env = append(cmd.Env, e.Name+"="+e.Value)
	}
	return cmd
}

func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	code := cmd.ProcessState.ExitCode()
	if code != 0 {
		t.Logf("%v: %d\n%s", cmd.Args[1:], code, out)
	}
	return code
}

// The containers of the Jobs, as processes: four at a time, with one that is killed and started again, and two of one
// shard at once. What their exit codes mean to the Jobs is what their policies say.
func TestKubernetes(t *testing.T) {
	var kustomization struct {
		Resources []string
		Images    []struct{ Name string }
	}
	parse(t, "kubernetes/kustomization.yaml", &kustomization)
	if got := strings.Join(kustomization.Resources, " "); got != "serviceaccount.yaml shards.yaml finish.yaml" || kustomization.Images[0].Name != "sower" {
		t.Errorf("%+v", kustomization)
	}
	shards, finish := readJob(t, "shards.yaml"), readJob(t, "finish.yaml")
	env := shards.Spec.Template.Spec.Containers[0].Env
	n := shards.Spec.Completions
	if shards.Spec.CompletionMode != "Indexed" || len(env) != 1 || env[0].Name != "SOWER_SHARDS" || env[0].Value != fmt.Sprint(n) {
		t.Fatalf("%d completions, %+v", n, env)
	}
	s := newStorage(t, true)
	sower := filepath.Join(program(t), "sower")
	shard := func(i int) *exec.Cmd {
		return shards.command(sower, append(s.env(), fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))...)
	}
	victim := shard(0)
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); s.writers() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the first shard does not come to write")
		}
	}
	_ = victim.Process.Kill()
	_ = victim.Wait()
	s.open()
	if a := shards.action(137); a != "" {
		t.Errorf("a shard that is killed: %s", a)
	}
	if code := exitCode(t, finish.command(sower, s.env()...)); finish.action(code) != "Ignore" {
		t.Errorf("finish before the shards: %d", code)
	}
	wrong := shard(0)
	wrong.Args = append(wrong.Args, "--format", "xls")
	if code := exitCode(t, wrong); shards.action(code) != "FailJob" {
		t.Errorf("a mistake in the command: %d", code)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range next {
				if code := exitCode(t, shard(i)); code != 0 {
					t.Errorf("shard %d: %d", i, code)
				}
			}
		})
	}
	for i := range n {
		next <- i
		if i == 5 {
			next <- i // twice at once
		}
	}
	close(next)
	wg.Wait()
	for range 2 {
		if code := exitCode(t, finish.command(sower, s.env()...)); code != 0 {
			t.Errorf("finish: %d", code)
		}
	}
	var m struct{ Shards int }
	if err := yaml.Unmarshal(s.object(t, "rows/manifest.json"), &m); err != nil || m.Shards != n {
		t.Errorf("%d shards, %v", m.Shards, err)
	}
}
