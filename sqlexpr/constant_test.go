package sqlexpr

import "testing"

func TestConstant(t *testing.T) {
	for text, want := range map[string]string{
		"'items'::text": "items", "5": "5", "(-5)": "-5", "'5'::smallint": "5", "'it''s'::character varying(20)": "it's", "'{}'::text[]": "{}", "(0)::numeric": "0", "CAST('a' AS text)": "a",
		"now()": "none", "true": "none", "NULL::text": "none", "'a' || 'b'": "none", "": "none", "CURRENT_DATE": "none", "'a": "none",
	} {
		got, ok := Constant(text)
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("%s gives %s, not %s", text, got, want)
		}
	}
}

func TestFixed(t *testing.T) {
	for text, want := range map[string]bool{"'a('::text": true, "5": true, "'{}'::jsonb": true, "now()": false, "CURRENT_TIMESTAMP": false, "('x' || LOCALTIME)": false, "nextval('s'::regclass)": false, "USER": false, "(": false} {
		if got := Fixed(text, false); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`FOREIGN KEY ("a") REFERENCES public.t(id)`, `foreign key (a)  references "public"."t" (id)`, true},
		{`FOREIGN KEY ("A") REFERENCES t(id)`, `FOREIGN KEY (a) REFERENCES t(id)`, false},
		{`x = 'a'`, `x = "a"`, false},
		{`a`, `a b`, false},
	} {
		if Same(c.a, c.b) != c.same {
			t.Errorf("%s and %s: not %t", c.a, c.b, c.same)
		}
	}
}

func TestHashBound(t *testing.T) {
	if m, r, ok := HashBound("FOR VALUES WITH (modulus 4, remainder 1)"); m != 4 || r != 1 || !ok {
		t.Errorf("%d, %d, %t", m, r, ok)
	}
	for _, text := range []string{"FOR VALUES IN (1)", "DEFAULT", "FOR VALUES WITH (modulus 4)", "FOR VALUES WITH (modulus a, remainder b)"} {
		if _, _, ok := HashBound(text); ok {
			t.Errorf("%s is one", text)
		}
	}
}
