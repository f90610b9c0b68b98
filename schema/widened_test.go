package schema

import "testing"

func TestWidened(t *testing.T) {
	for _, c := range []struct {
		was, is string
		want    bool
	}{
		{"integer", "bigint", true}, {"smallint", "integer", true}, {"bigint", "integer", false}, {"INT", "integer", true},
		{"character varying(20)", "character varying(40)", true}, {"character varying(20)", "text", true},
		{"text", "character varying(200)", false}, {"character varying(40)", "character varying(20)", false}, {"character varying", "text", true},
		{"character(4)", "text", false}, {"numeric(10,2)", "numeric(12,2)", true}, {"numeric(10,2)", "numeric(10,4)", false},
		{"numeric(10,2)", "numeric", false}, {"numeric", "numeric", true}, {"integer", "text", false}, {"timestamp without time zone", "timestamp with time zone", false},
		{"public.mood", "text", false}, {"text", "public.mood", false},
	} {
		if got := Widened(c.was, c.is); got != c.want {
			t.Errorf("%s to %s: %v", c.was, c.is, got)
		}
	}
}
