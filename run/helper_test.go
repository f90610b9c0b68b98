package run_test

import (
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

func batch(t testing.TB, tb *plan.Table, c *plan.Column, n int) *column.Vec {
	t.Helper()
	var m rows.Maker
	b, err := m.Batch(tb, []*plan.Column{c}, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	return b.Vecs[0]
}
