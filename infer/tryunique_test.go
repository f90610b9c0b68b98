package infer

import (
	"math"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// The database need not be asked whether rows differ in a unique index where that is sure: not where they may be the same,
// where the locale decides, and where texts that differ may be equal.
func TestApartHere(t *testing.T) {
	names := func(list ...string) *column.Vec {
		v := new(column.Vec)
		v.Reset(column.Text)
		for _, s := range list {
			v.AppendString(s)
		}
		return v
	}
	numbers := func(list ...float64) *column.Vec {
		v := new(column.Vec)
		v.Reset(column.Float)
		for _, x := range list {
			v.AppendFloat(x)
		}
		return v
	}
	floats := schema.Type{Name: "double precision", Base: "float8", Kind: column.Float}
	for _, c := range []struct {
		what        string
		names       *column.Vec
		numbers     *column.Vec
		expressions []string
		change      func(*schema.Database)
		want        bool
	}{
		{"they differ", names("a", "b"), numbers(1, 1), []string{"lower(name)"}, nil, true},
		{"the other database", names("a", "b"), numbers(1, 1), []string{"lower(name)"}, func(d *schema.Database) { d.Dialect = "sqlite" }, false},
		{"they are the same", names("a", "A"), numbers(1, 1), []string{"lower(name)"}, nil, false},
		{"they differ in both together", names("a", "A"), numbers(1, 2), []string{"lower(name)", "n"}, nil, true},
		{"the locale decides", names("\u0130", "i"), numbers(1, 1), []string{"lower(name)"}, nil, false},
		{"a function that is not known", names("a", "b"), numbers(1, 1), []string{"folded(name)"}, nil, false},
		{"both zeros", names("a", "a"), numbers(0, math.Copysign(0, -1)), []string{"n"}, nil, false},
		{"a collation", names("a", "b"), numbers(1, 1), []string{"lower(name)"}, func(d *schema.Database) { d.Tables[0].Columns[0].Collation = "blind" }, false},
		{"a type of an extension", names("a", "b"), numbers(1, 1), []string{"name"}, func(d *schema.Database) { d.Tables[0].Columns[0].Type.Extension = "citext" }, false},
		{"begins and ends", names("ab", "a"), numbers(1, 1), []string{"substr(name, 1, 1)", "substr(name, 2)"}, nil, true},
	} {
		db := databaseOf(tableOf("t", "name", textType, "n", floats))
		if c.change != nil {
			c.change(db)
		}
		tab := &table{schema: db.Tables[0], draft: &draft{db: db}}
		b := &column.Batch{N: 2, Names: []string{"name", "n"}, Vecs: []*column.Vec{c.names, c.numbers}}
		if got := tab.apartHere(&schema.Unique{Name: "u", Expressions: c.expressions}, b); got != c.want {
			t.Errorf("%s: sure is %v, want %v", c.what, got, c.want)
		}
	}
}
