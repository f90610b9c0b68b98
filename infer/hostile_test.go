package infer

import (
	"strings"
	"testing"

	limit "github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/internal/bound/hostile"
	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// No function of a trigger kills the process, or takes minutes.
func TestHostileTriggers(t *testing.T) {
	texts := append(hostile.Texts(2_000), strings.Repeat("if ", limit.Text/3-3), strings.Repeat("insert into a(b) ", limit.Text/17-2))
	for _, text := range append(texts, strings.Repeat("if ", 1_000_000)) {
		hostile.Watch(t, text, func() { follow(text) })
	}
}

// FuzzTriggers: no text of any kind does.
func FuzzTriggers(f *testing.F) {
	for _, text := range hostile.Texts(60) {
		f.Add(text, uint16(1))
	}
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		text = hostile.Repeated(text, times)
		hostile.Watch(t, text, func() { follow(text) })
	})
}

// follow does to the code of a trigger all that is done to one.
func follow(text string) {
	for _, sqlite := range []bool{false, true} {
		if r, err := routine.Parse(text, sqlite); err == nil {
			insertions(r, func(sqlexpr.Expr) answer { return unknown })
			demands(r)
		}
	}
}
