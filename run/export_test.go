package run_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	sinkfile "github.com/sowerdata/sower/sink/file"
)

func export(t *testing.T, p *plan.Plan, dir string, f sinkfile.Format, o run.Options) *sinkfile.Manifest {
	t.Helper()
	s, err := sinkfile.New(dir, sinkfile.Options{Format: f, Shard: sinkfile.Shard(o.Shard)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := run.Export(context.Background(), p, s, o); err != nil {
		t.Fatal(err)
	}
	if o.Shard.Count > 0 {
		return nil
	}
	m, err := sinkfile.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Shards together are byte for byte the rows of one run, whatever the workers and batches.
func TestShards(t *testing.T) {
	p, err := plan.Build(scenario(t, map[string]any{"target_rows_content_items_auto": int64(4321)}), nil, plan.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []sinkfile.Format{sinkfile.CSV{}, sinkfile.JSONL{}, sinkfile.CopyText{}, sinkfile.SQL{}, sinkfile.Parquet{}} {
		sameShards(t, p, f)
	}
}

// sameShards holds the shards of all tables against the files of one run.
func sameShards(t *testing.T, p *plan.Plan, f sinkfile.Format) {
	t.Helper()
	whole, parts := t.TempDir(), t.TempDir()
	m := export(t, p, whole, f, run.Options{Workers: 3, BatchRows: 777})
	const n = 4
	for i := n; i >= 1; i-- {
		export(t, p, parts, f, run.Options{Workers: i, BatchRows: 100 + 17*i, Shard: run.Shard{Index: i, Count: n}})
	}
	for _, mt := range m.Tables {
		want := read(t, filepath.Join(whole, mt.File))
		var got []byte
		for i := 1; i <= n; i++ {
			part := read(t, filepath.Join(parts, fmt.Sprintf("%s-%d-of-%d%s", mt.Name, i, n, f.Ext())))
			if f == (sinkfile.CSV{}) && i > 1 {
				_, part, _ = bytes.Cut(part, []byte("\n")) // each shard has a header
			}
			if f == (sinkfile.CopyBinary{}) { // each has a signature of 19 bytes and an end of 2
				if i > 1 {
					part = part[19:]
				}
				if i < n {
					part = part[:len(part)-2]
				}
			}
			got = append(got, part...)
		}
		if f == (sinkfile.Parquet{}) { // no shard's pages are another's, but the rows are
			want, got = parquetRows(t, want), nil
			for i := 1; i <= n; i++ {
				got = append(got, parquetRows(t, read(t, filepath.Join(parts, fmt.Sprintf("%s-%d-of-%d%s", mt.Name, i, n, f.Ext()))))...)
			}
		}
		if f == (sinkfile.SQL{}) { // a small table's shards begin statements of their own
			unite := func(b []byte) string {
				head, _, _ := strings.Cut(string(b), "\n")
				return strings.ReplaceAll(string(b), ";\n"+head+"\n", ",\n")
			}
			got, want = []byte(unite(got)), []byte(unite(want))
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the shards of %s are %d bytes that differ from the %d of one run", f.Name(), mt.Name, len(got), len(want))
		}
	}
}

// parquetRows gives the rows of a file, a line each.
func parquetRows(t *testing.T, content []byte) []byte {
	t.Helper()
	r := parquet.NewReader(bytes.NewReader(content))
	defer r.Close()
	var text []byte
	rows := make([]parquet.Row, 100)
	for {
		n, err := r.ReadRows(rows)
		for _, row := range rows[:n] {
			text = fmt.Appendf(text, "%+v\n", row)
		}
		if err == io.EOF {
			return text
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sums sums up the rows of all tables.
func sums(srv *pgtest.Server, t *testing.T, url string, p *plan.Plan) string {
	t.Helper()
	var out strings.Builder
	for _, table := range p.Tables {
		fmt.Fprintf(&out, "%s %s\n", table.Name, srv.Psql(t, url, fmt.Sprintf("select count(*), sum(hashtextextended(t::text, 1)) from %s t", table.Name)))
	}
	return out.String()
}

// psql loads what export writes, and the rows are those of a run into the database.
func TestExportsLoad(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		other := srv.NewDatabase(t, "generate")
		s, err := postgres.Open(context.Background(), other, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, ddl(t, "postgres"))
		want := sums(srv, t, other, generate(t, s, scenario(t, nil), 1, run.Options{}).Plan)
		for _, f := range []sinkfile.Format{sinkfile.CopyText{}, sinkfile.CopyBinary{}, sinkfile.CSV{}, sinkfile.SQL{}} {
			url := srv.NewDatabase(t, "export")
			s, err := postgres.Open(context.Background(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			create(t, s, ddl(t, "postgres"))
			b := scenario(t, nil)
			p, err := builder(t, s, b, 1)(0)
			if err != nil {
				t.Fatal(err)
			}
			if f == (sinkfile.CopyBinary{}) { // which needs the types of a database
				sameShards(t, p, f)
			}
			dir := t.TempDir()
			m := export(t, p, dir, f, run.Options{})
			files := map[string]sinkfile.ManifestTable{}
			for _, mt := range m.Tables {
				files[mt.Name] = mt
			}
			var script strings.Builder
			for _, table := range p.Tables {
				mt := files[table.Name]
				var names []string
				for _, c := range mt.Columns {
					names = append(names, c.Name)
				}
				path := filepath.Join(dir, mt.File)
				options := map[string]string{"copy-text": "", "copy-binary": " with (format binary)", "csv": " with (format csv, header)"}
				if o, ok := options[f.Name()]; ok {
					fmt.Fprintf(&script, "\\copy %s (%s) from '%s'%s\n", mt.Name, strings.Join(names, ", "), path, o)
				} else {
					fmt.Fprintf(&script, "\\i '%s'\n", path)
				}
			}
			cmd, err := srv.PsqlCommand(context.Background(), url, "-q", "-v", "ON_ERROR_STOP=1", "-f", "-")
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdin = strings.NewReader(script.String())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", f.Name(), err, out)
			}
			if got := sums(srv, t, url, p); got != want {
				t.Errorf("%s: counts and sums are\n%s\nwant\n%s", f.Name(), got, want)
			}
			s.Close()
		}
	})
}

// A process that is killed in the middle leaves no file, and the next one writes all of them.
func TestExportKilled(t *testing.T) {
	dir := os.Getenv("SOWER_TEST_EXPORT_VICTIM")
	if dir != "" {
		p, err := plan.Build(scenario(t, nil), nil, plan.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		s, err := sinkfile.New(dir, sinkfile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		_, err = run.Export(context.Background(), p, s, run.Options{BatchRows: 50, Progress: func(run.Event) {
			if n++; n == 40 {
				self, _ := os.FindProcess(os.Getpid())
				_ = self.Kill()
				select {}
			}
		}})
		t.Fatalf("it lives: %v", err)
	}
	dir = t.TempDir()
	c := exec.Command(os.Args[0], "-test.run", "^TestExportKilled$", "-test.count=1")
	c.Env = append(os.Environ(), "SOWER_TEST_EXPORT_VICTIM="+dir)
	if out, err := c.CombinedOutput(); err == nil || strings.Contains(string(out), "it lives") {
		t.Fatalf("%v\n%s", err, out)
	}
	left, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	if err != nil || len(left) > 0 {
		t.Errorf("files are there: %v, %v", left, err)
	}
	p, err := plan.Build(scenario(t, nil), nil, plan.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if m := export(t, p, dir, sinkfile.CSV{}, run.Options{}); len(m.Tables) != 4 {
		t.Errorf("%d tables", len(m.Tables))
	}
}
