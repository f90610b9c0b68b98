package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/internal/pgtest"
)

// --create-schema makes the tables of any blueprint: that of the README as it stands there, an example of every
// generator, and the built-in scenarios, without their own DDL. The rows keep every rule; the same command again adds
// nothing.
func TestCreateSchemaOfAnyBlueprint(t *testing.T) {
	s := pgtest.Shared(t, 0)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shop, _ := strings.Cut(string(readme), "```yaml\n")
	shop, _, _ = strings.Cut(shop, "```")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.yaml"), []byte(shop), 0o600); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"readme": filepath.Join(dir, "readme.yaml"), "examples": "../../docs/examples/generators.yaml"}
	for _, name := range blueprints.Names() {
		scenario := filepath.Join(dir, name)
		if err := os.CopyFS(scenario, os.DirFS("../../blueprints/"+name)); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(scenario, "blueprint.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		bare := strings.Replace(string(text), "\nddl:\n  postgres: postgres.sql\n  sqlite: sqlite.sql\n", "\n", 1)
		if err := os.WriteFile(filepath.Join(scenario, "blueprint.yaml"), []byte(bare), 0o600); err != nil || bare == string(text) {
			t.Fatal("the scenario keeps its DDL", err)
		}
		files[name] = scenario
	}
	env := []string{
		"DB_USER_ADMIN_UUID=5eed0000-0000-4000-8000-000000000001", "SOWER_TARGET_ROWS_USERS=600",
		"SOWER_TARGET_ROWS_CONTENT_ITEMS=60", "SOWER_TARGET_ROWS_CONTENT_ITEMS_AUTO=100",
		"SOWER_ORDERS=500", "SOWER_PRODUCTS=50", "SOWER_REVIEWS=100",
	}
	for name, file := range files {
		for dialect, url := range map[string]string{
			"sqlite": "sqlite:" + filepath.Join(dir, name+"_test.db"), "postgres": s.NewDatabase(t, name+"_test"),
		} {
			t.Run(name+" "+dialect, func(t *testing.T) {
				for _, want := range []string{": complete: ", ": already complete: "} {
					code, stdout, stderr := call(t, env, "generate", file, url, "--create-schema", "--progress", "none")
					if code != 0 || !strings.Contains(stdout, want) {
						t.Fatalf("generate ended with %d, want%q:\n%s%s", code, want, stdout, stderr)
					}
				}
				if code, stdout, stderr := call(t, env, "verify", file, url); code != 0 || !strings.Contains(stdout, "all hold") {
					t.Errorf("verify ended with %d:\n%s%s", code, stdout, stderr)
				}
			})
		}
	}
}

// What init writes of a schema makes that schema's tables anew, with the checks that it holds by name.
func TestCreateSchemaOfInit(t *testing.T) {
	s := pgtest.Shared(t, 0)
	dir := t.TempDir()
	for dialect, urls := range map[string][2]string{
		"sqlite":   {"sqlite:" + filepath.Join(dir, "first_test.db"), "sqlite:" + filepath.Join(dir, "second_test.db")},
		"postgres": {s.NewDatabase(t, "first_test"), s.NewDatabase(t, "second_test")},
	} {
		t.Run(dialect, func(t *testing.T) {
			file := filepath.Join(dir, dialect+".yaml")
			for _, args := range [][]string{
				{"generate", "shop", urls[0], "--create-schema", "--progress", "none", "--orders", "500", "--reviews", "50"},
				{"init", urls[0], "--out", file},
				{"generate", file, urls[1], "--create-schema", "--progress", "none"},
				{"verify", file, urls[1]},
			} {
				if code, stdout, stderr := call(t, nil, args...); code != 0 {
					t.Fatalf("%s ended with %d:\n%s%s", args, code, stdout, stderr)
				}
			}
		})
	}
}
