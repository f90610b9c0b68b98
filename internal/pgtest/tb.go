package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// startTimeout is generous: a machine under load must not fail a test.
const startTimeout = 2 * time.Minute

// Main hides libpq's variables of the caller's environment (PGOPTIONS, PGSERVICE and the like, which every connection
// of a test would heed), runs the tests, stops the shared servers, looks for goroutines that were left behind, and returns the exit
// code:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m *testing.M) int {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); libpqVariable.MatchString(name) {
			_ = os.Unsetenv(name)
		}
	}
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	if left := leaks(5 * time.Second); code == 0 && len(left) > 0 {
		fmt.Fprintf(os.Stderr, "pgtest: the tests left %d goroutines at work:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	return code
}

var libpqVariable = regexp.MustCompile("^PG[A-Z]+$")

// Each runs f as a subtest ("postgres15", "postgres18") for every version
// found, with the version's shared server.
func Each(t *testing.T, f func(t *testing.T, s *Server)) {
	t.Helper()
	found, err := Installations()
	if err != nil {
		t.Fatal(err)
	}
	for _, inst := range found {
		t.Run(fmt.Sprintf("postgres%d", inst.Version), func(t *testing.T) {
			f(t, Shared(t, inst.Version))
		})
	}
}

// Shared returns this test binary's one server of a major version (0: the
// newest found), and starts it if need be. A test makes its own database
// there and leaves server-wide settings alone.
func Shared(tb testing.TB, version int) *Server {
	tb.Helper()
	inst, err := installation(version)
	if err != nil {
		tb.Fatal(err)
	}
	shared.Lock()
	slot := shared.slots[inst.Version]
	if slot == nil {
		slot = new(sharedServer)
		shared.slots[inst.Version] = slot
	}
	shared.Unlock()
	// Another version's test need not wait while this one starts.
	slot.once.Do(func() {
		// Not the test's context: the server outlives the test.
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		slot.server, slot.err = Start(ctx, Options{Version: inst.Version})
	})
	if slot.err != nil {
		tb.Fatal(slot.err)
	}
	return slot.server
}

type sharedServer struct {
	once   sync.Once
	server *Server
	err    error
}

var shared = struct {
	sync.Mutex
	slots map[int]*sharedServer
}{slots: map[int]*sharedServer{}}

func stopShared() error {
	shared.Lock()
	defer shared.Unlock()
	var errs []error
	for version, slot := range shared.slots {
		if slot.server != nil {
			errs = append(errs, slot.server.Stop())
		}
		delete(shared.slots, version)
	}
	return errors.Join(errs...)
}

// StartFor starts a server for one test alone, for instance one with other
// settings, and stops it when the test ends.
func StartFor(tb testing.TB, o Options) *Server {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s, err := Start(ctx, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// NewDatabase creates an empty database, drops it when the test ends, and
// returns its URL. The database's name begins with name and ends in a random
// part and "_test", so that no two calls meet.
func (s *Server) NewDatabase(tb testing.TB, name string) (url string) {
	tb.Helper()
	database := uniqueName(name)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.CreateDatabase(ctx, database); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if s.stopped() { // by the test itself; the database went with it
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.DropDatabase(ctx, database); err != nil {
			tb.Errorf("drop database: %v", err)
		}
	})
	return s.URL(database)
}

// uniqueName makes a database name of a word such as a test's name: lower
// case letters, digits and underscores, at most 63 bytes.
func uniqueName(word string) string {
	word = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		}
		return '_'
	}, word)
	if word == "" || word[0] >= '0' && word[0] <= '9' {
		word = "d" + word
	}
	suffix := "_" + strings.ToLower(rand.Text()[:10]) + "_test"
	return word[:min(len(word), 63-len(suffix))] + suffix
}

// Psql runs SQL on a database, given by name or by URL, and returns the rows
// as [Server.RunPsql] does. An error ends the test.
func (s *Server) Psql(tb testing.TB, database, sql string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	out, err := s.RunPsql(ctx, database, sql)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}
