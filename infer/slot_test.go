package infer

import (
	"fmt"
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

// What fills a range that must not overlap others is read from its expression, whatever columns are in it.
func TestStretches(t *testing.T) {
	integer := schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}
	text := schema.Type{Name: "text", Base: "text", Kind: column.Text}
	moment := schema.Type{Name: "timestamp with time zone", Base: "timestamptz", Kind: column.Timestamp, Scale: 6, Zone: true}
	day := schema.Type{Name: "date", Base: "date", Kind: column.Date}
	s := &schema.Table{Schema: "public", Name: "r", CanInsert: true, Columns: []*schema.Column{
		{Name: "mode", Type: text, NotNull: true}, {Name: "spot", Type: integer, NotNull: true}, {Name: "low", Type: integer}, {Name: "high", Type: integer}, {Name: "minutes", Type: integer},
		{Name: "starts_at", Type: moment}, {Name: "ends_at", Type: moment}, {Name: "since", Type: day}, {Name: "until", Type: day},
	}, Checks: []*schema.Check{{Name: "spots", Expression: "((spot >= 1) AND (spot <= 4))", Columns: []string{"spot"}}}}
	db := &schema.Database{Dialect: "postgres", Name: "x_test", Defaults: "public", Tables: []*schema.Table{s}}
	n := int64(10)
	d, err := newDraft(t.Context(), db, &Options{Seed: 1, Rows: &n}, &Result{})
	if err != nil {
		t.Fatal(err)
	}
	r := d.byTable[s]
	r.declare()
	for expression, want := range map[string]string{
		"tstzrange(starts_at, ends_at)": "pair starts_at ends_at []",
		"tstzrange(starts_at, COALESCE(ends_at, 'infinity'::timestamp with time zone), '[)'::text)": "pair starts_at ends_at []",
		"tstzrange(starts_at, ends_at, '[]'::text)":                                                 "pair starts_at ends_at [length 45m]",
		"daterange((starts_at)::date, (ends_at)::date)":                                             "pair starts_at ends_at [step 24h]",
		"daterange(since, until, '[]'::text)":                                                       "pair since until [step 2 length 1]",
		"tstzrange(starts_at, (starts_at + make_interval(mins => minutes)))":                        "begins starts_at  [step 24h]",
		"tstzrange(starts_at, (starts_at + ((minutes)::double precision * '00:01:00'::interval)))":  "begins starts_at  [step 24h]",
		"int4range(low, high)":                                            "pair low high []",
		"int4range(spot, (spot + 1))":                                     "bounded spot  []",
		"int4range(spot, spot, '[]'::text)":                               "bounded spot  []",
		"int4range(spot, (spot + 2))":                                     "bounded   []",
		"int4range(CASE WHEN (mode = 'full'::text) THEN 1 ELSE 3 END, 5)": "bounded   []",
	} {
		got := r.stretchOf(schema.ExclusionElement{Expression: expression, Operator: "&&"})
		name := []string{"bounded", "begins", "pair", "whole"}[got.rank]
		if text := fmt.Sprint(name, " ", got.start, " ", got.end, " ", got.args); text != want {
			t.Errorf("%s: %s, not %s", expression, text, want)
		}
	}
}
