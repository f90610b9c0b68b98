package cli

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// phasesTables are the tables of testdata/phases, without those whose rows have keys in the order of their coming.
var phasesTables = []string{"regions", "customers", "employees", "teams", "members", "orders", "lines"}

// shared is a database that several processes fill.
type shared struct {
	*testing.T
	server *pgtest.Server
	url    string
}

func newShared(t *testing.T, s *pgtest.Server) *shared {
	t.Helper()
	d := &shared{t, s, s.NewDatabase(t, "phases")}
	ddl, err := os.ReadFile("testdata/phases/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	d.sql(string(ddl))
	return d
}

func (d *shared) name() string {
	u, err := url.Parse(d.url)
	if err != nil {
		d.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

func (d *shared) sql(sql string) string {
	d.Helper()
	out, err := d.server.RunPsql(d.Context(), d.name(), sql)
	if err != nil {
		d.Fatal(err)
	}
	return out
}

// call runs the program on the database, and wants an exit code.
func (d *shared) call(code int, args ...string) string {
	d.Helper()
	got, out, errs := call(d.T, nil, append(args, "--database-url", d.url)...)
	if got != code {
		d.Errorf("sower %s: %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errs)
	}
	return out + errs
}

func (d *shared) prepare(more ...string) string {
	d.Helper()
	return d.call(0, append([]string{"generate", "--phase", "prepare", "--rows", "200", "--batch-size", "20"}, more...)...)
}

func (d *shared) load(i, n int) string {
	d.Helper()
	return d.call(0, "generate", "--phase", "load", "--shard", fmt.Sprintf("%d/%d", i, n), "--max-workers", "2", "--progress", "none")
}

// dump is the schema, as pg_dump has it; of a server without one, nothing.
func (d *shared) dump() string {
	d.Helper()
	if d.server.Version != pgtest.Dumped(d.T) {
		return ""
	}
	text, err := d.server.DumpSchema(d.Context(), d.name(), "sower")
	if err != nil {
		d.Fatal(err)
	}
	return text
}

// digests are those of all cells.
func (d *shared) digests() string {
	d.Helper()
	var out []string
	for _, t := range phasesTables {
		out = append(out, d.sql(fmt.Sprintf(`select '%s', count(*), md5(string_agg(t::text, E'\n' order by t::text collate "C")) from %[1]s t`, t)))
	}
	return strings.Join(append(out, "history "+d.sql("select count(*) from history")), "\n")
}

// However many loaders fill a database, in whatever order, one after the other or all at once, some of them twice, the rows are those that
// one process makes, and the schema is as it was. Tables refer to themselves and in a circle, triggers change cells, add
// rows, and refuse some, which other tables refer to.
func TestPhases(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, strategy := range []string{"rebuild", "in-place"} {
			one := newShared(t, s)
			schema := one.dump()
			one.call(0, "generate", "--rows", "200", "--batch-size", "20", "--load-strategy", strategy)
			want := one.digests()
			if left := one.sql("select count(*) from orders"); left == "200" || left == "0" {
				t.Fatalf("the trigger refused none or all of the orders: %s stand", left)
			}
			for k, shards := range [][]int{{1}, {3, 3, 1, 2, 1}, {9, 1, 2, 8, 5, 4, 3, 7, 6}} {
				beside := strategy == "rebuild" && k == 1 || strategy == "in-place" && k == 2
				n := 0
				for _, i := range shards {
					n = max(n, i)
				}
				t.Run(fmt.Sprintf("%s/%d/%v", strategy, n, beside), func(t *testing.T) {
					d := newShared(t, s)
					d.prepare("--load-strategy", strategy)
					d.call(5, "generate", "--phase", "finish")
					said := make(chan string, len(shards)+2)
					var wg sync.WaitGroup
					for _, i := range shards {
						load := func() { said <- d.load(i, n) }
						if beside {
							wg.Go(load)
						} else {
							load()
						}
					}
					wg.Wait()
					said <- d.load(shards[0], n)
					said <- d.call(0, "generate", "--phase", "finish")
					close(said)
					var out strings.Builder
					for text := range said {
						out.WriteString(text)
					}
					for _, what := range []string{"orders.note: triggers changed it", "history: 200 rows were added by triggers", "of its 200 rows are left out"} {
						if !strings.Contains(out.String(), what) {
							t.Errorf("nobody says %q:\n%s", what, &out)
						}
					}
					for _, stage := range [][]string{{"finish"}, {"load", "--shard", "1/1"}} {
						if out := d.call(0, append([]string{"generate", "--phase"}, stage...)...); !strings.Contains(out, "already complete") {
							t.Errorf("%v once more: %s", stage, out)
						}
					}
					if got := d.digests(); got != want {
						t.Errorf("the rows are\n%s\nand one process makes\n%s", got, want)
					}
					if d.dump() != schema {
						t.Error("the schema has changed")
					}
					d.call(0, "verify", "--rows", "200")
					d.call(0, "clean", "--rows", "200", "--yes")
					if left := d.sql("select (select count(*) from orders) + (select count(*) from employees)"); left != "0" {
						t.Errorf("%s rows are left after clean", left)
					}
				})
			}
		}
	})
}

// No command passes over a run in the middle of its phases: testdata/phases/options.txt says what each does.
func TestMidPhase(t *testing.T) {
	outer := t
	text, err := os.ReadFile("testdata/phases/options.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := pgtest.Shared(t, pgtest.Dumped(t))
	var d *shared // of a case that changes nothing, the next one has the database
	var schema string
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		if len(fields) != 4 {
			continue
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		t.Run(strings.ReplaceAll(fields[0], "/", "_"), func(t *testing.T) {
			if d == nil {
				d = newShared(outer, s)
				schema = d.dump()
				if out := d.call(5, "generate", "--phase", "load", "--shard", "1/3"); !strings.Contains(out, "--phase prepare comes first") {
					t.Error(out)
				}
				d.prepare("--load-strategy", "rebuild")
				d.load(1, 3)
			}
			d := &shared{t, s, d.url}
			const state = `select (select count(*) from sower.ledger), (select count(*) from sower.journal), number, state, shards, md5(batches), md5(plan) from sower.run`
			before := d.sql(state)
			code, out, errs := call(t, nil, strings.Fields(strings.ReplaceAll(fields[0], "$DB", "--database-url "+d.url))...)
			if fmt.Sprint(code) != fields[1] || !strings.Contains(strings.Join(strings.Fields(out+errs), " "), fields[2]) {
				t.Errorf("%d, want %s, and %q in\n%s%s", code, fields[1], fields[2], out, errs)
			}
			switch fields[3] {
			case "same":
				if after := d.sql(state); after != before {
					t.Errorf("the record was\n%s\nand is\n%s", before, after)
				}
			case "whole":
				d.call(0, "generate", "--phase", "load", "--shard", "2/3") // a loader that comes late does no harm
				if d.dump() != schema {
					t.Error("the schema has changed")
				}
			case "prepared":
				d.load(1, 2)
				d.load(2, 2)
				d.call(0, "generate", "--phase", "finish")
				d.call(0, "verify", "--rows", "200")
			case "another":
				d.call(5, "generate", "--phase", "load", "--shard", "2/3")
				d.call(0, "verify", "--rows", "7")
			case "gone":
				d.call(5, "generate", "--phase", "load", "--shard", "2/3")
				if d.dump() != schema || d.sql("select count(*) from customers") != "0" {
					t.Error("the schema has changed, or rows are left")
				}
			default:
				t.Fatalf("what is %q?", fields[3])
			}
		})
		if fields[3] != "same" {
			d = nil
		}
	}
}
