package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sowerdata/sower/run"
)

func sampleReport() *run.Report {
	r := &run.Report{
		Run: 3, State: "complete", Rows: 22_000, Bytes: 44_000_000, Elapsed: 2 * time.Second,
		Tables: []run.TableReport{
			{Name: "users", Made: 0, Stood: 1000, Total: 1000},
			{Name: "content_items", Made: 22_000, Stood: 18_000, Total: 40_000, Elapsed: 1900 * time.Millisecond},
		},
		Adopted: []string{"users admin"},
		Notices: []string{"content_items has no column tags: it is left out"},
	}
	for i := range int64(12) {
		r.Conflicts = append(r.Conflicts, run.Conflict{Table: "users", Column: "username", Row: i, Old: fmt.Sprint("old\x1b", i), New: fmt.Sprint("new", i)})
	}
	return r
}

func TestReport(t *testing.T) {
	for name, test := range map[string]struct {
		err     error
		stopped bool
	}{
		"complete": {}, "failed": {err: errors.New("the server is gone: postgres://u:s3cret@h/x_demo")}, "interrupted": {errInterrupted, true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			a := &app{docName: "genonaut"}
			a.ui = newUI(&out, &out, func(string) string { return "" })
			a.hideURL("postgres://u:s3cret@h/x_demo")
			a.printReport("genonaut", sampleReport(), test.err, test.stopped)
			golden(t, filepath.Join("testdata", "report", name+".txt"), out.String())

			path := filepath.Join(t.TempDir(), "report.json")
			if err := a.writeReport(t.Context(), path, nil, sampleReport(), nil, test.err, test.stopped); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var r reportJSON
			if err := json.Unmarshal(data, &r); err != nil {
				t.Fatal(err)
			}
			if r.State != name || len(r.Conflicts) != 12 || r.RowsPerSec != 11_000 || bytes.Contains(data, []byte("s3cret")) {
				t.Errorf("%s", data)
			}
		})
	}
}
