package cli

import (
	"strings"
	"testing"

	texts "github.com/sowerdata/sower/internal/bound/hostile"
)

// No config file kills the process, or takes minutes.
func TestHostileConfig(t *testing.T) {
	laughs := "a: &a [x]\n"
	for c := 'a'; c < 'z'; c++ {
		laughs += string(c+1) + ": &" + string(c+1) + " {" + strings.Repeat("k: *"+string(c)+", ", 10) + "}\n"
	}
	all := append(texts.Texts(1_200), laughs, "a: &a {k: *a}", strings.Repeat("[", 4_000_000), strings.Repeat(`{"a":`, 1_000_000))
	for _, text := range all {
		for _, name := range []string{"c.yaml", "c.json"} {
			texts.Watch(t, text, func() {
				_, problem := parseConfig(name, []byte(text))
				if len(text) > 1_000_000 && (problem == nil || problem.Pos.Line == 0) {
					t.Errorf("%s: %.20s: %v: want an error with its line", name, text, problem)
				}
			})
		}
	}
}
