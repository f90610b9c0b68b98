package rows_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

const admin = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"

// genonaut plans the built-in scenario with a few thousand rows.
func genonaut(t testing.TB, seed uint64, values map[string]any) *plan.Plan {
	t.Helper()
	files, _ := blueprints.Open("genonaut")
	doc, err := blueprint.Open(files, "blueprint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]blueprint.Given{
		"admin_user_uuid":                {Value: admin},
		"target_rows_users":              {Value: int64(300)},
		"target_rows_content_items":      {Value: int64(900)},
		"target_rows_content_items_auto": {Value: int64(2000)},
	}
	for k, v := range values {
		given[k] = blueprint.Given{Value: v}
	}
	b, err := doc.Resolve(given, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(b, nil, plan.Options{Seed: seed, Scan: rows.Scan, Prove: rows.Prove})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// digests makes all rows in batches of n, in shuffled order, with several makers in turn.
func digests(t testing.TB, p *plan.Plan, n int64, makers int) map[string]string {
	t.Helper()
	out := map[string]string{}
	ms := make([]rows.Maker, makers)
	for _, tb := range p.Tables {
		d := rows.NewDigest(tb.Name, plan.Names(tb.Out), plan.Kinds(tb.Out))
		var firsts []int64
		for at := int64(0); at < tb.Rows; at += n {
			firsts = append(firsts, at)
		}
		rand.Shuffle(len(firsts), func(i, j int) { firsts[i], firsts[j] = firsts[j], firsts[i] })
		for i, at := range firsts {
			b, err := ms[i%makers].Batch(tb, tb.Out, at, int(min(n, tb.Rows-at)))
			if err != nil {
				t.Fatal(err)
			}
			d.Add(b)
		}
		if d.Rows() == 0 {
			t.Fatalf("%s has no rows", tb.Name)
		}
		out[tb.Name] = d.String()
	}
	return out
}

// The first law: the same cells whatever the batches, their order and the worker.
func TestSameCellsAnyBatches(t *testing.T) {
	p := genonaut(t, 1, nil)
	want := digests(t, p, 4096, 1)
	for _, n := range []int64{1, 7, 500} {
		for _, makers := range []int{1, 8} {
			for name, d := range digests(t, p, n, makers) {
				if d != want[name] {
					t.Errorf("%s in batches of %d by %d makers has digest %s, in batches of 4096 %s", name, n, makers, d, want[name])
				}
			}
		}
	}
	for name, d := range digests(t, genonaut(t, 2, nil), 4096, 1) {
		if d == want[name] {
			t.Errorf("%s has the same digest with another seed", name)
		}
	}
}

// Golden digests: a change here is an output change, which belongs under that heading in CHANGELOG.md
// and raises plan.OutputVersion.
func TestGolden(t *testing.T) {
	var got strings.Builder
	p := genonaut(t, 1, nil)
	d := digests(t, p, 1000, 2)
	for _, tb := range p.Tables {
		fmt.Fprintln(&got, d[tb.Name], tb.Name)
	}
	const file = "testdata/golden.txt"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the rows have changed:\n%swant:\n%s", got.String(), want)
	}
}

// The first law across processors: the golden digests, made by an arm64 binary under emulation.
func TestGoldenOnArm64(t *testing.T) {
	if os.Getenv("SOWER_EMULATED") != "" {
		return
	}
	qemu, err := exec.LookPath("qemu-aarch64")
	if err != nil {
		qemu, err = exec.LookPath("qemu-aarch64-static")
	}
	if err != nil {
		t.Fatal("no qemu-aarch64: run 'make test', which installs qemu-user")
	}
	cmd := exec.Command("go", "test", "-count=1", "-exec", qemu, "-run", "^TestGolden$", "-v", ".")
	cmd.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0", "SOWER_EMULATED=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestGolden") {
		t.Fatalf("under arm64: %v\n%s", err, out)
	}
}

// Rows at once: any row alone is the row of the whole.
func TestAnyRowAlone(t *testing.T) {
	p := genonaut(t, 1, nil)
	var all, one rows.Maker
	for _, tb := range p.Tables {
		b, err := all.Batch(tb, tb.Out, 0, int(tb.Rows))
		if err != nil {
			t.Fatal(err)
		}
		list := []int64{tb.Rows - 1, 0, tb.Rows / 2, tb.Rows / 2, 51}
		some, err := one.Rows(tb, tb.Out, list)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range list {
			for j, v := range b.Vecs {
				if !v.Equal(int(row), some.Vecs[j], i) {
					t.Errorf("%s.%s row %d alone is %q, among all %q", tb.Name, b.Names[j], row, some.Vecs[j].String(i), v.String(int(row)))
				}
			}
		}
	}
	if _, err := all.Batch(p.Tables[0], p.Tables[0].Out, p.Tables[0].Rows, 1); err == nil {
		t.Error("a row beyond the last one was made")
	}
}

// load plans a blueprint given as text.
func load(t testing.TB, text string) *plan.Plan {
	t.Helper()
	doc, err := blueprint.Open(mapFS(text), "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(b, nil, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The first law against neighbours: tables and columns that are added, or that change places, leave
// all other cells as they were.
func TestNeighboursDoNotMatter(t *testing.T) {
	before := load(t, `
sower: 1
name: shop
tables:
  customers:
    rows: 50
    columns: {id: sequence, name: {pick: [Ann, Bob, Cem]}, code: uuid}
  orders:
    rows: 200
    columns: {id: sequence, customer_id: {reference: customers}, state: {quota: {shares: {new: 1, paid: 3}}}}
`)
	after := load(t, `
sower: 1
name: shop
tables:
  regions:
    rows: 5
    columns: {id: sequence}
  orders:
    rows: 200
    columns: {extra: {pick: [1, 2]}, state: {quota: {shares: {new: 1, paid: 3}}}, customer_id: {reference: customers}, id: sequence}
  customers:
    rows: 50
    columns: {code: uuid, region_id: {reference: regions}, name: {pick: [Ann, Bob, Cem]}, id: sequence}
`)
	var m, n rows.Maker
	for _, tb := range before.Tables {
		b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
		if err != nil {
			t.Fatal(err)
		}
		other := after.Table(tb.Name)
		for j, name := range b.Names {
			o, err := n.Batch(other, []*plan.Column{other.Column(name)}, 0, int(tb.Rows))
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.N {
				if !b.Vecs[j].Equal(i, o.Vecs[0], i) {
					t.Fatalf("%s.%s row %d was %q and is %q", tb.Name, name, i, b.Vecs[j].String(i), o.Vecs[0].String(i))
				}
			}
		}
	}
}
