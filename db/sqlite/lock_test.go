package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/sink"
)

// Another process's write lock is waited for, and then named.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app_test.db")
	db := open(t, "sqlite:"+path, Options{Create: true})
	if err := db.CreateSchema(t.Context(), contentDDL); err != nil {
		t.Fatal(err)
	}
	db.timeout = 300 * time.Millisecond
	other := open(t, "sqlite:"+path, Options{})
	conn, err := other.reads.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "begin immediate"); err != nil {
		t.Fatal(err)
	}
	target, batch := contentRows(0, 10)
	try := func(ctx context.Context) error {
		l, err := db.Loader(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := l.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		_, err = l.Commit(ctx)
		return err
	}
	wantError(t, try(t.Context()), "content_items rows 0-9", "in use", "lock", path)
	var said bytes.Buffer
	db.log, db.timeout = slog.New(slog.NewTextHandler(&said, nil)), 2*time.Second
	wantError(t, try(t.Context()), "in use")
	if !strings.Contains(said.String(), "waiting for a lock") || !strings.Contains(said.String(), path) {
		t.Errorf("log: %s", said.String())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	db.timeout = time.Minute
	if err := try(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a cancelled wait: %v", err)
	}
	time.AfterFunc(100*time.Millisecond, func() { conn.ExecContext(context.Background(), "rollback") })
	if err := try(t.Context()); err != nil {
		t.Errorf("after the other's transaction: %v", err)
	}
}

// A child process that is killed in the midst of writing leaves whole transactions, ledger included.
func TestKill(t *testing.T) {
	if path := os.Getenv("SOWER_TEST_KILL"); path != "" {
		fill(t, path)
		return
	}
	if runtime.GOOS == "windows" {
		t.Skip("no kill -9 there")
	}
	for _, standing := range []bool{false, true} {
		t.Run(fmt.Sprintf("standing=%t", standing), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app_test.db")
			if standing {
				db := open(t, "sqlite:"+path, Options{Create: true})
				if err := db.CreateSchema(t.Context(), contentDDL+"; create index i on content_items (title)"); err != nil {
					t.Fatal(err)
				}
				db.Close()
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
			cmd.Env = append(os.Environ(), "SOWER_TEST_KILL="+path)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for range 400 { // until there is something
				time.Sleep(10 * time.Millisecond)
				if info, err := os.Stat(path); err == nil && info.Size() > 5<<20 {
					break
				}
			}
			locked := open(t, "sqlite:"+path, Options{})
			if _, err := locked.Lock(t.Context(), "me"); !errors.Is(err, sink.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(cmd.Process.Pid)) {
				t.Errorf("the child holds the lock: %v", err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()

			unlock, err := locked.Lock(t.Context(), "me")
			if err != nil {
				t.Errorf("the lock of a dead process: %v", err)
			} else if err := unlock(); err != nil {
				t.Error(err)
			}
			if check := scalar(t, locked, "pragma integrity_check"); check != "ok" {
				t.Errorf("integrity: %s", check)
			}
			ranges, err := locked.Ledger(t.Context(), 1, "content_items")
			if err != nil {
				t.Fatal(err)
			}
			var sum int64
			for _, r := range ranges {
				sum += r.N
			}
			if n := scalar(t, locked, "select count(*) from content_items"); n != fmt.Sprint(sum) || sum == 0 {
				t.Errorf("%s rows stand, the ledger has %d", n, sum)
			}
			t.Logf("%d rows", sum)
		})
	}
}

// fill writes rows until it is killed.
func fill(t *testing.T, path string) {
	db := open(t, "sqlite:"+path, Options{Create: true})
	if !strings.Contains(scalar(t, db, "select coalesce(group_concat(name), '') from sqlite_schema"), "content_items") {
		if err := db.CreateSchema(t.Context(), contentDDL); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Lock(t.Context(), "child"); err != nil {
		t.Fatal(err)
	}
	run := &sink.Run{Blueprint: "b", State: sink.Running}
	if err := db.SaveRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	db.UseRun(run.Number)
	target, _ := contentRows(0, 0)
	l, err := db.Loader(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(2000) {
		_, batch := contentRows(i*500, 500)
		if err := l.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// The lock file goes with the lock, and who comes while it goes does not lock a file that is gone.
func TestLockFile(t *testing.T) {
	db := create(t, "create table t (id integer)")
	for range 50 {
		held := make(chan int, 8)
		done := make(chan error)
		for range 8 {
			go func() {
				for range 20 {
					unlock, err := db.Lock(context.Background(), "me")
					if errors.Is(err, sink.ErrLocked) {
						continue
					}
					if err == nil {
						held <- 1
						if len(held) > 1 {
							err = errors.New("two hold the lock")
						}
						<-held
						err = errors.Join(err, unlock(), unlock())
					}
					if err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 8 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := files(t, filepath.Dir(db.path)); !slices.Equal(got, []string{"new_test.db"}) {
		t.Errorf("the directory has %v", got)
	}
}
