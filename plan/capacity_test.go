package plan_test

import (
	"errors"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
)

// TestCapacity: a problem of capacity says how many rows fit, and with so many the plan is made.
func TestCapacity(t *testing.T) {
	for _, x := range []struct {
		name, table, column, part string
		most                      int64
		text, schema              string
	}{
		{"unique", "t", "x", "", 7, "t: {rows: %, columns: {x: {integer: {min: 1, max: 7}, unique: true}}}", ""},
		{"enum key", "t", "x", "", 2, "t: {rows: %, columns: {x: {pick: [a, b]}}}", "t\n  x enum(a, b) not null\n  primary key (x)\n"},
		{"together", "t", "", "", 15, "p: {rows: 5, columns: {id: sequence}}\n  t: {rows: %, unique: [[p_id, x]], columns: {p_id: {reference: p}, x: {pick: [a, b, c]}}}", ""},
		{"top", "t", "p_id", "", 4, "p: {rows: 7, columns: {id: sequence}}\n  t: {rows: %, columns: {p_id: {reference: {table: p, top: 4}, unique: true}}}", ""},
		{"per parent", "t", "p_id", "", 10, "p: {rows: 5, columns: {id: sequence}}\n  t: {rows: %, columns: {p_id: {reference: {table: p, per_parent: {max: 2}}}}}", ""},
		{"no parents", "t", "p_id", "", 0, "p: {rows: 0, columns: {id: sequence}}\n  t: {rows: %, columns: {p_id: {reference: p}}}", ""},
		{"a part", "t", "x", "b", 2, "t: {parts: {a: {rows: 4}, b: {rows: %}}, columns: {x: {part: {a: {integer: {min: 5, max: 8}}, b: {integer: {max: 1}}}, unique: true}}}", ""},
		{"type", "t", "id", "", 32767, "t: {rows: %, columns: {id: sequence}}", "t\n  id smallint not null\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			plan := func(rows string) error {
				text := "sower: 1\nname: test\ntables:\n  "
				for _, r := range x.text {
					if r == '%' {
						text += rows
					} else {
						text += string(r)
					}
				}
				db := parseSchema(t, x.schema)
				if x.schema == "" {
					db = nil
				}
				_, err := build(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, db)
				return err
			}
			var ps blueprint.Problems
			if err := plan("40000"); !errors.As(err, &ps) || len(ps) != 1 {
				t.Fatalf("got %v", err)
			}
			if p := ps[0]; !p.HasMost || p.Most != x.most || p.Table != x.table || p.Column != x.column || p.Part != x.part {
				t.Errorf("got %+v", p)
			}
			if err := plan(strconv.FormatInt(x.most, 10)); err != nil {
				t.Errorf("with %d rows: %v", x.most, err)
			}
			if err := plan(strconv.FormatInt(x.most+1, 10)); err == nil {
				t.Errorf("with %d rows it is planned", x.most+1)
			}
		})
	}
}
