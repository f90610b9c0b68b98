package infer

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// The types of these tests' columns.
var (
	integerType = schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}
	textType    = schema.Type{Name: "text", Base: "text", Kind: column.Text}
	momentType  = schema.Type{Name: "timestamp", Base: "timestamp", Kind: column.Timestamp, Scale: 6}
	letterType  = schema.Type{Name: "character(1)", Base: "bpchar", Kind: column.Text, Length: 1, Fixed: true}
	flagType    = schema.Type{Name: "boolean", Base: "bool", Kind: column.Bool}
)

// tableOf makes a table of columns that take no null: names and types in turn. One that ends in ? takes nulls.
func tableOf(name string, columns ...any) *schema.Table {
	t := &schema.Table{Schema: "public", Name: name, CanInsert: true}
	for i := 0; i < len(columns); i += 2 {
		name, null := strings.CutSuffix(columns[i].(string), "?")
		t.Columns = append(t.Columns, &schema.Column{Name: name, Type: columns[i+1].(schema.Type), NotNull: !null})
	}
	return t
}

// unique adds unique constraints, the columns of each with spaces between them.
func unique(t *schema.Table, sets ...string) *schema.Table {
	for _, set := range sets {
		t.Uniques = append(t.Uniques, &schema.Unique{Name: t.Name + "_" + strings.ReplaceAll(set, " ", "_"), Columns: strings.Fields(set), Constraint: true})
	}
	return t
}

// refers adds a foreign key to the columns of the same names, or to the parent's id.
func refers(t *schema.Table, columns, parent string) *schema.Table {
	fk := &schema.ForeignKey{Name: t.Name + "_" + strings.ReplaceAll(columns, " ", "_") + "_fkey", Columns: strings.Fields(columns), RefSchema: "public", RefTable: parent}
	fk.RefColumns = fk.Columns
	if len(fk.Columns) == 1 {
		fk.RefColumns = []string{"id"}
	}
	t.ForeignKeys = append(t.ForeignKeys, fk)
	return t
}

func checked(t *schema.Table, expression string, columns ...string) *schema.Table {
	t.Checks = append(t.Checks, &schema.Check{Name: t.Name + "_" + columns[0] + "_check", Expression: expression, Columns: columns})
	return t
}

// TestRowsThatFit: a table has as many rows as asked where its uniques have room for them, and else as many as fit.
func TestRowsThatFit(t *testing.T) {
	parent := func(name string) *schema.Table { return unique(tableOf(name, "id", integerType), "id") }
	rooms := checked(unique(tableOf("rooms", "floor", integerType, "number", integerType), "floor number"), "((number >= 1) AND (number <= 60))", "number")
	for _, x := range []struct {
		name   string
		rows   map[string]int64 // of tables with fewer or more than 200 rows
		tables []*schema.Table
	}{
		{"a key that is a key of the parent", nil, []*schema.Table{rooms, refers(unique(tableOf("keys", "floor", integerType, "number", integerType), "floor number"), "floor number", "rooms")}},
		{"a key of two uniques with a column in common", map[string]int64{"matches": 20}, []*schema.Table{parent("matches"), parent("users"),
			checked(refers(refers(unique(tableOf("players", "match_id", integerType, "user_id", integerType, "place", integerType), "match_id user_id", "match_id place"), "match_id", "matches"), "user_id", "users"),
				"((place >= 1) AND (place <= 10))", "place")}},
		{"a place in an order that nothing bounds", map[string]int64{"steps": 900}, []*schema.Table{unique(tableOf("steps", "done", flagType, "sequence", integerType), "done sequence")}},
		{"a list of words that is too short", nil, []*schema.Table{unique(tableOf("roles", "name", textType), "name")}},
		{"a list of words, unique together", map[string]int64{"scopes": 1}, []*schema.Table{parent("scopes"),
			refers(unique(tableOf("roles", "scope_id", integerType, "name", textType), "scope_id name"), "scope_id", "scopes")}},
		{"a check that takes few values", map[string]int64{"grades": 6}, []*schema.Table{checked(unique(tableOf("grades", "grade", letterType), "grade"), "(grade ~ '^[A-F]$'::text)", "grade")}},
		{"a way to satisfy the checks that has one row", nil, []*schema.Table{
			checked(unique(tableOf("users", "id", textType, "anonymous", flagType), "id"), "((anonymous AND (id = 'nobody'::text)) OR ((NOT anonymous) AND (id ~ '^u[0-9]{6}$'::text)))", "id", "anonymous")}},
		{"an optional parent without rows", map[string]int64{"spares": 0}, []*schema.Table{parent("spares"), refers(tableOf("uses", "spare_id?", integerType), "spare_id", "spares")}},
		{"parents that agree", nil, []*schema.Table{parent("tenants"),
			refers(unique(tableOf("users", "id", integerType, "tenant_id", integerType), "id", "tenant_id id"), "tenant_id", "tenants"),
			refers(unique(tableOf("projects", "id", integerType, "tenant_id", integerType), "id", "tenant_id id"), "tenant_id", "tenants"),
			members("users", "projects")}},
	} {
		t.Run(x.name, func(t *testing.T) {
			rows := int64(200)
			db := &schema.Database{Dialect: "postgres", Name: "room_test", Defaults: "public", Tables: x.tables}
			r, err := Infer(context.Background(), db, Options{Seed: 1, Rows: &rows, TableRows: x.rows})
			if err != nil {
				t.Fatal(err)
			}
			for _, pt := range r.Plan.Tables {
				want, said := x.rows[pt.Name]
				if !said {
					want = rows
				}
				if pt.Rows != want {
					t.Errorf("%s has %d rows, not %d: %+v", pt.Name, pt.Rows, want, r.Lowered)
				}
				for _, u := range pt.Schema.Uniques {
					if n := differing(cells(t, r.Plan, pt.Name), u.Columns); n != int(want) {
						t.Errorf("%s: %d of %d rows differ in %v", pt.Name, n, want, u.Columns)
					}
				}
			}
		})
	}
}

// TestTargetsWithoutRows: a pair of type and id does not refer to a table that turns out to have no rows.
func TestTargetsWithoutRows(t *testing.T) {
	rows := int64(5)
	people := unique(tableOf("people", "id", integerType), "id")
	couples := checked(refers(unique(tableOf("couples", "id", integerType, "one_id", integerType, "other_id", integerType), "id"), "one_id", "people"), "(one_id <> other_id)", "one_id", "other_id")
	refers(couples, "other_id", "people")
	for _, k := range []*schema.Table{people, couples} {
		k.PrimaryKey = k.Uniques[0]
	}
	notes := tableOf("notes", "item_id", integerType, "item_type", textType)
	db := &schema.Database{Dialect: "postgres", Name: "room_test", Defaults: "public", Tables: []*schema.Table{couples, notes, people}}
	r, err := Infer(context.Background(), db, Options{Seed: 1, Rows: &rows, TableRows: map[string]int64{"people": 1}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lowered) != 1 || r.Lowered[0].Why != "one_id and other_id must differ, which needs 2 rows of people: it has 1" {
		t.Errorf("lowered: %+v", r.Lowered)
	}
	if r.Plan.Table("couples").Rows != 0 || r.Plan.Table("notes").Rows != rows {
		t.Errorf("couples has %d rows, notes %d", r.Plan.Table("couples").Rows, r.Plan.Table("notes").Rows)
	}
	if kinds := cells(t, r.Plan, "notes")["item_type"]; strings.Contains(kinds, "Couple") || !strings.Contains(kinds, "Person") {
		t.Errorf("notes refer to %q", kinds)
	}
}

// members makes a table of a user and a project of the same tenant.
func members(users, projects string) *schema.Table {
	t := unique(tableOf("members", "tenant_id", integerType, "user_id", integerType, "project_id", integerType), "tenant_id user_id project_id")
	for _, parent := range []string{users, projects} {
		column := strings.TrimSuffix(parent, "s") + "_id"
		t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Name: column, Columns: []string{"tenant_id", column}, RefSchema: "public", RefTable: parent, RefColumns: []string{"tenant_id", "id"}})
	}
	return t
}

// differing counts the rows that differ in columns.
func differing(texts map[string]string, columns []string) int {
	seen := map[string]bool{}
	var lists [][]string
	for _, name := range columns {
		lists = append(lists, strings.Split(strings.TrimSuffix(texts[name], "\n"), "\n"))
	}
	for i := range lists[0] {
		if texts[columns[0]] == "" {
			continue // no rows
		}
		key := ""
		for _, list := range lists {
			key += list[i] + "|"
		}
		seen[key] = true
	}
	return len(seen)
}

// monthly is a database to which moments of one month are the same.
type monthly struct{ asked int }

func (o *monthly) Holds(context.Context, *schema.Table, string, *column.Batch) ([]sink.Truth, error) {
	return nil, context.Canceled // there are no checks
}

func (o *monthly) Keys(context.Context, *schema.Table, []string, int64) (*column.Batch, error) {
	return nil, context.Canceled // nothing stands
}

func (o *monthly) Distinct(_ context.Context, _ *schema.Table, _ []string, _ string, b *column.Batch) (out []int, err error) {
	o.asked++
	seen := map[string]bool{}
	for i := range b.N {
		key := b.Col("at").String(i)[:len("2000-01")] + " " + b.Col("room").String(i)
		if seen[key] {
			out = append(out, i)
		}
		seen[key] = true
	}
	return out, nil
}

// TestExpressionsThatTellLess: where a unique index over expressions takes rows for the same whose columns differ, the
// columns that it leaves as they are differ by themselves.
func TestExpressionsThatTellLess(t *testing.T) {
	rows := int64(1900)
	bookings := checked(tableOf("bookings", "at", momentType, "room", integerType), "((room >= 1) AND (room <= 2000))", "room")
	bookings.Uniques = []*schema.Unique{{Name: "once", Expressions: []string{"month_of(at)", "room"}, Depends: []string{"at", "room"}}}
	o := &monthly{}
	r, err := Infer(context.Background(), &schema.Database{Dialect: "postgres", Name: "room_test", Defaults: "public", Tables: []*schema.Table{bookings}}, Options{Seed: 1, Rows: &rows, Oracle: o})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Plan.Table("bookings").Rows; n != rows || o.asked < 2 {
		t.Errorf("%d rows of %d after %d questions", n, rows, o.asked)
	}
	if n := differing(cells(t, r.Plan, "bookings"), []string{"room"}); n != int(rows) {
		t.Errorf("%d different rooms", n)
	}
}

func TestColumnsThatExpressionsLeave(t *testing.T) {
	tab := &table{schema: tableOf("t", "name", textType, "kind", textType, "at", momentType), draft: &draft{db: &schema.Database{}}}
	for _, x := range []struct{ expressions, want []string }{
		{[]string{"lower(name)", "COALESCE(kind, ''::text)"}, []string{"name"}},
		{[]string{"lower((name)::text)", "kind"}, []string{"name", "kind"}},
		{[]string{"((at)::date)", `"kind"`}, []string{"kind"}},
		{[]string{"md5(name)"}, nil},
		{[]string{"lower(btrim(name))"}, nil},
		{[]string{"lower(other)"}, nil},
	} {
		if got := tab.plainOf(&schema.Unique{Expressions: x.expressions}); !slices.Equal(got, x.want) {
			t.Errorf("%v leaves %v, not %v", x.expressions, got, x.want)
		}
	}
}

// TestDivideLeavesRowsToOthers: what one way to satisfy the checks does not hold, the others do.
func TestDivideLeavesRowsToOthers(t *testing.T) {
	few, fewer := int64(3), int64(1)
	for _, x := range []struct {
		most []*int64
		rows int64
		want []int64
	}{
		{[]*int64{nil, nil, nil}, 10, []int64{4, 3, 3}},
		{[]*int64{nil, &few, nil}, 20, []int64{9, 3, 8}},
		{[]*int64{&fewer, &few, nil}, 20, []int64{1, 3, 16}},
		{[]*int64{&fewer, &few}, 20, []int64{1, 3}},
	} {
		tab := &table{schema: tableOf("t", "id", integerType), rows: x.rows}
		for _, m := range x.most {
			tab.branches = append(tab.branches, branch{most: m})
		}
		tab.divide()
		var got []int64
		sum := int64(0)
		for _, b := range tab.branches {
			got = append(got, b.rows)
			sum += b.rows
		}
		if !slices.Equal(got, x.want) || tab.rows != sum {
			t.Errorf("%d rows: %v, not %v; the table has %d", x.rows, got, x.want, tab.rows)
		}
	}
}
