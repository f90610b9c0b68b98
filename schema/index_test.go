package schema_test

import (
	"slices"
	"testing"

	"github.com/sowerdata/sower/schema"
)

// The index finds what the database's own look finds, whatever the names are.
func TestIndex(t *testing.T) {
	d := &schema.Database{Dialect: "postgres", Defaults: "public", Tables: []*schema.Table{
		{Schema: "public", Name: "a"}, {Schema: "public", Name: "b"}, {Schema: "s", Name: "a"}, {Schema: "public", Name: "s.a"},
		{Schema: "public", Name: "b_1", Partition: &schema.Partition{ParentSchema: "public", ParentTable: "b"}},
	}}
	a, b, sa := d.Tables[0], d.Tables[1], d.Tables[2]
	b.ForeignKeys = []*schema.ForeignKey{
		{RefSchema: "public", RefTable: "a"}, {RefSchema: "public", RefTable: "a"},
		{RefSchema: "public", RefTable: "b"}, {RefSchema: "x", RefTable: "gone"},
	}
	sa.ForeignKeys = []*schema.ForeignKey{{RefSchema: "public", RefTable: "a"}}
	x := d.Index()
	for _, name := range []string{"a", "b", "s.a", `"s"."a"`, `"s.a"`, "public.a", "public.s.a", "gone", ""} {
		if got, want := x.Table(d, name), d.Table(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
	for _, o := range d.Tables {
		if got := x.Find(o.Schema, o.Name); got != o {
			t.Errorf("%s.%s: %v", o.Schema, o.Name, got)
		}
	}
	if x.Find("s", "b") != nil {
		t.Error("there is no s.b")
	}
	if got := x.Referring(a); !slices.Equal(got, []*schema.Table{b, sa}) {
		t.Errorf("tables that refer to a: %v", got)
	}
	if got := x.Referring(b); !slices.Equal(got, []*schema.Table{b}) {
		t.Errorf("tables that refer to b: %v", got)
	}
	if got := x.Partitions(b); !slices.Equal(got, []*schema.Table{d.Tables[4]}) {
		t.Errorf("partitions of b: %v", got)
	}
}
