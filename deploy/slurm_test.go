package deploy

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cluster is a Slurm of its own: two nodes of two processors, all on this machine.
type cluster struct {
	dir   string
	env   []string
	nodes []*os.Process
}

// slurmConf is its configuration. A task that is started again waits for cred_expire, two minutes where it is not given.
const slurmConf = `ClusterName=sower
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=%[2]s
SlurmdUser=%[2]s
AuthType=auth/munge
AuthInfo=socket=%[3]s/munge.sock,cred_expire=30
CredType=cred/munge
StateSaveLocation=%[3]s/state
SlurmdSpoolDir=%[3]s/%%n
SlurmctldPort=%[4]d
SlurmctldPidFile=%[3]s/slurmctld.pid
SlurmdPidFile=%[3]s/%%n.pid
SlurmdTimeout=10
SlurmctldTimeout=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1
KillWait=1
NodeName=n1 NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%[5]d CPUs=2 RealMemory=1024
NodeName=n2 NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%[6]d CPUs=2 RealMemory=1024
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`

// port is one that nobody has at the moment.
func port(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sower-slurm") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // munge insists
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	for _, d := range []string{"state", "n1", "n2"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	conf := fmt.Sprintf(slurmConf, host, me.Username, dir, port(t), port(t), port(t))
	for name, text := range map[string]string{"slurm.conf": conf, "munge.key": strings.Repeat("a key of this test ", 60)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := &cluster{dir: dir, env: append(os.Environ(), "SLURM_CONF="+filepath.Join(dir, "slurm.conf"), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")}
	own := func(name string) string { return filepath.Join(dir, "munge."+name) }
	c.start(t, "munged", "--foreground", "--force", "--key-file="+own("key"), "--socket="+own("sock"), "--pid-file="+own("pid"),
		"--log-file="+own("log"), "--seed-file="+own("seed"))
	c.wait(t, "munge answers", func() bool { _, err := os.Stat(own("sock")); return err == nil })
	c.start(t, "slurmctld", "-D")
	for _, n := range []string{"n1", "n2"} {
		c.nodes = append(c.nodes, c.start(t, "slurmd", "-D", "-N", n))
	}
	c.wait(t, "both nodes are idle", func() bool { return strings.TrimSpace(c.try("sinfo", "-h", "-o", "%D %t")) == "2 idle" })
	return c
}

// start runs a daemon until the test ends.
func (c *cluster) start(t *testing.T, name string, args ...string) *os.Process {
	t.Helper()
	path := name
	if p, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		path = p
	}
	cmd := exec.Command(path, args...)
	log := new(bytes.Buffer)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s:\n%s", name, log)
		}
	})
	return cmd.Process
}

// try runs a command of Slurm and gives what it prints; "" where it fails.
func (c *cluster) try(name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Env = c.env
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return string(out)
}

func (c *cluster) wait(t *testing.T, what string, until func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !until(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after five minutes it is not so that %s\n%s%s", what, c.try("sinfo"), c.try("squeue"))
		}
	}
}

// lose kills all that runs on a node, at once: its daemon, what watches over its jobs, and the jobs.
func (c *cluster) lose(t *testing.T, node int) (killed int) {
	t.Helper()
	name := fmt.Sprintf("SLURMD_NODENAME=n%d", node)
	if err := c.nodes[node-1].Kill(); err != nil {
		t.Fatal(err)
	}
	var jobs, watchers []int
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		environ, err := os.ReadFile(filepath.Join(d, "environ"))
		words := strings.Split(string(environ), "\x00")
		if err != nil || !slices.Contains(words, name) || !slices.Contains(words, "SLURM_CONF="+filepath.Join(c.dir, "slurm.conf")) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(d))
		jobs = append(jobs, pid)
		stat, _ := os.ReadFile(filepath.Join(d, "stat"))
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		parent, _ := strconv.Atoi(fields[1])
		if title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", parent)); strings.HasPrefix(string(title), "slurmstepd") {
			watchers = append(watchers, parent)
		}
	}
	for _, pid := range append(watchers, jobs...) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return len(jobs)
}

// An array of sixteen tasks exports to object storage; one of its two nodes is lost in the middle, Slurm starts its tasks
// again on the other one, and the job that depends on all of them finishes the whole.
func TestSlurm(t *testing.T) {
	s := newStorage(t, true)
	c := newCluster(t)
	folder := program(t)
	args := []string{"shop", "--format", "jsonl"}
	submit := exec.Command("slurm/submit.sh", append([]string{"16", "s3://my-bucket/rows"}, args...)...)
	submit.Env = append(append(c.env, s.env()...), "PATH="+folder+":"+os.Getenv("PATH")+":/usr/sbin", "SBATCH_OUTPUT="+c.dir+"/%A_%a.out")
	out, err := submit.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "16 shards are job ") {
		t.Fatalf("%v\n%s", err, out)
	}
	job := strings.Fields(strings.TrimPrefix(string(out), "16 shards are job "))[0]
	job = strings.TrimRight(job, ";")
	c.wait(t, "a task on each node is about to write", func() bool { return s.writers() >= 2 })
	if n := c.lose(t, 1); n == 0 {
		t.Fatal("nothing ran on the node")
	}
	if got := s.object(t, "rows/manifest-1-of-16.json"); got != nil {
		t.Error("a shard was whole before the node was lost")
	}
	s.open()
	again := false
	c.wait(t, "all is done", func() bool {
		again = again || strings.Contains(c.try("scontrol", "show", "job", job), "Restarts=1")
		return s.object(t, "rows/manifest.json") != nil
	})
	if !again {
		t.Error("no task was started again")
	}
	s.holdsAll(t, filepath.Join(folder, "sower"), "rows/", 16, args...)
	if t.Failed() {
		logs, _ := filepath.Glob(c.dir + "/*.out")
		for _, l := range logs {
			text, _ := os.ReadFile(l)
			t.Logf("%s:\n%s", l, text)
		}
	}
}
