package rows_test

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// Rows of a part are held outside of a partial unique by its name; those of another part may be in it.
func TestGuardsOutside(t *testing.T) {
	db := &schema.Database{Dialect: "postgres", Defaults: "public", Tables: []*schema.Table{{
		Schema: "public", Name: "jobs", Columns: []*schema.Column{
			{Name: "id", NotNull: true, Type: schema.Type{Kind: column.Int}},
			{Name: "owner", NotNull: true, Type: schema.Type{Kind: column.Int}},
			{Name: "kind", NotNull: true, Type: schema.Type{Kind: column.Int}},
		},
		Uniques: []*schema.Unique{{Name: "jobs_owner", Columns: []string{"owner"}, Where: "(kind = 2)", Depends: []string{"owner", "kind"}}},
	}}}
	const text = `
sower: 1
name: outside
tables:
  jobs:
    parts: {running: {rows: 40}, over: {rows: 200}}
    checks:
      jobs_owner: {redraw: [kind], parts: [over]}
    columns:
      id: sequence
      owner: {integer: {min: 1, max: 9}}
      kind: {part: {running: 2, over: {integer: {min: 0, max: 4}}}}
`
	inside := func(text string) (running, over int) {
		p, err := planned(t, text, db)
		if err != nil {
			t.Fatal(err)
		}
		var m rows.Maker
		jobs := p.Table("jobs")
		b, err := m.Batch(jobs, jobs.Out, 0, int(jobs.Rows))
		if err != nil {
			t.Fatal(err)
		}
		for i, kind := range b.Col("kind").Ints[:b.N] {
			if kind == 2 && i < 40 {
				running++
			} else if kind == 2 {
				over++
			}
		}
		return running, over
	}
	if running, over := inside(text); running != 40 || over != 0 {
		t.Errorf("%d of 40 rows of the part are in the index, and %d of the other one", running, over)
	}
	at := strings.Index(text, "    checks:")
	if _, over := inside(text[:at] + text[strings.Index(text, "    columns:"):]); over == 0 {
		t.Error("without it no row is in the index: the test shows nothing")
	}
	doc, err := blueprint.Open(mapFS(strings.Replace(text, "parts: [over]", "parts: [gone]", 1)), "b.yaml")
	if err == nil {
		_, err = doc.Resolve(nil, plan.Generators())
	}
	if err == nil || !strings.Contains(err.Error(), `unknown part "gone"`) {
		t.Errorf("an unknown part: %v", err)
	}
}
