package plan

import "testing"

// Paths go through names that have dots themselves.
func TestDottedPath(t *testing.T) {
	table := &Table{byName: map[string]*Column{"a.b": {}, "a": {}, "a.b.c": {}, "..": {}}}
	for path, want := range map[string][2]string{
		"a": {}, "..": {}, "a.b.c": {}, "a.x": {"a", "x"}, "a.b.x": {"a.b", "x"}, "a.b.c.d.e": {"a.b.c", "d.e"}, "q.r.s": {"q", "r.s"},
	} {
		if link, rest, ok := table.step(path); link != want[0] || ok && rest != want[1] || ok != (want[0] != "") {
			t.Errorf("%s: %q, %q, %v", path, link, rest, ok)
		}
	}
}
