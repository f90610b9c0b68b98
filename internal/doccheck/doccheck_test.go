package doccheck

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/cli"
)

// repository is the folder of the repository.
const repository = "../.."

// sower runs the program and gives what it prints; it must end well.
func sower(t *testing.T, env []string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := cli.Main(args, strings.NewReader(""), &out, io.MultiWriter(&errs), env); code != 0 {
		t.Errorf("sower %s ends with exit code %d:\n%s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

// documents makes the generated documents.
func documents(t *testing.T) map[string][]byte {
	t.Helper()
	docs, err := Documents(os.DirFS(repository), func(args ...string) string { return sower(t, nil, args...) })
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// TestFresh compares the generated documents with the files, and writes them where UPDATE is set.
func TestFresh(t *testing.T) {
	for name, want := range documents(t) {
		path := filepath.Join(repository, filepath.FromSlash(name))
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(path, want, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: make it with\n\tUPDATE=1 go test ./internal/doccheck", err)
		} else if !bytes.Equal(have, want) {
			t.Errorf("%s is not what the code makes. Look at the difference after\n\tUPDATE=1 go test ./internal/doccheck\n%s", name, difference(string(have), string(want)))
		}
	}
}

// difference shows the first line that differs.
func difference(have, want string) string {
	h, w := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range max(len(h), len(w)) {
		at := func(lines []string) string {
			if i < len(lines) {
				return fmt.Sprintf("%q", lines[i])
			}
			return "nothing"
		}
		if at(h) != at(w) {
			return fmt.Sprintf("line %d\n  has    %s\n  wants  %s", i+1, at(h), at(w))
		}
	}
	return ""
}
