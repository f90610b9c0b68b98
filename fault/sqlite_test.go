package fault

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// fileChanges are what somebody does to an SQLite file between a kill and the next command.
var fileChanges = []change{
	{name: "nothing"},
	{name: "an index dropped that is away", sql: "drop index if exists generation_jobs_user_id"}, // nobody can know of it
	{name: "a column added", sql: "alter table generation_jobs add column extra int not null default 3", lasting: true},
	{name: "all rows deleted", sql: "delete from generation_jobs; delete from content_items; delete from content_items_auto; delete from users"},
	{name: "some rows deleted", sql: "delete from generation_jobs where id % 3 = 0"},
	{name: "a table renamed", sql: "alter table generation_jobs rename to old_jobs", undo: "alter table old_jobs rename to generation_jobs", says: "generation_jobs is gone"},
	{name: "a column renamed", sql: "alter table generation_jobs rename prompt to question", undo: "alter table generation_jobs rename question to prompt", says: "generation_jobs.prompt is now question"},
	{name: "a table dropped", sql: "drop table generation_jobs", says: "generation_jobs is gone", lasting: true, unfitting: true},
	{name: journalDropped, sql: "drop table if exists sower_journal", says: "CREATE INDEX"},
}

// Whatever others change in an SQLite file after a kill in any phase, each command ends well, or names what is in the
// way; that undone, generate and verify do, and the schema is what others have made of it.
func TestFileChangesAfterKill(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty_test.db")
	none := []string{arguments[0], arguments[1], arguments[2], "1", arguments[4], "0", arguments[6], "0"}
	for _, command := range []string{"generate", "clean"} {
		if code, out := onFile(t, command, empty, none, map[string][]string{"generate": {"--create-schema"}, "clean": {"--yes"}}[command]...); code != 0 {
			t.Fatal(out)
		}
	}
	for k, phase := range []string{"load", "indexes"} {
		killed := filepath.Join(t.TempDir(), "killed_test.db")
		copyFile(t, empty, killed)
		killIn(t, phase, killed)
		for i, c := range fileChanges {
			for j, command := range []string{"repair", "generate", "clean"} {
				if !soak && j != (i+k)%3 { // all of them in a soak
					continue
				}
				t.Run(phase+"/"+c.name+"/"+command, func(t *testing.T) {
					file := filepath.Join(t.TempDir(), fmt.Sprintf("change_%d_test.db", i))
					copyFile(t, killed, file)
					fileSQL(t, file, c.sql)
					code, out := onFile(t, command, file, arguments, options(command)...)
					stopped := command != "repair" && (c.undo != "" || c.unfitting) || c.name == journalDropped
					if command == "clean" {
						stopped = stopped && c.name != journalDropped && !c.unfitting && (phase == "indexes" || strings.Contains(c.name, "column"))
					}
					if stopped != (code != 0) {
						t.Errorf("%s ended with %d:\n%s", command, code, tail(out))
					}
					if (code != 0 || c.name == journalDropped) && !strings.Contains(out, c.says) && !strings.Contains(out, "rows of others refer") {
						t.Errorf("%s does not say what is in the way (%s):\n%s", command, c.says, tail(out))
					}
					if c.name == journalDropped { // whoever runs the statements that it gives has all indexes again
						for line := range strings.Lines(strings.ReplaceAll(out, `\n`, "\n")) {
							if at := strings.Index(line, "CREATE INDEX"); at >= 0 {
								fileSQL(t, file, strings.TrimRight(strings.TrimSpace(line[at:]), ";"))
							}
						}
					}
					fileSQL(t, file, c.undo)
					last := []string{"generate", "verify"}
					if c.unfitting {
						last = []string{"clean"}
						if command == "clean" {
							last = nil
						}
					}
					for _, next := range last {
						if code, out := onFile(t, next, file, arguments, options(next)...); code != 0 {
							t.Errorf("then %s ended with %d:\n%s", next, code, tail(out))
						}
					}
					want := filepath.Join(t.TempDir(), "want_test.db")
					copyFile(t, empty, want)
					if c.lasting {
						fileSQL(t, want, c.sql)
					}
					if is, want := piecesOf(t, file), piecesOf(t, want); !slices.Equal(is, want) {
						t.Errorf("the schema is %q instead of %q", is, want)
					}
				})
			}
		}
	}
}

// options are what a command needs besides the blueprint's arguments.
func options(command string) []string {
	switch command {
	case "clean":
		return []string{"--yes"}
	case "generate":
		return []string{"--load-strategy", "rebuild"}
	}
	return nil
}

// onFile runs the program on an SQLite file.
func onFile(t *testing.T, command, file string, arguments []string, more ...string) (code int, out string) {
	t.Helper()
	c := ofFile(command, file, arguments, more...)
	text, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(text)
}

func ofFile(command, file string, arguments []string, more ...string) *exec.Cmd {
	args := []string{command, "--database-url", "sqlite:" + file}
	if command != "repair" {
		args = append(slices.Insert(args, 1, "genonaut"), arguments...)
	}
	c := exec.Command(os.Args[0], append(args, more...)...)
	c.Env = append(os.Environ(), program+"=1")
	return c
}

// killIn kills generate at the first line of progress that tells of a phase.
func killIn(t *testing.T, phase, file string) {
	t.Helper()
	c := ofFile("generate", file, arguments, "--load-strategy", "rebuild", "--progress", "json", "--batch-size", "50")
	lines, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	killed := false
	for s := bufio.NewScanner(lines); !killed && s.Scan(); {
		if killed = strings.Contains(s.Text(), `"phase":"`+phase+`"`); killed {
			_ = c.Process.Kill()
		}
	}
	_ = c.Wait()
	if !killed {
		t.Fatalf("the run had no phase %s", phase)
	}
}

// copyFile copies an SQLite file with what belongs to it.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	for _, end := range []string{"", "-wal", "-journal"} {
		b, err := os.ReadFile(from + end)
		if os.IsNotExist(err) && end != "" {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+end, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func fileSQL(t *testing.T, file, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// piecesOf are the tables, with their columns, and the indexes of a file, but for sower's own.
func piecesOf(t *testing.T, file string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`select s.type || ' ' || s.name || ' of ' || s.tbl_name || ': ' || coalesce((select group_concat(name || ' ' || type) from pragma_table_xinfo(s.name)), '')
		from sqlite_schema s where s.tbl_name not like 'sower%' order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
