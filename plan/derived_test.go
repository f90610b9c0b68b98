package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
)

// TestDerived: cells that are computed from others and must be distinct are looked at, all of them.
func TestDerived(t *testing.T) {
	for expr, twice := range map[string]bool{"a * 2": false, "a + 1 + abs(a % 7)": false, "concat(a, \"-x\")": false, "a % 30": true, "lower(b)": true} {
		text := fmt.Sprintf("sower: 1\nname: x\ntables:\n  t: {rows: 40, columns: {a: sequence, b: {pick: [X, Y]}, c: {expression: '%s', unique: true}}}\n", expr)
		_, err := build(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, nil)
		var ps blueprint.Problems
		switch {
		case !twice && err != nil:
			t.Errorf("%s: %v", expr, err)
		case twice && (!errors.As(err, &ps) || len(ps) != 1 || !ps[0].CausedBy(blueprint.SameTwice) || !strings.Contains(ps[0].Message, "are the same in rows")):
			t.Errorf("%s: %v", expr, err)
		}
	}
}

// TestDerivedSets: so are columns that must be distinct together, where one is computed: days by the place among the rows of
// a parent.
func TestDerivedSets(t *testing.T) {
	for expr, twice := range map[string]bool{`plus(d_id.at, place, "day")`: false, `plus(d_id.at, floor(place / 2), "day")`: true} {
		text := fmt.Sprintf(`sower: 1
name: x
tables:
  d: {rows: 20, columns: {id: sequence, at: {date: {from: "2024-01-01", to: "2024-12-31"}}}}
  r:
    rows: 90
    unique: [[d_id, day]]
    columns:
      d_id: {reference: {table: d, column: id, per_parent: {min: 2, max: 8}}}
      day: {expression: '%s'}
      place: {ordinal: d_id}
`, expr)
		_, err := build(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, nil)
		var ps blueprint.Problems
		switch {
		case !twice && err != nil:
			t.Errorf("%s: %v", expr, err)
		case twice && (!errors.As(err, &ps) || len(ps) != 1 || !ps[0].CausedBy(blueprint.SameTwice) || !strings.Contains(ps[0].Message, "are the same there")):
			t.Errorf("%s: %v", expr, err)
		}
	}
}
