package jobtest

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/sowerdata/sower/internal/pgtest"
)

const prepare, shards, finish = "sower-load-prepare", "sower-load-shards", "sower-load-finish"

// genonaut are the arguments of a blueprint with several tables.
var genonaut = []string{"genonaut", "--admin-user-uuid", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
	"--target-rows-users", "300", "--target-rows-content-items", "600", "--target-rows-content-items-auto", "900"}

// database is one with genonaut's tables, on a server of the test's own.
type database struct {
	*testing.T
	server *pgtest.Server
	name   string
}

func newDatabase(t *testing.T, server *pgtest.Server, name string) database {
	t.Helper()
	d := database{t, server, name}
	if err := server.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	ddl, err := os.ReadFile("../../../blueprints/genonaut/postgres.sql")
	if err != nil {
		t.Fatal(err)
	}
	d.sql(string(ddl))
	return d
}

func (d database) sql(sql string) string {
	d.Helper()
	return d.server.Psql(d, d.name, sql)
}

func (d database) sower(args ...string) {
	d.Helper()
	args = append(args, "--database-url", d.server.URL(d.name))
	if out, err := exec.CommandContext(d.Context(), sower(d.T), args...).CombinedOutput(); err != nil {
		d.Errorf("%v: %v\n%s", args, err, out)
	}
}

// schema is what pg_dump says, without the tables in which sower keeps its records.
func (d database) schema() string {
	d.Helper()
	text, err := d.server.DumpSchema(d.Context(), d.name, "sower")
	if err != nil {
		d.Fatal(err)
	}
	return text
}

// digests are those of all cells.
func (d database) digests() string {
	d.Helper()
	var out []string
	for _, table := range []string{"users", "content_items", "content_items_auto", "generation_jobs"} {
		out = append(out, d.sql(fmt.Sprintf(
			`select '%s', count(*), md5(string_agg(t::text, E'\n' order by t::text collate "C")) from %[1]s t`, table)))
	}
	return strings.Join(out, "\n")
}

// lock keeps others from writing a table, until the function that it returns is called.
func (d database) lock(table string) (unlock func()) {
	d.Helper()
	conn, err := pgconn.Connect(d.Context(), d.server.URL(d.name))
	if err != nil {
		d.Fatal(err)
	}
	unlock = func() { _ = conn.Close(d.Context()) } // and again, when the test ends: it does no harm
	d.Cleanup(unlock)
	_, err = conn.Exec(d.Context(), "begin; lock table "+table+" in share row exclusive mode").ReadAll()
	if err != nil {
		d.Fatal(err)
	}
	return unlock
}

// waits tells whether a process has a connection that waits for a lock.
func (d database) waits(p *process) bool {
	d.Helper()
	return d.sql(fmt.Sprintf(`
select exists (select from pg_locks l join pg_stat_activity a using (pid)
	where not l.granted and a.datname = current_database() and a.application_name ~ ' pid %d on ')`,
		p.cmd.Process.Pid)) == "t"
}

// until waits for what comes about by itself.
func (c *cluster) until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !cond(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come about that %s\n%s", what, c.node.log())
		}
	}
}

// The three Jobs, applied at once: pods that come before the run is prepared are started again; in the middle of the
// load one is killed, another one's machine is drained and a third one's machine is lost, so that two pods of its index
// are at work at once.
func TestLoad(t *testing.T) {
	server := pgtest.StartFor(t, pgtest.Options{Version: pgtest.Dumped(t)})
	one, d := newDatabase(t, server, "one_test"), newDatabase(t, server, "load_test")
	one.sower(append([]string{"generate"}, genonaut...)...)
	before := d.schema()

	c := newCluster(t, sower(t))
	c.secret(t, "sower-database", map[string]string{"url": server.URL(d.name)})
	args := slices.Concat([]string{"generate"}, genonaut,
		[]string{"--phase", "prepare", "--batch-size", "20", "--load-strategy", "rebuild", "--progress", "plain"})
	jobs := overlay(t, "load", arguments(prepare, args...))
	if s := jobs[shards].Spec; *s.Completions != 16 || *s.Parallelism != 4 {
		t.Fatalf("%d shards, %d at a time", *s.Completions, *s.Parallelism)
	}
	releasePrepare := c.node.hold(t, prepare)
	for _, name := range []string{finish, shards, prepare} {
		c.apply(t, jobs[name])
	}
	c.until(t, "pods find no prepared run", func() bool {
		early := slices.Contains(c.node.codes(finish, ""), 5)
		for i := range 4 {
			early = early && slices.Contains(c.node.codes(shards, fmt.Sprint(i)), 5)
		}
		return early
	})
	releaseShards := c.node.hold(t, shards)
	releasePrepare()
	if _, cond := c.wait(t, prepare, 3*time.Minute); cond.Type != batchv1.JobComplete {
		t.Fatalf("%+v\n%s", cond, c.node.log())
	}

	// Pods come as far as the last table, and wait there.
	unlock := d.lock("generation_jobs")
	releaseShards()
	at := func(index string) bool {
		return slices.ContainsFunc(c.node.running(shards), func(p *process) bool { return p.index == index && d.waits(p) })
	}
	var pods []*process
	c.until(t, "four pods load", func() bool {
		pods = c.node.running(shards)
		return len(pods) == 4 && !slices.ContainsFunc(pods, func(p *process) bool { return !d.waits(p) })
	})
	killed, drained, lost := pods[0], pods[1], pods[2]
	c.node.kill(killed)
	c.node.drain(drained)
	c.node.lose(t, lost)
	c.until(t, "other pods come into their places", func() bool {
		return at(killed.index) && at(drained.index) && at(lost.index)
	})
	if !d.waits(lost) {
		t.Error("the pod whose machine was lost is not at work any more")
	}
	unlock()
	for name, failed := range map[string]int32{prepare: 0, shards: 1, finish: 0} { // the one that was killed
		if s, cond := c.wait(t, name, 5*time.Minute); cond.Type != batchv1.JobComplete || s.Failed != failed {
			t.Errorf("%s: %+v, %d pods count as failed, want %d\n%s", name, cond, s.Failed, failed, c.node.log())
		}
	}
	c.node.work.Wait() // for the one that was lost, too

	want := func(job, index string, early bool, want ...int) {
		t.Helper()
		codes := c.node.codes(job, index)
		t.Logf("%s %s ended with %v", job, index, codes)
		got := slices.DeleteFunc(slices.Clone(codes), func(code int) bool { return code == 5 })
		if !slices.Equal(got, want) || early && codes[0] != 5 {
			t.Errorf("%s %s ended with %v, want %v", job, index, codes, want)
		}
	}
	want(prepare, "", false, 0)
	for i := range 16 {
		switch index := fmt.Sprint(i); index {
		case killed.index, drained.index:
			want(shards, index, i < 4, 137, 0)
		case lost.index:
			want(shards, index, i < 4, 0, 0)
		default:
			want(shards, index, i < 4, 0)
		}
	}
	want(finish, "", true, 0)
	address, err := url.Parse(server.URL(d.name))
	if err != nil {
		t.Fatal(err)
	}
	if password, _ := address.User.Password(); password == "" || strings.Contains(c.node.log(), password) {
		t.Error("the password is in a pod's log")
	}

	d.sower(append([]string{"verify"}, genonaut...)...)
	if got, want := d.digests(), one.digests(); got != want {
		t.Errorf("the shards have\n%s\nand one process\n%s", got, want)
	}
	if after := d.schema(); after != before {
		t.Errorf("the schema was\n%s\nand is\n%s", before, after)
	}
}

// A mistake in the command ends each of the Jobs: nothing is tried again.
func TestLoadUsageError(t *testing.T) {
	c := newCluster(t, sower(t))
	c.secret(t, "sower-database", map[string]string{"url": "postgres://nobody@127.0.0.1:1/nothing_test"})
	jobs := overlay(t, "load", arguments(prepare, "generate", "genonaut", "--phase", "prepare", "--shard", "auto")+
		arguments(shards, "generate", "--phase", "load", "--shard", "auto", "--seed", `"7"`)+
		arguments(finish, "generate", "genonaut", "--phase", "finish"))
	for _, job := range jobs {
		c.apply(t, job)
	}
	for name := range jobs {
		_, cond := c.wait(t, name, time.Minute)
		if cond.Type != batchv1.JobFailed || cond.Reason != batchv1.JobReasonPodFailurePolicy {
			t.Errorf("%s: %+v", name, cond)
		}
	}
	tried := func(job, index string, most int) {
		if codes := c.node.codes(job, index); len(codes) > most {
			t.Errorf("%s %s ended with %v", job, index, codes)
		}
	}
	tried(prepare, "", 1)
	tried(finish, "", 1)
	for i := range 16 {
		most := 1
		if i > 3 {
			most = 0
		}
		tried(shards, fmt.Sprint(i), most)
	}
	for _, said := range []string{
		"--shard goes with --phase load", "--seed goes with --phase prepare", "--phase finish names no blueprint",
	} {
		if log := c.node.log(); !strings.Contains(log, said) {
			t.Errorf("the pods do not say %q:\n%s", said, log)
		}
	}
}
