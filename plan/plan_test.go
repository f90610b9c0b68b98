package plan_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestShapes holds the plans of testdata/shapes, one file a shape of schema, against their texts. A shape
// that cannot be planned has its problems there. Rows of all of them are made in TestShapesHold.
func TestShapes(t *testing.T) {
	all := archives(t, "shapes")
	if len(all) < 25 {
		t.Errorf("only %d shapes", len(all))
	}
	for _, a := range all {
		t.Run(strings.TrimSuffix(filepath.Base(a.name), ".txtar"), func(t *testing.T) {
			p, err := build(a.files, a.db)
			if err != nil {
				a.wants(t, err.Error()+"\n")
				return
			}
			a.wants(t, planText(p))
		})
	}
}

// TestMistakes holds the problems of the blueprints in testdata/mistakes against their texts.
func TestMistakes(t *testing.T) {
	for _, a := range archives(t, "mistakes") {
		t.Run(strings.TrimSuffix(filepath.Base(a.name), ".txtar"), func(t *testing.T) {
			p, err := build(a.files, a.db)
			if err == nil {
				t.Fatalf("it is planned:\n%s", planText(p))
			}
			a.wants(t, err.Error()+"\n")
		})
	}
}
