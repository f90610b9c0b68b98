package infer

import (
	"context"
	"strconv"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Texts that all checks of a column take are found among those of its candidates, each once, and no more than
// are needed.
func TestDraw(t *testing.T) {
	db := &schema.Database{Dialect: "postgres", Name: "cards_test", Defaults: "public", Tables: []*schema.Table{{Schema: "public", Name: "cards", CanInsert: true,
		Columns: []*schema.Column{
			{Name: "number", Type: schema.Type{Name: "text", Base: "text", Kind: column.Text}, NotNull: true},
			{Name: "holder", Type: schema.Type{Name: "text", Base: "text", Kind: column.Text}, NotNull: true},
		},
		Checks: []*schema.Check{
			{Name: "digits", Expression: "(number ~ '^[0-9]{4}$'::text)", Columns: []string{"number"}},
			{Name: "sevens", Expression: "(((number)::integer % 7) = 0)", Columns: []string{"number"}},
		}}}}
	n := int64(10)
	r := &Result{}
	d, err := newDraft(t.Context(), db, &Options{Seed: 1, Rows: &n}, r)
	if err != nil {
		t.Fatal(err)
	}
	cards := d.tables[0]
	cards.declare()
	cards.fillRest()
	texts, err := d.draw(context.Background(), cards, cards.byName["number"])
	if err != nil || len(texts) != mostAccepted {
		t.Fatalf("%d texts, %v", len(texts), err)
	}
	seen := map[string]bool{}
	for _, text := range texts {
		if x, err := strconv.Atoi(text); err != nil || len(text) != 4 || x%7 != 0 || seen[text] {
			t.Errorf("%q is drawn", text)
		}
		seen[text] = true
	}
	cards.schema.Checks[1] = &schema.Check{Name: "never", Expression: "(number <> number)", Columns: []string{"number"}}
	if texts, err := d.draw(context.Background(), cards, cards.byName["number"]); err != nil || len(texts) != 0 {
		t.Errorf("of nothing: %q, %v", texts, err)
	}
}
