package fault

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/cli"
	"github.com/sowerdata/sower/internal/faultproxy"
	"github.com/sowerdata/sower/internal/pgtest"
)

// program in the environment makes this test binary the program sower.
const program = "SOWER_FAULT_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(program) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	}
	// Where this process was told to ignore it (nohup), those that it starts would, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	code := pgtest.Main(m)
	if err := writeTable(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

var soak = os.Getenv("SOWER_SOAK") != ""

// world is a database with the blueprint's tables, and all that can be done to it.
type world struct {
	testing.TB
	server *pgtest.Server
	name   string // of the database
	url    string
	proxy  *faultproxy.Proxy
	far    string // url through the proxy
	random *rand.Rand
	schema string // as pg_dump has it
	events int    // lines of progress of a run that nobody disturbs
	took   time.Duration
	bytes  int64    // that pass through the proxy in such a run
	jobs   string   // rows of the largest table
	more   []string // further arguments of a command
}

// arguments are of the blueprint: rows enough for several batches and strategies, few enough for many tries.
var arguments = []string{"--admin-user-uuid", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "--target-rows-users", "60", "--target-rows-content-items", "200",
	"--target-rows-content-items-auto", "300"}

var strategies = []string{"rebuild", "in-place"}

// newWorld starts a server of its own, whose restarts disturb nobody, with the tables of the built-in scenario.
func newWorld(t testing.TB, settings map[string]string) *world {
	t.Helper()
	w := emptyWorld(t, settings)
	w.want(0, w.run(w.url, "rebuild", nil, "--create-schema"))
	w.schema, w.jobs = w.dump(), w.sql("select count(*) from generation_jobs")
	w.reset()
	started, before := time.Now(), w.proxy.Passed()
	w.want(0, w.run(w.far, "rebuild", func(int, string) { w.events++ }))
	w.took, w.bytes = time.Since(started), w.proxy.Passed()-before
	w.intact()
	return w
}

// emptyWorld is newWorld without tables.
func emptyWorld(t testing.TB, settings map[string]string) *world {
	t.Helper()
	if settings == nil {
		settings = map[string]string{}
	}
	settings["deadlock_timeout"] = "50ms"
	settings["fsync"] = "on" // acknowledged commits outlive a crash
	settings["full_page_writes"] = "on"
	w := &world{TB: t, server: pgtest.StartFor(t, pgtest.Options{Version: pgtest.Dumped(t), Settings: settings}), name: "world_test"}
	w.url = w.server.URL(w.name)
	if err := w.server.CreateDatabase(context.Background(), w.name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	if w.proxy, err = faultproxy.Listen("127.0.0.1", u.Host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.proxy.Close() })
	u.Host = w.proxy.Addr()
	w.far = u.String()
	seed := uint64(7)
	if soak {
		seed = uint64(time.Now().UnixNano())
	}
	if s := os.Getenv("SOWER_FAULT_SEED"); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SOWER_FAULT_SEED=%d", seed)
	w.random = rand.New(rand.NewPCG(seed, 0))
	return w
}

// sql runs SQL as the superuser.
func (w *world) sql(sql string) string {
	w.Helper()
	out, err := w.trySQL(sql)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func (w *world) trySQL(sql string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return w.server.RunPsql(ctx, w.name, sql)
}

func (w *world) dump() string {
	w.Helper()
	text, err := w.server.DumpSchema(context.Background(), w.name, "sower")
	if err != nil {
		w.Fatal(err)
	}
	return text
}

// reset empties the tables.
func (w *world) reset() {
	w.Helper()
	w.proxy.Set(nil)
	w.sql("set client_min_messages = warning; truncate users, content_items, content_items_auto, generation_jobs; drop schema if exists sower cascade")
}

// outcome is how the program ended.
type outcome struct {
	code   int    // -1: by a signal
	output string // on stderr
	all    string // with what came on stdout
}

// command makes the program a command, in a process of its own.
func (w *world) command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PG") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(c.Env, program+"=1")
	return c
}

func (w *world) generate(url, strategy string, more ...string) []string {
	args := append([]string{"generate", "genonaut", "--database-url", url, "--load-strategy", strategy, "--batch-size", "50", "--max-workers", "3", "--progress", "json"}, arguments...)
	return append(args, more...)
}

// run runs generate; at is called with the number of each line of progress, from 0.
func (w *world) run(url, strategy string, at func(n int, line string), more ...string) outcome {
	w.Helper()
	return w.start(w.command(w.generate(url, strategy, more...)...), func(n int, line string, _ *os.Process) {
		if at != nil {
			at(n, line)
		}
	})
}

// start runs a command to its end, at most a minute.
func (w *world) start(c *exec.Cmd, at func(n int, line string, p *os.Process)) outcome {
	w.Helper()
	return w.startAnd(c, func(*os.Process) func() bool { return nil }, at)
}

// startAnd also does something with the process once it is there; what that gives is called at the end.
func (w *world) startAnd(c *exec.Cmd, then func(p *os.Process) (stop func() bool), at func(n int, line string, p *os.Process)) outcome {
	w.Helper()
	var results bytes.Buffer
	c.Stdout = &results
	stderr, err := c.StderrPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := c.Start(); err != nil {
		w.Fatal(err)
	}
	if stop := then(c.Process); stop != nil {
		defer stop()
	}
	hung := time.AfterFunc(2*time.Minute, func() { _ = c.Process.Signal(syscall.SIGQUIT) })
	defer hung.Stop()
	var out bytes.Buffer
	n := 0
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		out.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "{") {
			at(n, lines.Text(), c.Process)
			n++
		}
	}
	_ = c.Wait() // its code tells
	return outcome{c.ProcessState.ExitCode(), out.String(), results.String() + out.String()}
}

func (w *world) want(code int, o outcome) {
	w.Helper()
	if o.code != code {
		w.Fatalf("the program ended with %d, want %d:\n%s", o.code, code, tail(o.output))
	}
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// complete runs the command again, as often as a person would: what it refuses while the dead run's
// backends end, or the server comes up, goes by.
func (w *world) complete(strategy string) {
	w.Helper()
	w.proxy.Set(nil)
	var o outcome
	for range 20 {
		if o = w.run(w.url, strategy, nil); o.code == 0 {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
	w.Fatalf("the same command again does not end well:\n%s", tail(o.output))
}

// intact is what must be true at the end.
func (w *world) intact() {
	w.Helper()
	c := w.command(append([]string{"verify", "genonaut", "--database-url", w.url}, arguments...)...)
	out, err := c.CombinedOutput()
	if err != nil {
		w.Errorf("verify: %v\n%s", err, broken(string(out)))
	}
	w.sameSchema()
	// The backends of clients that have just ended go a moment after them: one session waits for that.
	left := w.sql(`do $$ begin for i in 1..100 loop exit when not exists (select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend');
perform pg_sleep(0.05), pg_stat_clear_snapshot(); end loop; end $$;
select to_regclass('sower.journal') is null, (select count(*) from sower.ledger where digest is null), (select count(*) from pg_class where relpersistence = 't'),
 (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'),
 (select count(*) from pg_prepared_xacts), (select count(*) from pg_index where not indisvalid), (select count(*) from sower.run)`)
	if left != "t|0|0|0|0|0|1" {
		w.Errorf("left behind: journal gone, ledger rows without a digest, temporary tables, connections, prepared transactions, invalid indexes, runs: %s", left)
	}
	if n := w.sql("select count(*) from generation_jobs"); n != w.jobs {
		w.Errorf("%s jobs, want %s", n, w.jobs)
	}
}

func (w *world) sameSchema() {
	w.Helper()
	if now := w.dump(); now != w.schema {
		w.Errorf("the schema has changed:\n%s", differing(w.schema, now))
	}
}

func broken(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "ok ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// differing gives the lines that only one of two texts has.
func differing(a, b string) string {
	count := map[string]int{}
	for line := range strings.Lines(a) {
		count[line]++
	}
	var out strings.Builder
	for line := range strings.Lines(b) {
		if count[line]--; count[line] < 0 {
			out.WriteString("+" + line)
		}
	}
	for line, n := range count {
		if n > 0 {
			out.WriteString("-" + line)
		}
	}
	return out.String()
}

// results are what the table says.
var results struct {
	sync.Mutex
	order []string
	tries map[string]*result
}

type result struct{ tries, failures, completed int }

// record notes how a try ended; completed says that the run got through by itself.
func record(fault string, failed, completed bool) {
	results.Lock()
	defer results.Unlock()
	if results.tries == nil {
		results.tries = map[string]*result{}
	}
	r := results.tries[fault]
	if r == nil {
		r = new(result)
		results.tries[fault] = r
		results.order = append(results.order, fault)
	}
	r.tries++
	if failed {
		r.failures++
	}
	if completed {
		r.completed++
	}
}

const (
	tableFrom = "<!-- faults: written by make soak -->"
	tableTo   = "<!-- end of faults -->"
)

// writeTable puts the table of a soak into docs/reliability.md.
func writeTable() error {
	results.Lock()
	defer results.Unlock()
	if !soak || len(results.order) == 0 {
		return nil
	}
	path := filepath.Join("..", "docs", "reliability.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(text), tableFrom)
	_, foot, ok2 := strings.Cut(rest, tableTo)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table of faults", path)
	}
	var b strings.Builder
	b.WriteString(head + tableFrom + "\n\n| fault | tries | got through by itself | failures |\n|---|---:|---:|---:|\n")
	var tries, failures int
	for _, name := range results.order {
		r := results.tries[name]
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", name, r.tries, r.completed, r.failures)
		tries, failures = tries+r.tries, failures+r.failures
	}
	fmt.Fprintf(&b, "| all | %d | | %d |\n\n", tries, failures)
	b.WriteString(tableTo + foot)
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
