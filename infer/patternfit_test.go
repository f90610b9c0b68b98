package infer

import (
	"testing"

	"github.com/sowerdata/sower/check"
)

func TestPatternFits(t *testing.T) {
	id := short("pattern", "[0-9a-f]{8}-[0-9a-f]{4}")
	for _, c := range []struct {
		generator yaml
		d         check.Domain
		want      bool
	}{
		{id, check.Domain{MinLength: 6}, true},
		{id, check.Domain{MinLength: 13, MaxLength: 13, Lower: true}, true},
		{id, check.Domain{MinLength: 14}, false},
		{id, check.Domain{MaxLength: 12}, false},
		{id, check.Domain{Upper: true}, false},
		{id, check.Domain{NotIn: []string{"x"}}, false},
		{id, check.Domain{Patterns: []check.Pattern{{}}}, false},
		{short("pattern", "c[a-z]+"), check.Domain{MinLength: 1}, false},
		{short("pattern", "(ab|c)"), check.Domain{MinLength: 1}, false},
		{call("text", "words", 2), check.Domain{}, false},
	} {
		if got := patternFits(c.generator, &c.d); got != c.want {
			t.Errorf("%s, %+v: %v", c.generator, c.d, got)
		}
	}
}
