package infer

import (
	"slices"
	"testing"

	"github.com/sowerdata/sower/schema"
)

// One row is in a partial unique that holds a single row, and the others stay out of it, unless a check wants them in it.
func TestSingleRowUniques(t *testing.T) {
	single := func(s *schema.Table, where string, depends ...string) *schema.Table {
		s.Uniques = append(s.Uniques, &schema.Unique{Name: s.Name + "_single", Expressions: []string{"1"}, Where: where, Depends: depends})
		return s
	}
	n := int64(50)
	free := single(tableOf("free", "is_default", flagType, "deleted", flagType), "((is_default = true) AND (deleted = false))", "is_default", "deleted")
	bound := single(checked(tableOf("bound", "active", flagType), "active", "active"), "active", "active")
	d, err := newDraft(t.Context(), databaseOf(free, bound), &Options{Seed: 1, Rows: &n}, &Result{})
	if err != nil {
		t.Fatal(err)
	}
	f, b := d.byTable[free], d.byTable[bound]
	f.declare()
	b.declare()
	if !slices.Contains(f.denied, free.Uniques[0]) || f.never != nil || f.rows != 50 {
		t.Errorf("rows are not kept out: %v %v, %d rows", f.denied, f.never, f.rows)
	}
	if len(b.denied) > 0 || b.never != nil {
		t.Errorf("rows are kept out that must be in it: %v %v", b.denied, b.never)
	}
	if len(f.branches) < 2 || !f.branches[0].one || f.branches[0].rows != 1 {
		t.Fatalf("no part has the one row: %+v", f.branches)
	}
	if def := f.branches[0].domain("is_default"); def == nil || !slices.Equal(def.In, []string{"true"}) {
		t.Errorf("the one row is not within the index: %+v", def)
	}
	for i := 1; i < len(f.branches); i++ {
		def, del := f.branches[i].domain("is_default"), f.branches[i].domain("deleted")
		if (def == nil || slices.Contains(def.In, "true") || def.In == nil) && (del == nil || slices.Contains(del.In, "false") || del.In == nil) {
			t.Errorf("branch %d is within the index: %+v %+v", i, def, del)
		}
	}
}
