package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const shelves = `sower: 1
name: shelves
tables:
  shelves:
    rows: 30
    columns:
      id: sequence
      twice: {integer: {min: 1, max: 9}, virtual: true}
`

// No option is passed over on a second run: each is honoured or refused, and what a command says is what the database
// holds then. testdata/second/options.txt has the cases; every flag of every command is in one of them.
func TestSecondRun(t *testing.T) {
	base := filepath.Join(t.TempDir(), "base_test.db")
	ddl, err := os.ReadFile("testdata/second/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := querySQLite(base, string(ddl)); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := call(t, nil, "generate", "--database-url", "sqlite:"+base, "--rows", "20"); code != 0 {
		t.Fatalf("the first run: %d\n%s%s", code, out, errs)
	}
	filled, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/second/options.txt")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) != 4 {
			t.Fatalf("want four fields: %s", line)
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		command, _, _ := strings.Cut(fields[0], " ")
		if strings.HasPrefix(fields[0], "export finish ") {
			command = "export finish"
		}
		for word := range strings.FieldsSeq(fields[0]) {
			if word == "$DB" {
				word = "--database-url"
			}
			if name, ok := strings.CutPrefix(word, "--"); ok {
				tested[command+" --"+name] = true
			}
		}
		t.Run(strings.ReplaceAll(fields[0], "/", "_"), func(t *testing.T) { secondRun(t, filled, fields) })
	}
	eachFlag(t, func(command string, f *pflag.Flag) {
		if !tested[command+" --"+f.Name] {
			t.Errorf("%s --%s: no case in testdata/second/options.txt says what it does on a second run", command, f.Name)
		}
	})
}

// eachFlag visits the flags of all commands.
func eachFlag(t *testing.T, each func(command string, f *pflag.Flag)) {
	a := &app{stop: newStopping()}
	a.ui = newUI(new(strings.Builder), new(strings.Builder), a.getenv)
	seen := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			visit(c)
		}
		if !cmd.HasParent() || cmd.Name() == "completion" || cmd.Parent().Name() == "completion" { // cobra's own
			return
		}
		name := strings.TrimPrefix(cmd.CommandPath(), "sower ")
		for _, set := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				if seen++; f.Name != "help" {
					each(name, f)
				}
			})
		}
	}
	visit(a.rootCommand())
	if seen < 100 {
		t.Errorf("%d flags were seen", seen)
	}
}

// secondRun runs one case on a database of its own.
func secondRun(t *testing.T, filled []byte, fields []string) {
	dir := t.TempDir()
	path := filepath.Join(t.TempDir(), "base_test.db") // runs of a blueprint that was inferred go by the database's name
	blueprint := filepath.Join(t.TempDir(), "shelves.yaml")
	for name, data := range map[string]string{
		path: string(filled), blueprint: shelves,
		filepath.Join(dir, "seed7.json"): `{"seed_data_generator": {"seed": 7}}`, filepath.Join(dir, "seed7.env"): "SOWER_SEED=7\n",
	} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words := strings.NewReplacer("$DB", "--database-url sqlite:"+path, "$ADDR", "sqlite:"+path, "$DIR", dir, "$SHOP", blueprint).Replace(fields[0])
	before := contents(t, path)
	code, out, errs := call(t, nil, strings.Fields(words)...)
	all := out + errs
	said, unsaid, never := strings.Cut(fields[2], "!")
	if want := fields[1]; want != string(rune('0'+code)) {
		t.Errorf("exit code %d, want %s\n%s", code, want, all)
	}
	if said = strings.TrimSpace(said); !strings.Contains(all, said) {
		t.Errorf("it does not say %q:\n%s", said, all)
	}
	if unsaid = strings.TrimSpace(unsaid); never && strings.Contains(all, unsaid) {
		t.Errorf("it says %q:\n%s", unsaid, all)
	}
	after := contents(t, path)
	if fields[3] == "same" {
		if before != after {
			t.Errorf("the database has changed:\n%s\nbefore:\n%s", after, before)
		}
		return
	}
	counts, err := querySQLite(path, "select (select count(*) from roles) || ' ' || (select count(*) from users) || ' ' || (select count(*) from orders)")
	if err != nil {
		t.Fatal(err)
	}
	if counts != fields[3] {
		t.Errorf("the tables hold %s rows, want %s\n%s", counts, fields[3], all)
	}
	if rows, err := querySQLite(path, "select * from schema_migrations"); err != nil || rows != "20240101" {
		t.Errorf("schema_migrations holds %q, %v", rows, err)
	}
	// Every run that is left is whole, and true.
	if strings.HasPrefix(words, "generate") && code == 0 {
		runs := [][]string{{"--rows", "20"}, {"--append"}}
		if strings.Contains(words, "--fresh") {
			runs = [][]string{{}} // the only one
		}
		for _, options := range runs {
			args := append([]string{"verify", "--database-url", "sqlite:" + path}, options...)
			if code, out, errs := call(t, nil, args...); code != 0 {
				t.Errorf("%q: %d\n%s%s", args, code, out, errs)
			}
		}
	}
}

// contents are all rows of the user's tables.
func contents(t *testing.T, path string) string {
	t.Helper()
	var out []string
	for _, table := range []string{"roles", "users", "orders", "schema_migrations"} {
		rows, err := querySQLite(path, "select * from "+table+" order by 1")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, table+":\n"+rows)
	}
	return strings.Join(out, "\n")
}

// Runs that fill different tables are beside one another: none of them takes the other's record away, and the same
// command again adds nothing to any.
func TestRunsOfDifferentTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "base_test.db")
	ddl, err := os.ReadFile("testdata/second/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := querySQLite(path, string(ddl)); err != nil {
		t.Fatal(err)
	}
	sower := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errs := call(t, nil, append(args, "--database-url", "sqlite:"+path)...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("%q: %d, want %d with %q\n%s%s", args, code, want, says, out, errs)
		}
	}
	roles, users := []string{"--include", "roles", "--rows", "7"}, []string{"--include", "users", "--rows", "9"}
	for _, again := range []string{"complete", "already complete"} {
		sower(0, again, append([]string{"generate"}, roles...)...)
		sower(0, again, append([]string{"generate"}, users...)...)
	}
	sower(0, "all hold", append([]string{"verify"}, roles...)...)
	sower(0, "all hold", append([]string{"verify"}, users...)...)
	sower(2, "there are runs with: --rows 7 --include roles; --rows 9 --include users", "verify", "--include", "orders")
	sower(0, "9", append([]string{"clean", "--yes"}, users...)...)
	sower(0, "7", append([]string{"clean", "--yes"}, roles...)...)
	if n, err := querySQLite(path, "select (select count(*) from roles) + (select count(*) from users)"); err != nil || n != "0" {
		t.Errorf("%s rows are left, %v", n, err)
	}
}
