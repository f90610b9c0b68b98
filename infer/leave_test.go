package infer

import (
	"testing"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// A value that a check leaves out is not trusted to stay away: rows that have it are drawn again.
func TestLeavesOut(t *testing.T) {
	c := &schema.Column{Name: "x", Type: schema.Type{Name: "integer", Kind: column.Int, Width: 4}}
	tb := &table{schema: &schema.Table{Name: "t", Columns: []*schema.Column{c}}}
	for _, k := range []struct {
		d    *check.Domain
		want bool
	}{
		{nil, false}, {&check.Domain{}, false}, {&check.Domain{NotIn: []string{"0"}}, true}, {&check.Domain{In: []string{"0", "1"}, NotIn: []string{"0"}}, false},
	} {
		tb.branches = []branch{{Case: check.Case{Columns: map[string]*check.Domain{"x": k.d}}}}
		if got := tb.leavesOut(&col{table: tb, schema: c, name: "x"}); got != k.want {
			t.Errorf("%+v: %v, want %v", k.d, got, k.want)
		}
	}
}
