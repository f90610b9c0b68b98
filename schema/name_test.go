package schema

import "testing"

// Names with dots are told apart, by quotes where nothing else does, and found again.
func TestQualified(t *testing.T) {
	d := &Database{Defaults: "public"}
	for _, n := range [][2]string{{"public", "t"}, {"public", "a.b"}, {"a", "b"}, {"a", "b.c"}, {"a.b", "c"}, {"x.y", `z"`}, {`q"`, "a.b"}, {"", "lite.t"}} {
		d.Tables = append(d.Tables, &Table{Schema: n[0], Name: n[1]})
	}
	for i, want := range []string{"t", `"a.b"`, "a.b", `a."b.c"`, `"a.b".c`, `x.y.z"`, `q".a.b`, "lite.t"} {
		if got := d.Qualified(d.Tables[i]); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
		if d.Table(want) != d.Tables[i] {
			t.Errorf("%s is not found", want)
		}
	}
	if d.Table("public.t") != d.Tables[0] || d.Table("public.b") != nil {
		t.Error("the default schema")
	}
}
