package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/pgtest"
)

// genonaut are the arguments of a blueprint with several tables.
var genonaut = []string{"genonaut", "--admin-user-uuid", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", "--target-rows-users", "300",
	"--target-rows-content-items", "600", "--target-rows-content-items-auto", "900"}

// target is a server with two databases that have genonaut's tables: one that one process has filled, and one to load.
type target struct {
	*testing.T
	server *pgtest.Server
	sower  string
	schema string // as pg_dump has it
}

func newTarget(t *testing.T) *target {
	t.Helper()
	d := &target{T: t, server: pgtest.StartFor(t, pgtest.Options{Version: pgtest.Dumped(t)}), sower: filepath.Join(program(t), "sower")}
	const ddl = "../blueprints/genonaut/postgres.sql"
	text, err := os.ReadFile(ddl)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one_test", "load_test"} {
		if err := d.server.CreateDatabase(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		d.sql(name, string(text))
	}
	d.schema = d.dump("load_test")
	d.run("one_test", append([]string{"generate"}, genonaut...)...)
	return d
}

func (d *target) run(database string, args ...string) {
	d.Helper()
	if out, err := exec.Command(d.sower, append(args, "--database-url", d.server.URL(database))...).CombinedOutput(); err != nil {
		d.Errorf("%v: %v\n%s", args, err, out)
	}
}

func (d *target) sql(database, sql string) string {
	d.Helper()
	out, err := d.server.RunPsql(d.Context(), database, sql)
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func (d *target) dump(database string) string {
	d.Helper()
	text, err := d.server.DumpSchema(context.Background(), database, "sower")
	if err != nil {
		d.Fatal(err)
	}
	return text
}

// digests are those of all cells.
func (d *target) digests(database string) string {
	d.Helper()
	var out []string
	for _, t := range []string{"users", "content_items", "content_items_auto", "generation_jobs"} {
		out = append(out, d.sql(database, fmt.Sprintf(`select '%s', count(*), md5(string_agg(t::text, E'\n' order by t::text collate "C")) from %[1]s t`, t)))
	}
	return strings.Join(out, "\n")
}

// loaded holds the database that was loaded against the one that one process has filled.
func (d *target) loaded() {
	d.Helper()
	d.run("load_test", append([]string{"verify"}, genonaut...)...)
	if got, want := d.digests("load_test"), d.digests("one_test"); got != want {
		d.Errorf("the shards have\n%s\nand one process\n%s", got, want)
	}
	if d.dump("load_test") != d.schema {
		d.Error("the schema has changed")
	}
}

// An array of eight tasks loads a database; one of its two nodes is lost while both are at work, Slurm starts its task
// again, and the job that depends on all of them completes the run.
func TestSlurmLoad(t *testing.T) {
	d := newTarget(t)
	c := newCluster(t)
	submit := exec.Command("slurm/submit-load.sh", append([]string{"8"}, append(genonaut, "--batch-size", "20", "--load-strategy", "rebuild")...)...)
	submit.Env = append(slices.Clone(c.env), "DATABASE_URL="+d.server.URL("load_test"), "PATH="+filepath.Dir(d.sower)+":"+os.Getenv("PATH")+":/usr/sbin", "SBATCH_OUTPUT="+c.dir+"/%A_%a.out")
	t.Cleanup(func() {
		logs, _ := filepath.Glob(c.dir + "/*.out")
		for _, l := range logs {
			if text, _ := os.ReadFile(l); t.Failed() {
				t.Logf("%s:\n%s", l, text)
			}
		}
	})
	out, err := submit.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "loads 8 shards") {
		t.Fatalf("%v\n%s", err, out)
	}
	job := strings.Fields(string(out))[4]
	state := func() string {
		if d.sql("load_test", "select to_regclass('sower.run') is not null") != "t" {
			return ""
		}
		return d.sql("load_test", "select state || case when batches is null then '' else ' in phases' end from sower.run")
	}
	c.wait(t, "the run is prepared", func() bool { return state() == "running in phases" })
	// Loaders come as far as the last table, and wait there.
	hold, err := d.server.PsqlCommand(t.Context(), "load_test", "-c", "begin; lock table generation_jobs in share row exclusive mode; select pg_sleep(3600)")
	if err != nil {
		t.Fatal(err)
	}
	if err := hold.Start(); err != nil {
		t.Fatal(err)
	}
	c.wait(t, "tasks on both nodes wait", func() bool {
		n, _ := strconv.Atoi(d.sql("load_test", "select count(distinct a.application_name) from pg_locks l join pg_stat_activity a using (pid) where not l.granted"))
		nodes := c.try("squeue", "-h", "-t", "R", "-j", job, "-o", "%N")
		return n >= 2 && strings.Contains(nodes, "n1") && strings.Contains(nodes, "n2")
	})
	if n := c.lose(t, 1); n == 0 {
		t.Fatal("nothing ran on the node")
	}
	_ = hold.Process.Kill()
	_ = hold.Wait()
	d.sql("load_test", "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(3600)%' and pid <> pg_backend_pid()")
	again := false
	c.wait(t, "the run is complete", func() bool {
		again = again || strings.Contains(c.try("scontrol", "show", "job", job), "Restarts=1")
		return state() == "complete"
	})
	if !again {
		t.Error("no task was started again")
	}
	d.loaded()
}

// loadJob is what the manifests of a load say that a process can do.
type loadJob struct {
	Spec struct {
		Completions, Parallelism int
		PodFailurePolicy         struct {
			Rules []struct {
				Action      string
				OnExitCodes struct{ Values []int } `yaml:"onExitCodes"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct {
			Spec struct {
				Containers []struct {
					Args []string
					Env  []struct {
						Name, Value string
						ValueFrom   struct {
							SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
						} `yaml:"valueFrom"`
					}
				}
			}
		}
	}
}

// The containers of the three Jobs as processes: all are started at once, four shards at a time, one of them twice, and those that end with a
// code that the Job's policy ignores are started again.
func TestKubernetesLoad(t *testing.T) {
	d := newTarget(t)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	// pod runs a container until it ends well, as the Job's controller does.
	pod := func(j *loadJob, env ...string) {
		c := j.Spec.Template.Spec.Containers[0]
		for end := time.Now().Add(4 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
			cmd := exec.Command(d.sower, c.Args...)
			if slices.Contains(c.Args, "prepare") {
				cmd.Args = append(cmd.Args, append(genonaut[1:], "--batch-size", "20")...)
			}
			cmd.Env = append(os.Environ(), env...)
			for _, e := range c.Env {
				if e.ValueFrom.SecretKeyRef.Name == "sower-database" && e.ValueFrom.SecretKeyRef.Key == "url" {
					e.Value = d.server.URL("load_test")
				}
				cmd.Env = append(cmd.Env, e.Name+"="+e.Value)
			}
			out, _ := cmd.CombinedOutput()
			code := cmd.ProcessState.ExitCode()
			ignored := false
			for _, r := range j.Spec.PodFailurePolicy.Rules {
				ignored = ignored || r.Action == "Ignore" && slices.Contains(r.OnExitCodes.Values, code)
			}
			if code == 0 {
				return
			}
			if !ignored || time.Now().After(end) {
				t.Errorf("%v ended with %d:\n%s", cmd.Args[1:], code, out)
				return
			}
		}
	}
	for _, name := range []string{"finish", "shards", "prepare"} {
		j := new(loadJob)
		parse(t, "kubernetes/load/"+name+".yaml", j)
		if name != "shards" {
			wg.Go(func() { pod(j) })
			continue
		}
		env := j.Spec.Template.Spec.Containers[0].Env
		if n := j.Spec.Completions; n != 16 || env[len(env)-1].Value != strconv.Itoa(n) || j.Spec.Parallelism != cap(slots) {
			t.Errorf("%+v", j.Spec)
		}
		for i := range j.Spec.Completions + 1 { // the last one is a second pod of a shard
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				pod(j, fmt.Sprintf("JOB_COMPLETION_INDEX=%d", min(i, j.Spec.Completions-1)))
			})
		}
	}
	wg.Wait()
	d.loaded()
}
