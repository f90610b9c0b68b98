package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestCacheDirs(t *testing.T) {
	t.Setenv("SOWER_TEST_CACHE", "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "/home/ada")
	last := []string{"/var/cache/sower", fmt.Sprintf("/tmp/sower-cache-%d", os.Getuid())}
	if got, want := cacheDirs(), append([]string{"/home/ada/.cache/sower"}, last...); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	t.Setenv("XDG_CACHE_HOME", "/cache")
	if got, want := cacheDirs(), append([]string{"/cache/sower"}, last...); !slices.Equal(got, want) {
		t.Errorf("with XDG_CACHE_HOME: %v, want %v", got, want)
	}
	t.Setenv("SOWER_TEST_CACHE", "/mine")
	if got, want := cacheDirs(), []string{"/mine"}; !slices.Equal(got, want) {
		t.Errorf("with SOWER_TEST_CACHE: %v, want %v", got, want)
	}
}

func TestOpenToAll(t *testing.T) {
	dir := openDir(t)
	inner := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if !openToAll(inner) || !usable(inner) {
		t.Error("an open folder is refused")
	}
	if err := os.Chmod(filepath.Join(dir, "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	if openToAll(inner) {
		t.Error("a folder in a closed one is taken for open")
	}
	if usable(filepath.Join(dir, "absent")) {
		t.Error("an absent folder is usable")
	}
}

// A folder that another user put into /tmp must not lend programs.
func TestAStrangersFolderIsNotUsable(t *testing.T) {
	if os.Geteuid() != 0 {
		return // only root can make one; CI runs as root
	}
	dir := openDir(t)
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if usable(dir) {
		t.Error("it is usable")
	}
}
