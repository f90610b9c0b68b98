package blueprint

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// What Edited gives is what Open gives, whatever an edit has made of a line: values, comments, texts that run on into the
// next table, keys that move, anchors, other documents.
func TestEdited(t *testing.T) {
	text := `sower: 1
# of three
tables:
  a: # the first
    rows: 5
    columns:
      id: sequence
      note: {text: {words: 3}} # a note

  "b b":
    rows: 7
    columns:
      id: sequence
      about: |+
        of lines

  c: {rows: 1, columns: {id: sequence}}
  d:
    rows: 2
    columns: {id: sequence}
name: small
`
	edits := []string{
		"", "  ", "  c: 1", "    rows: 3", "    rows: \"3", "      x: |", "      x: |+", "      x: >-", "    - a", "- a", "...", "---", "  <<: {e: {rows: 1}}",
		"      id: &x sequence", "      id: *x", "  a:", "  e:", "tables:", "      y: {", "      y: [a,", "'", "  ? e", "  # {", "\tx: 1", "      z: !!str 3", "%YAML 1.1",
		"      note: {text: {words: 4}}", "  d: {rows: 1}", "      m: 'it''s", "name: other", "      ${a}: 1", "    columns: {id: sequence}}", "\r", "      q: \u0085 1", "?",
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	shared, broken := 0, 0
	open := func(text string) textFS { return textFS{"b.yaml", []byte(text)} }
	before, err := Open(open(text), "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	try := func(lines []string) {
		now := open(strings.Join(lines, "\n"))
		want, wantErr := Open(now, "b.yaml")
		got, gotErr := before.Edited(now, "b.yaml")
		if !reflect.DeepEqual(gotErr, wantErr) || (got == nil) != (want == nil) {
			t.Fatalf("%v, want %v, of\n%s", gotErr, wantErr, now.data)
		}
		if got == nil {
			broken++
			return
		}
		if !reflect.DeepEqual(got.main, want.main) || !reflect.DeepEqual(got.tables, want.tables) {
			t.Fatalf("another tree than that of\n%s", now.data)
		}
		for i, e := range got.tables {
			if i < len(before.tables) && e.Value == before.tables[i].Value {
				shared++
				break
			}
		}
	}
	lines := strings.Split(text, "\n")
	for at := range lines {
		for _, edit := range edits {
			some := append([]string{}, lines...)
			some[at] = edit
			try(some)
			for range 4 { // and a line near it
				more := append([]string{}, some...)
				more[min(at+1+rnd.IntN(4), len(more)-1)] = edits[rnd.IntN(len(edits))]
				try(more)
			}
		}
	}
	if shared < 200 || broken < 300 {
		t.Errorf("%d documents shared tables, %d could not be read: the test tries too little", shared, broken)
	}
}
