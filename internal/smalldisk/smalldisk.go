// Package smalldisk gives tests file systems of memory that are soon full.
package smalldisk

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// AsRoot tells whether the test may mount. Who is not root becomes it in a name space of his own, where the test runs as
// a whole; it is then done, and AsRoot gives false.
func AsRoot(t *testing.T) bool {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("file systems are mounted otherwise there")
	}
	if os.Getuid() == 0 {
		return true
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "--map-root-user", "--mount", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// Mount puts a file system of memory on a directory until the test ends; options are those of tmpfs, such as size=1m.
func Mount(t *testing.T, dir, options string) {
	t.Helper()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
}
