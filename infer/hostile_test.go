package infer

import (
	"strings"
	"testing"

	limit "github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/internal/bound/hostile"
)

// No function of a trigger kills the process, or takes minutes.
func TestHostileTriggers(t *testing.T) {
	texts := append(hostile.Texts(2_000), strings.Repeat("if ", limit.Text/3-3), strings.Repeat("insert into a(b) ", limit.Text/17-2))
	for _, text := range append(texts, strings.Repeat("if ", 1_000_000)) {
		hostile.Watch(t, text, func() { insertions(text, func(string) answer { return unknown }) })
	}
}

// FuzzTriggers: no text of any kind does.
func FuzzTriggers(f *testing.F) {
	for _, text := range hostile.Texts(60) {
		f.Add(text, uint16(1))
	}
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		text = hostile.Repeated(text, times)
		hostile.Watch(t, text, func() { insertions(text, func(string) answer { return unknown }) })
	})
}
