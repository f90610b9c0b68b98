// Package deploy tries what brings sower into containers and CI, as far as no container is needed for it.
package deploy

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/internal/cli"
	"github.com/sowerdata/sower/internal/pgtest"
)

// programVariable makes this test binary the program itself.
const programVariable = "SOWER_DEPLOY_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	}
	os.Exit(pgtest.Main(m))
}

func parse(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// program gives a folder in which sower is the program.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	script := "#!/bin/sh\n" + programVariable + "=1 exec '" + self + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(folder, "sower"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// The compose recipe's script makes its database, and its command fills that.
func TestCompose(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Volumes     []string
			Environment map[string]string
			Command     []string
			DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		}
	}
	parse(t, "compose.yaml", &compose)
	sower := compose.Services["sower"]
	if sower.DependsOn["database"].Condition != "service_healthy" {
		t.Error("sower does not wait for the database")
	}
	mount, _, _ := strings.Cut(compose.Services["database"].Volumes[0], ":")
	ddl, err := os.ReadFile(mount)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(sower.Environment["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		if _, err := s.RunPsql(t.Context(), "postgres", string(ddl)); err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(s.URL(strings.TrimPrefix(u.Path, "/")))
		if err != nil {
			t.Fatal(err)
		}
		at.User = u.User
		cmd := exec.Command(filepath.Join(program(t), "sower"), sower.Command...)
		cmd.Env = []string{"HOME=/", "PATH=" + os.Getenv("PATH"), "DATABASE_URL=" + at.String()}
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "complete: 2,000 rows") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// The steps of the action are scripts that bash takes, and the last one fills the database of its inputs, whatever signs
// these hold.
func TestAction(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Using string
			Steps []struct {
				Uses, Run, Shell string
				Env              map[string]string
			}
		}
	}
	parse(t, "../action.yml", &action)
	if action.Runs.Using != "composite" {
		t.Error(action.Runs.Using)
	}
	for _, s := range action.Runs.Steps {
		if (s.Run == "") == (s.Uses == "") || s.Run != "" && s.Shell != "bash" {
			t.Errorf("a step has a script with its shell, or names an action: %+v", s)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("an input becomes a part of a script: %s", s.Run)
		}
		if out, err := exec.Command("bash", "-n", "-c", s.Run).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	folder := t.TempDir()
	blueprint := "sower: 1\nname: shop\ntables:\n  orders:\n    rows: 30\n    columns:\n      id: sequence\n      note: {text: {words: 3}}\n"
	if err := os.WriteFile(filepath.Join(folder, "my shop.yaml"), []byte(blueprint), 0o600); err != nil {
		t.Fatal(err)
	}
	last := action.Runs.Steps[len(action.Runs.Steps)-1]
	given := map[string]string{
		"database-url": "sqlite:shop_test.db", "blueprint": "my shop.yaml", "arguments": `--create-schema --seed "7" --allow-database '$(touch broken)'`,
		"report": action.Inputs["report"].Default,
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", last.Run)
	cmd.Dir, cmd.Env = folder, []string{"HOME=/", "PATH=" + program(t) + ":" + os.Getenv("PATH")}
	for name, value := range last.Env {
		input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
		if _, known := action.Inputs[input]; !known {
			t.Errorf("%s is %s, which is no input", name, value)
		}
		cmd.Env = append(cmd.Env, name+"="+given[input])
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "complete: 30 rows") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(folder, "broken")); err == nil {
		t.Error("an argument was run as a command")
	}
	if page, err := os.ReadFile(filepath.Join(folder, given["report"])); err != nil || !bytes.Contains(page, []byte("asked beside found")) {
		t.Errorf("no report: %v", err)
	}
}

// The image is made of what is there, and the program in it needs no other file: it is static.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := os.ReadFile("../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] != "COPY" || strings.HasPrefix(fields[1], "--from") {
			continue
		}
		for _, name := range fields[1 : len(fields)-1] {
			if _, err := os.Stat(filepath.Join("..", name)); err != nil || strings.Contains("\n"+string(ignored), "\n"+name+"\n") {
				t.Errorf("%s is not there to be copied: %v", name, err)
			}
		}
	}
	if !strings.Contains(string(text), "CGO_ENABLED=0") || !strings.Contains(string(text), "\nUSER ") {
		t.Error("the program is static, and does not run as root")
	}
}
