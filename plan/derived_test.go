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
