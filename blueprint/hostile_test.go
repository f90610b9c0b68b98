package blueprint

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/internal/bound/hostile"
)

// opens reads a text as a blueprint, as the value of one, as an expression, and as JSON.
func opens(text string) {
	for _, doc := range []string{text, "sower: 1\ntables:\n  t: {rows: ${" + text + "}}\n", "sower: 1\ntables:\n  t:\n    columns:\n      c: " + text} {
		if d, err := Open(fstest.MapFS{"b.yaml": {Data: []byte(doc)}}, "b.yaml"); err == nil {
			_, _ = d.Resolve(nil, nil)
		}
	}
}

// No blueprint kills the process, or takes minutes.
func TestHostile(t *testing.T) {
	texts := hostile.Texts(1_200)
	laughs := "sower: 1\na0: &a0 [x]\n" // each list stands for ten of the one before
	for i := range 40 {
		a, b := string(rune('a'+i/10))+string(rune('0'+i%10)), string(rune('a'+(i+1)/10))+string(rune('0'+(i+1)%10))
		laughs += b + ": &" + b + " [" + strings.Repeat("*"+a+", ", 10) + "]\n"
	}
	texts = append(texts, laughs, strings.Repeat("[", 2_000_000), strings.Repeat("- ", 1_000_000), strings.Repeat("(", 2_000_000), "1"+strings.Repeat(" + 1", 500_000))
	for _, text := range texts {
		hostile.Watch(t, text, func() { opens(text) })
	}
}

// FuzzHostile: no text of any kind does.
func FuzzHostile(f *testing.F) {
	for _, text := range hostile.Texts(60) {
		f.Add(text, uint16(1))
	}
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		if text = hostile.Repeated(text, times); len(text) < 100_000 {
			hostile.Watch(t, text, func() { opens(text) })
		}
	})
}
