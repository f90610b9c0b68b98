package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// oldest is the oldest major version that sower supports.
const oldest = 13

// ErrNone means that this machine has no PostgreSQL server to start.
var ErrNone = errors.New("no PostgreSQL found: run 'make test'")

// An Installation is a folder of PostgreSQL server programs.
type Installation struct {
	Version int    // major version
	BinDir  string // holds postgres and initdb
}

// Versions returns the major versions that can be started, oldest first, as
// narrowed by SOWER_TEST_POSTGRES.
func Versions() []int {
	found, _ := Installations()
	versions := make([]int, len(found))
	for i, inst := range found {
		versions[i] = inst.Version
	}
	return versions
}

// Installations returns one installation for each major version, oldest
// first, as narrowed by SOWER_TEST_POSTGRES. It is an error when there is
// none, or when SOWER_TEST_POSTGRES names one that is not there.
func Installations() ([]Installation, error) {
	return narrow(allInstallations(), os.Getenv("SOWER_TEST_POSTGRES"))
}

// installation returns the installation of a major version; 0 stands for the
// newest.
func installation(version int) (Installation, error) {
	found, err := Installations()
	if err != nil {
		return Installation{}, err
	}
	if version == 0 {
		return found[len(found)-1], nil
	}
	for _, inst := range found {
		if inst.Version == version {
			return inst, nil
		}
	}
	return Installation{}, fmt.Errorf("no PostgreSQL %d found (there is %s): run 'make test'", version, list(found))
}

// narrow keeps the installations whose versions wanted lists, in the form
// "15,18"; empty keeps all.
func narrow(found []Installation, wanted string) ([]Installation, error) {
	if len(found) == 0 {
		return nil, ErrNone
	}
	if strings.TrimSpace(wanted) == "" {
		return found, nil
	}
	var kept []Installation
	for _, word := range strings.Split(wanted, ",") {
		version, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("SOWER_TEST_POSTGRES=%q: want major versions such as \"15,18\"", wanted)
		}
		at := slices.IndexFunc(found, func(inst Installation) bool { return inst.Version == version })
		if at < 0 {
			return nil, fmt.Errorf("SOWER_TEST_POSTGRES=%q: no PostgreSQL %d found (there is %s)", wanted, version, list(found))
		}
		if !slices.Contains(kept, found[at]) {
			kept = append(kept, found[at])
		}
	}
	sortInstallations(kept)
	return kept, nil
}

// allInstallations looks once for a process: what is installed does not
// change under a running test binary.
var allInstallations = sync.OnceValue(func() []Installation {
	var found []Installation
	for _, dir := range binDirs() {
		version, ok := serverVersion(dir)
		known := slices.ContainsFunc(found, func(inst Installation) bool { return inst.Version == version })
		if ok && !known && version >= oldest {
			found = append(found, Installation{Version: version, BinDir: dir})
		}
	}
	sortInstallations(found)
	return found
})

// binDirs returns the folders that may hold server programs. The system's own
// stand before the cache's: for one version the first wins.
func binDirs() []string {
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	dirs = append(dirs, debian...)
	for _, cache := range cacheDirs() {
		if usable(cache) {
			cached, _ := filepath.Glob(filepath.Join(cache, "postgres-*", "bin"))
			dirs = append(dirs, cached...)
		}
	}
	return dirs
}

// cacheDirs returns the places where scripts/setup-tests.sh may have put
// servers, in its own order of preference. Keep the two in step.
func cacheDirs() []string {
	if dir := os.Getenv("SOWER_TEST_CACHE"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		dirs = append(dirs, filepath.Join(dir, "sower"))
	} else if home := os.Getenv("HOME"); home != "" {
		dirs = append(dirs, filepath.Join(home, ".cache", "sower"))
	}
	return append(dirs, "/var/cache/sower", fmt.Sprintf("/tmp/sower-cache-%d", os.Getuid()))
}

var versionText = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// serverVersion returns the major version of the server in dir; false when
// there is none that runs.
func serverVersion(dir string) (int, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, false
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	m := versionText.FindSubmatch(out)
	if m == nil {
		return 0, false
	}
	version, err := strconv.Atoi(string(m[1]))
	return version, err == nil
}

// findPsql returns the path of psql: the newest beside a server (on Debian the
// one on the PATH is a wrapper script, and slow), else the one on the PATH.
func findPsql() (string, error) {
	for _, inst := range slices.Backward(allInstallations()) {
		if path, err := exec.LookPath(filepath.Join(inst.BinDir, "psql")); err == nil {
			return path, nil
		}
	}
	if path, err := exec.LookPath("psql"); err == nil {
		return path, nil
	}
	return "", errors.New("no psql found: run 'make test'")
}

func sortInstallations(found []Installation) {
	slices.SortFunc(found, func(a, b Installation) int { return a.Version - b.Version })
}

func list(found []Installation) string {
	words := make([]string, len(found))
	for i, inst := range found {
		words[i] = strconv.Itoa(inst.Version)
	}
	return strings.Join(words, ", ")
}
