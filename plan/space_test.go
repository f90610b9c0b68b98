package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// TestSpaces fills tables to the brim whose references match one another: all combinations that there are
// come, and one row more is a problem of capacity that says how many fit.
func TestSpaces(t *testing.T) {
	const parents = `
  tenants: {rows: 7, columns: {id: sequence, region: {pick: [eu, us, as]}}}
  users: {rows: 11, columns: {id: sequence, tenant_id: {reference: tenants}, region: {cell: tenant_id.region}}}
  projects: {rows: 8, columns: {id: sequence, tenant_id: {reference: tenants}}}
  tasks: {rows: 13, columns: {id: sequence, project_id: {reference: projects}, tenant_id: {cell: project_id.tenant_id}}}
  events: {rows: 6, columns: {id: sequence, region: {pick: [eu, us]}}}
`
	user := "user_id: {reference: {table: users, column: id, matching: {tenant_id: tenant_id}}}"
	project := "project_id: {reference: {table: projects, column: id, matching: {tenant_id: tenant_id}}}"
	for _, x := range []struct {
		name, unique, columns string
	}{
		{"tenant first", "tenant_id, user_id, project_id", "tenant_id: {reference: tenants}, " + user + ", " + project},
		{"without the tenant", "user_id, project_id", "tenant_id: {reference: tenants}, " + user + ", " + project},
		{"user first", "user_id, project_id", "user_id: {reference: users}, tenant_id: {cell: user_id.tenant_id}, " + project},
		{"the user's tenant", "tenant_id, project_id", "user_id: {reference: users}, tenant_id: {cell: user_id.tenant_id}, " + project},
		{"the first tenants", "user_id, project_id", "tenant_id: {reference: {table: tenants, top: 3}}, " + user + ", " + project},
		{"the first users", "user_id, project_id", "user_id: {reference: {table: users, top: 5}}, tenant_id: {cell: user_id.tenant_id}, " + project},
		{"one for each user", "user_id", "tenant_id: {reference: tenants}, " + user},
		{"one for each project of users", "project_id", "tenant_id: {reference: tenants}, " + user + ", " + project},
		{"deeper", "user_id, task_id", "tenant_id: {reference: tenants}, " + user + ", " + project + ", task_id: {reference: {table: tasks, column: id, matching: {tenant_id: tenant_id, project_id: project_id}}}"},
		{"another value", "user_id, project_id, role", "tenant_id: {reference: tenants}, " + user + ", " + project + ", role: {pick: [a, b]}"},
		{"rows that are not told apart", "user_id, other_id", "event_id: {reference: events}, user_id: {reference: {table: users, column: id, matching: {region: event_id.region}}}, other_id: {reference: {table: users, column: id, matching: {region: event_id.region}}}"},
		{"a constant", "user_id, role", "place: {constant: eu}, user_id: {reference: {table: users, column: id, matching: {region: place}}}, role: {pick: [a, b]}"},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := func(rows int64) string {
				return fmt.Sprintf("sower: 1\nname: test\ntables:%s  t: {rows: %d, unique: [[%s]], columns: {%s}}\n", parents, rows, x.unique, x.columns)
			}
			make := func(rows int64) (*plan.Plan, error) {
				return build(fstest.MapFS{"b.yaml": {Data: []byte(text(rows))}}, nil)
			}
			var ps blueprint.Problems
			if _, err := make(5000); !errors.As(err, &ps) || len(ps) != 1 || !ps[0].HasMost {
				t.Fatalf("got %v", err)
			}
			most := ps[0].Most
			if _, err := make(most + 1); err == nil {
				t.Errorf("%d rows are planned, one more than fit", most+1)
			}
			p, err := make(most)
			if err != nil {
				t.Fatal(err)
			}
			newWorld(t, p).check()
			// Drawn freely, many rows come to the same combinations and no others.
			free, err := build(fstest.MapFS{"b.yaml": {Data: []byte(strings.Replace(text(20000), "unique: [["+x.unique+"]], ", "", 1))}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if n := combinations(t, free, x.unique); int64(n) != most {
				t.Errorf("%d rows fit, and there are %d combinations", most, n)
			}
			if n := combinations(t, p, x.unique); int64(n) != most {
				t.Errorf("%d combinations in %d rows", n, most)
			}
		})
	}
}

// combinations counts the different values of columns of the table t.
func combinations(t *testing.T, p *plan.Plan, names string) int {
	t.Helper()
	w := newWorld(t, p)
	seen := map[string]bool{}
	for row := range int(p.Table("t").Rows) {
		key := ""
		for _, name := range strings.Split(names, ", ") {
			key += w.column("t", name).String(row) + "|"
		}
		seen[key] = true
	}
	return len(seen)
}
