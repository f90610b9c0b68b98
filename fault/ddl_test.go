package fault

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// change is what somebody does to the database between a kill and the next command.
type change struct {
	name, sql string
	undo      string // what a person does where a command says that the change is in the way; "": it never is
	says      string // which a message about it names
	lasting   bool   // the schema is another one from then on
	unfitting bool   // the blueprint cannot fill it: the run's rows can be cleaned
	generates bool   // generate undoes it: where a command says that the change is in the way, it names that
}

var changes = []change{
	{name: "nothing", sql: "select 1"},
	{name: "an index dropped", sql: "drop index if exists idx_generation_jobs_user_id", lasting: true},
	{name: "a column added", sql: "alter table generation_jobs add column extra int not null default 3", lasting: true},
	{name: "an index of the same name", sql: "create index if not exists generation_jobs_user_id_idx on content_items (title)",
		undo: "drop index generation_jobs_user_id_idx", says: "generation_jobs_user_id_idx"},
	{name: "a relation with the name of a key", sql: "create table if not exists users_username_key_2 (); do $$ begin if to_regclass('users_username_key') is null then alter table users_username_key_2 rename to users_username_key; end if; end $$",
		undo: "do $$ begin if (select relkind from pg_class where oid = to_regclass('users_username_key')) = 'r' then drop table users_username_key; end if; end $$; drop table if exists users_username_key_2", says: "users_username_key"},
	{name: "all rows truncated", sql: "truncate users cascade", says: "sower generate completes it", generates: true}, // where keys are away, only the users
	{name: "a table renamed", sql: "alter table generation_jobs rename to old_jobs",
		undo: "alter table old_jobs rename to generation_jobs", says: "old_jobs"},
	{name: "a table moved", sql: "create schema attic; alter table generation_jobs set schema attic",
		undo: "alter table attic.generation_jobs set schema public; drop schema attic", says: "attic.generation_jobs"},
	{name: "a column renamed", sql: "alter table generation_jobs rename prompt to question",
		undo: "alter table generation_jobs rename question to prompt", says: "prompt"},
	{name: "a column altered", sql: "alter table generation_jobs alter prompt type varchar(5000)",
		undo: "alter table generation_jobs alter prompt type text", says: "prompt"},
	{name: "a column dropped", sql: "alter table generation_jobs drop column prompt cascade", says: "prompt", lasting: true, unfitting: true},
	{name: "a default dropped", sql: "alter table generation_jobs alter id drop default", lasting: true},
	{name: "a default added", sql: "alter table generation_jobs alter prompt set default 'later'", lasting: true},
	{name: "a table made a partition", sql: "create table all_jobs (like generation_jobs) partition by range (id); alter table all_jobs attach partition generation_jobs for values from (minvalue) to (maxvalue)",
		undo: "alter table all_jobs detach partition generation_jobs; drop table all_jobs", says: "all_jobs"},
	{name: "a table dropped", sql: "drop table generation_jobs cascade", says: "generation_jobs", lasting: true, unfitting: true},
	{name: journalDropped, sql: "drop table if exists sower.journal"},
	{name: "the record dropped", sql: "drop schema sower cascade", says: "record"},
}

// journalDropped is the change after which only the record of the run knows what its load took away.
const journalDropped = "the journal dropped"

// Whatever others change after a kill in any phase, each command ends well, or names what is in the way; that undone,
// the same command, generate and verify do. The matrix is printed.
func TestChangesAfterKill(t *testing.T) {
	w := newWorld(t, nil)
	w.reset()
	phases, commands := []string{"load", "uniques", "indexes", "keys", "statistics"}, []string{"repair", "generate", "clean"}
	var chosen []int
	n := len(phases) * len(changes) * len(commands)
	if soak {
		for i := range n {
			chosen = append(chosen, i)
		}
	} else { // each change once, with any phase and command
		for i, k := range w.random.Perm(len(changes)) {
			chosen = append(chosen, (k*len(phases)+(i+k)%len(phases))*len(commands)+w.random.IntN(len(commands)))
		}
	}
	var matrix strings.Builder
	for _, i := range chosen {
		c, phase, command := changes[i/len(commands)/len(phases)], phases[i/len(commands)%len(phases)], commands[i%len(commands)]
		t.Run(phase+"/"+c.name+"/"+command, func(t *testing.T) {
			w := w.copy(t, fmt.Sprintf("change_%d_test", i))
			w.killedIn(phase)
			users := w.sql("select count(*) from users") != "0"
			w.sql("set client_min_messages = warning; " + c.sql)
			var lost []string
			if c.name == journalDropped {
				lost = lostOf(w.start(w.verify(), func(int, string, *os.Process) {}).all)
			}
			o := w.does(command)
			said := "ends well"
			if o.code != 0 {
				said = firstLine(o.all)
			}
			fmt.Fprintf(&matrix, "| %s | %s | %s | %s |\n", phase, c.name, command, said)
			if c.name == "the record dropped" {
				w.forgotten(command, o, users)
				return
			}
			if c.name == journalDropped {
				w.lost(command, o, lost)
			} else if o.code != 0 {
				w.named(c, o)
			}
			if c.undo != "" {
				w.sql("set client_min_messages = warning; " + c.undo)
				if command != "clean" || o.code != 0 {
					w.want(0, w.does(command))
				}
			}
			if c.unfitting && command != "clean" {
				w.want(0, w.does("clean"))
			}
			w.whole(c)
		})
	}
	t.Logf("| killed in | then | command | outcome |\n|---|---|---|---|\n%s", matrix.String())
}

// copy gives a world with a database like w's.
func (w *world) copy(t testing.TB, name string) *world {
	t.Helper()
	w.alone()
	w.sql(fmt.Sprintf(`\connect postgres
create database %s template %s`, name, w.name))
	c := *w
	c.TB, c.name, c.url = t, name, w.server.URL(name)
	return &c
}

// alone waits until the backends of clients that have ended are gone.
func (w *world) alone() {
	w.Helper()
	if n := w.sql(`do $$ begin for i in 1..400 loop exit when not exists (select 1 from pg_stat_activity where datname = current_database()
 and pid <> pg_backend_pid() and backend_type = 'client backend'); perform pg_sleep(0.05), pg_stat_clear_snapshot(); end loop; end $$;
select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`); n != "0" {
		w.Fatalf("%s sessions are left", n)
	}
}

// killedIn kills generate in a phase.
func (w *world) killedIn(phase string) {
	w.Helper()
	done := false
	w.start(w.command(w.generate(w.url, "rebuild")...), func(_ int, line string, p *os.Process) {
		if !done && strings.Contains(line, `"phase":"`+phase+`"`) {
			done = true
			_ = p.Signal(syscall.SIGKILL)
		}
	})
	if !done {
		w.Fatalf("the run had no phase %s", phase)
	}
	w.alone()
}

// does runs a command.
func (w *world) does(command string) outcome {
	w.Helper()
	args := w.generate(w.url, "rebuild")
	switch command {
	case "repair":
		args = []string{"repair", "--database-url", w.url}
	case "clean":
		args = append([]string{"clean", "genonaut", "--database-url", w.url, "--yes"}, arguments...)
	}
	return w.start(w.command(args...), func(int, string, *os.Process) {})
}

func (w *world) verify() *exec.Cmd {
	return w.command(append([]string{"verify", "genonaut", "--database-url", w.url}, arguments...)...)
}

// lostOf gives the statements by which verify says that indexes and keys are put in place again.
func lostOf(out string) (statements []string) {
	for line := range strings.Lines(out) {
		if _, sql, ok := strings.Cut(strings.TrimSpace(line), "the journal of which sower restores it is gone: "); ok {
			statements = append(statements, sql)
		}
	}
	return statements
}

// lost wants that a command names what is missing without a journal, and runs the statements that verify gave.
func (w *world) lost(command string, o outcome, statements []string) {
	w.Helper()
	keys := strings.Contains(strings.Join(statements, "\n"), "ALTER TABLE")
	if want := len(statements) > 0 && (keys || command != "clean"); want != (o.code != 0) {
		w.Errorf("%s ended with %d, and verify says that %d pieces are missing:\n%s", command, o.code, len(statements), tail(o.all))
	}
	for _, sql := range statements {
		if !strings.Contains(strings.ReplaceAll(o.all, `\"`, `"`), sql) { // a line of JSON
			w.Errorf("%s does not say %q:\n%s", command, sql, tail(o.all))
		}
		w.sql(sql)
	}
}

// named wants that a message names what was changed, and what to do.
func (w *world) named(c change, o outcome) {
	w.Helper()
	if c.undo == "" && !c.unfitting && !c.generates {
		w.Errorf("ended with %d, though nothing is in the way:\n%s", o.code, tail(o.all))
	}
	if !strings.Contains(o.all, c.says) || !strings.Contains(o.all, "undo ") && !strings.Contains(o.all, "sower repair") {
		w.Errorf("the message does not say what is in the way (%s) and what to do:\n%s", c.says, tail(o.all))
	}
	for _, bad := range []string{"goroutine ", "inferred.yaml", "--create-schema", "blueprint.yaml:"} {
		if strings.Contains(o.all, bad) {
			w.Errorf("the message speaks of %s:\n%s", bad, tail(o.all))
		}
	}
}

// whole wants that the run can be completed, and that the schema is what others have made of it.
func (w *world) whole(c change) {
	w.Helper()
	expected := w.schema
	if c.lasting {
		e := w.copyOf("world_test", w.name[:len(w.name)-len("_test")]+"_as_it_should_be_test")
		e.sql("set client_min_messages = warning; " + c.sql)
		expected = e.dump()
	}
	if !c.unfitting {
		w.complete("rebuild")
		if out, err := w.verify().CombinedOutput(); err != nil {
			w.Errorf("verify: %v\n%s", err, broken(string(out)))
		}
	} else if o := w.does("repair"); o.code != 0 { // an index over what is gone: it is given up, as the message says
		_, index, ok := strings.Cut(o.all, "sower repair --forget ")
		if !ok {
			w.Fatalf("repair does not say what to do:\n%s", tail(o.all))
		}
		w.want(0, w.start(w.command("repair", "--database-url", w.url, "--forget", strings.Fields(index)[0]), func(int, string, *os.Process) {}))
	}
	if now := w.dump(); now != expected {
		w.Errorf("the schema has changed:\n%s", differing(expected, now))
	}
	if left := w.sql("select to_regclass('sower.journal') is null, (select count(*) from pg_index where not indisvalid)"); left != "t|0" {
		w.Errorf("left: journal gone, invalid indexes: %s", left)
	}
}

// copyOf gives a world with a database like another.
func (w *world) copyOf(template, name string) *world {
	w.Helper()
	o := *w
	o.name = template
	return o.copy(w.TB, name)
}

// forgotten wants that no command claims to have restored what nobody remembers. Rows whose keys count up are anybody's;
// users, where the killed run had come to them, have keys that only it makes.
func (w *world) forgotten(command string, o outcome, users bool) {
	w.Helper()
	switch command {
	case "repair":
		if !strings.Contains(o.all, "no run is recorded") {
			w.Errorf("repair does not say that the record is gone:\n%s", tail(o.all))
		}
	case "generate":
		if (users || o.code != 0) && !strings.Contains(o.all, "no recorded run made") || users && o.code == 0 {
			w.Errorf("generate ended with %d, and does not say that rows are of nobody:\n%s", o.code, tail(o.all))
		}
	case "clean":
		if o.code == 0 || !strings.Contains(o.all, "no run is recorded") {
			w.Errorf("clean ended with %d, and does not say that the record is gone:\n%s", o.code, tail(o.all))
		}
	}
	if strings.Contains(o.all, "goroutine ") || strings.Contains(o.all, "all indexes and keys that sower dropped are in place") {
		w.Errorf("%s claims too much:\n%s", command, tail(o.all))
	}
}

func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if strings.HasPrefix(line, "sower: ") && !strings.HasPrefix(line, "sower: note: ") || strings.Contains(line, `"level":"error"`) {
			return strings.TrimSpace(line[:min(len(line), 300)])
		}
	}
	return fmt.Sprintf("%.300s", strings.TrimSpace(s))
}
