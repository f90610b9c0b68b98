package postgres

import (
	"slices"
	"testing"
)

// TestTriggerCall reads what a trigger says of its function, as the catalogue has it.
func TestTriggerCall(t *testing.T) {
	for encoded, want := range map[string][]string{
		"": nil, "00": {""}, "7661726368617200": {"varchar"}, "610000c3a400": {"a", "", "ä"}, "ff00": nil,
	} {
		if got := argsOf(encoded); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", encoded, got, want)
		}
	}
	for definition, want := range map[string]string{
		"": "",
		"CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION f('x')":                                         "",
		"CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW WHEN ((new.a > 0)) EXECUTE FUNCTION f()":                         "(new.a > 0)",
		"CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW WHEN ((new.a = ') EXECUTE '::text)) EXECUTE PROCEDURE s.f('a)')": "(new.a = ') EXECUTE '::text)",
	} {
		if got := whenOf(definition); got != want {
			t.Errorf("%s: %q, want %q", definition, got, want)
		}
	}
}
