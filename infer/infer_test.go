package infer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

func TestSplitName(t *testing.T) {
	for name, want := range map[string]string{
		"created_at": "created at", "homeAddress_2": "home address 2", "HTTPStatus": "http status", "user id": "user id", "x": "x", "ÄrgerNr": "ärger nr",
		"~": "~", "\x1b": "\x1b", // a word at least, since rules look at the first and the last
	} {
		if got := strings.Join(splitName(name), " "); got != want {
			t.Errorf("%q: %q, not %q", name, got, want)
		}
	}
}

func TestSome(t *testing.T) {
	many := strings.Fields(strings.Repeat("view ", 1000))
	if got := some(many); len(got) > 200 || !strings.HasSuffix(got, "view and 970 more") {
		t.Error(got)
	}
	if got := some(many[:3]); got != "view, view, view" {
		t.Error(got)
	}
}

func TestLiteralDefaults(t *testing.T) {
	for expression, want := range map[string]string{"'items'::text": "items", "'it''s'::character varying": "it's", "5": "5", "'-1'::integer": "-1"} {
		if got, ok := sqlexpr.Constant(expression); !ok || got != want {
			t.Errorf("%s: %q %v", expression, got, ok)
		}
	}
	for _, expression := range []string{"now()", "nextval('s'::regclass)", "('a'::text || 'b'::text)", "gen_random_uuid()"} {
		if got, ok := sqlexpr.Constant(expression); ok {
			t.Errorf("%s is no constant, and gave %q", expression, got)
		}
	}
}

// shop is a schema as an inspector gives it.
func shop() *schema.Database {
	integer := schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}
	text := schema.Type{Name: "text", Base: "text", Kind: column.Text}
	moment := schema.Type{Name: "timestamp with time zone", Base: "timestamptz", Kind: column.Timestamp, Scale: 6, Zone: true}
	key := func(t *schema.Table, columns ...string) *schema.Table {
		t.PrimaryKey = &schema.Unique{Name: t.Name + "_pkey", Columns: columns, Primary: true, Constraint: true}
		t.Uniques = append(t.Uniques, t.PrimaryKey)
		t.CanInsert, t.Schema = true, "public"
		return t
	}
	customers := key(&schema.Table{Name: "customers", Columns: []*schema.Column{
		{Name: "id", Type: integer, NotNull: true, Sequence: "customers_id_seq"}, {Name: "first_name", Type: text, NotNull: true}, {Name: "email", Type: text, NotNull: true}, {Name: "created_at", Type: moment, NotNull: true},
	}}, "id")
	orders := key(&schema.Table{Name: "orders", Columns: []*schema.Column{
		{Name: "id", Type: integer, NotNull: true, Sequence: "orders_id_seq"}, {Name: "customer_id", Type: integer, NotNull: true}, {Name: "kind", Type: text, NotNull: true},
		{Name: "coupon", Type: text}, {Name: "quantity", Type: integer, NotNull: true}, {Name: "placed_at", Type: moment, NotNull: true},
	}, ForeignKeys: []*schema.ForeignKey{{Name: "orders_customer_fkey", Columns: []string{"customer_id"}, RefSchema: "public", RefTable: "customers", RefColumns: []string{"id"}}},
		Checks: []*schema.Check{
			{Name: "kinds", Expression: "(kind = ANY (ARRAY['gift'::text, 'sale'::text]))", Columns: []string{"kind"}},
			{Name: "coupons", Expression: "((kind = 'sale'::text) = (coupon IS NOT NULL))", Columns: []string{"kind", "coupon"}},
			{Name: "few", Expression: "((quantity > 0) AND (quantity <= 5))", Columns: []string{"quantity"}},
		}}, "id")
	return &schema.Database{Dialect: "postgres", Name: "shop_test", Defaults: "public", Tables: []*schema.Table{orders, customers}}
}

func infer(t *testing.T, db *schema.Database) *Result {
	t.Helper()
	n := int64(200)
	r, err := Infer(context.Background(), db, Options{Seed: 1, Rows: &n})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// cells gives all cells of a table's columns as texts.
func cells(t *testing.T, p *plan.Plan, table string) map[string]string {
	t.Helper()
	var m rows.Maker
	pt := p.Table(table)
	b, err := m.Batch(pt, pt.Out, 0, int(pt.Rows))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i, name := range b.Names {
		var text strings.Builder
		for k := range b.N {
			if b.Vecs[i].Null(k) {
				text.WriteString("null")
			} else {
				text.WriteString(b.Vecs[i].String(k))
			}
			text.WriteByte('\n')
		}
		out[name] = text.String()
	}
	return out
}

func TestBranchesAreParts(t *testing.T) {
	r := infer(t, shop())
	got := cells(t, r.Plan, "orders")
	kinds, coupons := strings.Split(got["kind"], "\n"), strings.Split(got["coupon"], "\n")
	seen := map[string]int{}
	for i := range 200 {
		seen[kinds[i]]++
		if (kinds[i] == "sale") != (coupons[i] != "null") {
			t.Fatalf("row %d: kind %s, coupon %s", i, kinds[i], coupons[i])
		}
	}
	if len(seen) != 2 || seen["gift"] == 0 || seen["sale"] == 0 {
		t.Errorf("kinds %v: both are legal", seen)
	}
	for _, q := range strings.Fields(got["quantity"]) {
		if q < "1" || q > "5" {
			t.Errorf("quantity %s", q)
		}
	}
}

// A column and a table more change no other cell.
func TestMoreOfTheSchemaChangesNothingElse(t *testing.T) {
	before := infer(t, shop())
	db := shop()
	text := schema.Type{Name: "text", Base: "text", Kind: column.Text}
	db.Tables[0].Columns = append(db.Tables[0].Columns, &schema.Column{Name: "note", Type: text})
	db.Tables[1].Columns = append(db.Tables[1].Columns, &schema.Column{Name: "last_name", Type: text, NotNull: true})
	db.Tables = append(db.Tables, &schema.Table{Schema: "public", Name: "audits", CanInsert: true, Columns: []*schema.Column{{Name: "message", Type: text}}})
	after := infer(t, db)
	for _, table := range []string{"customers", "orders"} {
		was, is := cells(t, before.Plan, table), cells(t, after.Plan, table)
		for name := range was {
			if was[name] != is[name] {
				t.Errorf("%s.%s has other cells", table, name)
			}
		}
	}
}

// What Infer writes is a blueprint that plans to the same cells.
func TestTextIsTheBlueprint(t *testing.T) {
	db := shop()
	r := infer(t, db)
	again, err := Again(context.Background(), &plan.Resolved{Seed: 1, Inferred: &plan.Inferred{Text: string(r.Text)}}, db, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"customers", "orders"} {
		was, is := cells(t, r.Plan, table), cells(t, again, table)
		for name := range was {
			if was[name] != is[name] {
				t.Errorf("%s.%s has other cells", table, name)
			}
		}
	}
	if !strings.Contains(string(r.Text), "its name says an e-mail address") {
		t.Errorf("no reasons in\n%s", r.Text)
	}
}

func TestContradictionsLeaveTheTableOut(t *testing.T) {
	db := shop()
	db.Tables[0].Checks = append(db.Tables[0].Checks, &schema.Check{Name: "never", Expression: "(quantity > 7)", Columns: []string{"quantity"}})
	r, err := Infer(t.Context(), db, Options{Seed: 1, Skip: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Skipped) != 1 || r.Skipped[0].Table != "orders" || !strings.Contains(r.Skipped[0].Reason, "never") {
		t.Errorf("skipped %+v", r.Skipped)
	}
	var no *Unsatisfiable
	if _, err := Infer(t.Context(), db, Options{Seed: 1}); !errors.As(err, &no) || no.Problems[0].Constraint != "never" {
		t.Errorf("not told: %v", err)
	}
}

// A check that asks something of the row with a certain key is satisfied by the first row; the others are as they like.
func TestSpecialRows(t *testing.T) {
	db := shop()
	orders := db.Table("orders")
	orders.Checks = []*schema.Check{{Name: "first", Expression: "((id <> 1) OR ((kind = 'zero'::text) AND (coupon IS NULL)))", Columns: []string{"id", "kind", "coupon"}}}
	c := cells(t, infer(t, db).Plan, "orders")
	kinds, coupons := strings.Split(c["kind"], "\n"), strings.Split(c["coupon"], "\n")
	zero, null := 0, 0
	for i := range 200 {
		if kinds[i] == "zero" {
			zero++
		}
		if coupons[i] == "null" {
			null++
		}
	}
	if kinds[0] != "zero" || coupons[0] != "null" || zero > 2 || null > 190 {
		t.Errorf("%s %s first, %d of kind zero, %d nulls", kinds[0], coupons[0], zero, null)
	}
}

// A row that leads to the current one of the rows that refer to it has one of its own.
func TestPairs(t *testing.T) {
	db := shop()
	customers, orders := db.Table("customers"), db.Table("orders")
	orders.Checks = nil
	orders.Uniques = append(orders.Uniques, &schema.Unique{Name: "of", Columns: []string{"customer_id", "id"}, Constraint: true})
	customers.Columns = append(customers.Columns, &schema.Column{Name: "last_order", Type: customers.Columns[0].Type, NotNull: true})
	customers.ForeignKeys = []*schema.ForeignKey{{Name: "last", Columns: []string{"id", "last_order"}, RefSchema: "public", RefTable: "orders", RefColumns: []string{"customer_id", "id"}}}
	n := int64(200)
	r, err := Infer(context.Background(), db, Options{Seed: 1, Rows: &n, TableRows: map[string]int64{"customers": 90, "orders": 60}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lowered) != 1 || r.Lowered[0].Table != "customers" || r.Lowered[0].To != 60 {
		t.Errorf("%+v", r.Lowered)
	}
	c, o := cells(t, r.Plan, "customers"), cells(t, r.Plan, "orders")
	of, seen := strings.Fields(o["customer_id"]), map[string]bool{}
	ids := strings.Fields(o["id"])
	for i, last := range strings.Fields(c["last_order"]) {
		seen[last] = true
		if at := slices.Index(ids, last); at < 0 || of[at] != strings.Fields(c["id"])[i] {
			t.Errorf("customer %d: order %s", i, last)
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d orders", len(seen))
	}
}
