package rows_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// agreeing is a plan whose references match one another in every way that there is.
func agreeing(t testing.TB) *plan.Plan {
	return load(t, `
sower: 1
name: agreeing
tables:
  tenants: {rows: 40, columns: {id: sequence, owner_id: {reference: users}}}
  users: {rows: 300, columns: {id: sequence, tenant_id: {reference: {table: tenants, pick: zipf}}}}
  projects: {rows: 200, columns: {id: uuid, tenant_id: {reference: tenants}}}
  members:
    rows: 900
    unique: [[user_id, project_id]]
    columns:
      tenant_id: {reference: tenants}
      user_id: {reference: {table: users, column: id, matching: {tenant_id: tenant_id}}}
      project_id: {reference: {table: projects, column: id, matching: {tenant_id: tenant_id}}}
  tasks:
    rows: 1500
    columns:
      id: sequence
      user_id: {reference: users}
      project_id: {reference: {table: projects, column: id, matching: {tenant_id: user_id.tenant_id}}}
      parent_id: {reference: {table: tasks, column: id, matching: {project_id: project_id}, depth: 3}}
      next_id: {reference: {table: tasks, column: id, matching: {project_id: project_id}}, unique: true}
      root_id: {reference: {table: tasks, column: id, first: self, depth: 1}}
`)
}

// The first law where references match: the same cells whatever the batches, their order and the worker.
func TestMatchingAnyBatches(t *testing.T) {
	want := digests(t, agreeing(t), 4096, 1)
	p := agreeing(t)
	for _, n := range []int64{1, 7, 500} {
		for name, d := range digests(t, p, n, 3) {
			if d != want[name] {
				t.Errorf("%s in batches of %d has digest %s, in batches of 4096 %s", name, n, d, want[name])
			}
		}
	}
}

// Keys that are settled after planning change the cells that are matched, and no parent; workers that come
// to this at the same time agree.
func TestMatchingKeysMove(t *testing.T) {
	p := agreeing(t)
	var m rows.Maker
	links := func(p *plan.Plan) []string {
		var out []string
		for _, name := range []string{"members", "tasks"} {
			tb := p.Table(name)
			var cols []*plan.Column
			for _, c := range tb.Columns {
				if c.Target != nil {
					cols = append(cols, c)
				}
			}
			b, err := m.Batch(tb, cols, 0, int(tb.Rows))
			if err != nil {
				t.Fatal(err)
			}
			d := rows.NewDigest(name, plan.Names(cols), plan.Kinds(cols))
			d.Add(b)
			out = append(out, d.String())
		}
		return out
	}
	want := links(p)
	p.Table("tenants").Column("id").SetFirst(70_000)
	p.Table("users").Column("id").SetFirst(80_000)
	var wait sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wait.Go(func() {
			var m rows.Maker
			tb := p.Table("tasks")
			b, err := m.Batch(tb, tb.Out, 100, 500)
			if err == nil && b.Col("user_id").Ints[0] < 80_000 {
				err = fmt.Errorf("user %d", b.Col("user_id").Ints[0])
			}
			if err != nil {
				errs <- err
			}
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	for i, got := range links(p) {
		if got != want[i] {
			t.Errorf("other parents after keys have moved: %s, before %s", got, want[i])
		}
	}
}

// A table whose references match is not slow to make.
func BenchmarkMatching(b *testing.B) {
	p := agreeing(b)
	var m rows.Maker
	for _, name := range []string{"members", "tasks"} {
		tb := p.Table(name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Batch(tb, tb.Out, 0, int(tb.Rows)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(int64(b.N)*tb.Rows), "ns/row")
		})
	}
}
