package infer

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// A key without overlaps whose range is a period of its parents has a parent of its own for each row.
func TestPeriodsOfParents(t *testing.T) {
	table := func(name, key string) *schema.Table {
		return &schema.Table{Schema: "public", Name: name, CanInsert: true,
			Columns: []*schema.Column{
				{Name: key, Type: schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}, NotNull: true},
				{Name: "valid", Type: schema.Type{Name: "tstzrange", Base: "tstzrange", Kind: column.Literal, Category: schema.RangeType}, NotNull: true},
			},
			Exclusions: []*schema.Exclusion{{Name: name + "_pkey", Elements: []schema.ExclusionElement{{Column: key, Operator: "="}, {Column: "valid", Operator: "&&"}}}},
		}
	}
	products, prices := table("products", "id"), table("prices", "product_id")
	prices.ForeignKeys = []*schema.ForeignKey{{Name: "prices_fkey", Columns: []string{"product_id", "valid"}, RefSchema: "public", RefTable: "products", RefColumns: []string{"id", "valid"}, Period: true}}
	r := infer(t, &schema.Database{Dialect: "postgres", Name: "x_test", Defaults: "public", Tables: []*schema.Table{prices, products}})
	parents, children := cells(t, r.Plan, "products"), cells(t, r.Plan, "prices")
	of := map[string]string{}
	ids := strings.Fields(parents["id"])
	for i, span := range strings.Split(strings.TrimSpace(parents["valid"]), "\n") {
		of[span] = ids[i]
	}
	if len(of) != 200 {
		t.Fatalf("%d periods of 200 parents", len(of))
	}
	seen := map[string]bool{}
	ids = strings.Fields(children["product_id"])
	for i, span := range strings.Split(strings.TrimSpace(children["valid"]), "\n") {
		if seen[span] || of[span] != ids[i] {
			t.Errorf("row %d: %s of %s", i, span, ids[i])
		}
		seen[span] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d rows", len(seen))
	}
}
