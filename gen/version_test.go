package gen

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// drawnTo is how many draws of each row go into a digest: enough to meet every word of a list.
const drawnTo = 20

// digestOf sums up cells that an example makes.
func digestOf(t *testing.T, f Filler, b *bench) string {
	var sum column.Digest
	var s column.Summer
	for attempt := range uint32(drawnTo) {
		v := new(column.Vec)
		v.Reset(f.Kind())
		rows := Rows{N: testRows}
		if err := f.Fill(v, &Span{Rows: rows, Attempt: attempt, Again: attempt, Inputs: b.cells(rows), Scratch: new(Scratch)}); err != nil {
			if attempt == 0 {
				t.Fatal(err)
			}
			break // there are no more values
		}
		row := new(column.Vec)
		row.Reset(column.Int)
		for i := range testRows {
			row.AppendInt(int64(i) + int64(attempt)<<32)
		}
		sum.Add(s.Sum(&column.Batch{N: testRows, Names: []string{"row", "cell"}, Vecs: []*column.Vec{row, v}}))
	}
	return fmt.Sprintf("%x", sum.Bytes())
}

// version gives that of a generator, or of what is done with its cells.
func version(name string) int {
	switch name {
	case "nulls":
		return NullsVersion
	case "unique":
		return UniqueVersion
	}
	return New(name).OutputVersion()
}

// digests gives "name version example" -> digest for every example, for what is done with generators' cells, and for the
// lists that generators draw from.
func digests(t *testing.T) map[string]string {
	out := map[string]string{}
	add := func(name, example, digest string) {
		out[fmt.Sprintf("%s %d %s", name, version(name), example)] = digest
	}
	for _, text := range examples {
		f, b := mustMake(t, text)
		name := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("{: }", r) })[0]
		add(name, text, digestOf(t, f, b))
	}
	for _, text := range []string{`{integer: {max: 9}, nulls: 0.3}`, `{person: full_name, nulls: 0.01}`} {
		f, b := mustMake(t, text)
		add("nulls", text, digestOf(t, f, b))
	}
	for _, text := range []string{`integer: {max: 5000000}`, `pattern: "[a-z]{4}[0-9]"`, `person: email`} {
		f, b := mustMake(t, text)
		u, err := Unique(f, b.c.Key, testRows)
		if err != nil {
			t.Fatal(err)
		}
		add("unique", text, digestOf(t, u, b))
	}
	for _, text := range []string{`person: full_name`, `address: full`, `company: name`} {
		f, b := mustMake(t, text, schema.Type{Kind: column.Text, Length: 9})
		add(strings.SplitN(text, ":", 2)[0], text+" (9 characters)", digestOf(t, f, b))
	}
	files, err := dataFiles.ReadDir("data")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := dataFiles.ReadFile("data/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(strings.TrimSuffix(file.Name(), filepath.Ext(file.Name())), "_")
		of := map[string]string{"people": "person", "names": "person", "english": "text"}[name]
		if of == "" {
			of = name
		}
		for list, text := range listsOf(string(data)) { // a further list changes no other
			add(of, strings.TrimSpace(file.Name()+" "+list), strconv.FormatUint(xxhash.Sum64String(text), 16))
		}
	}
	return out
}

// listsOf parts a file at its headings: "[name]" alone on a line.
func listsOf(data string) map[string]string {
	out, list := map[string]string{}, ""
	for line := range strings.Lines(data) {
		if head := strings.TrimSpace(line); strings.HasPrefix(head, "[") && strings.HasSuffix(head, "]") {
			list = head
		} else if head != "" && !strings.HasPrefix(head, "#") {
			out[list] += line
		}
	}
	return out
}

// unchanged gives what is wrong where cells differ from those of the file, without another version.
func unchanged(was, is map[string]string) (wrong []string) {
	for key, digest := range was {
		name, rest, _ := strings.Cut(key, " ")
		version, example, _ := strings.Cut(rest, " ")
		if now, ok := is[key]; ok && now != digest {
			wrong = append(wrong, fmt.Sprintf("%s makes other cells than version %s did (%s): give it the next OutputVersion, "+
				"so that runs of earlier releases are told from its own, and say it in CHANGELOG.md", name, version, example))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func readVersions(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		digest, key, _ := strings.Cut(lines.Text(), " ")
		out[key] = digest
	}
	return out
}

// TestVersions: a generator's cells change only with its OutputVersion. -update writes the digests of new examples and new
// versions, and never lets those of a version change.
func TestVersions(t *testing.T) {
	path := filepath.Join("testdata", "versions.txt")
	was, is := readVersions(t, path), digests(t)
	if wrong := unchanged(was, is); len(wrong) > 0 {
		t.Fatalf("%s", strings.Join(wrong, "\n"))
	}
	for _, name := range Names() {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(is)), func(k string) bool { return strings.HasPrefix(k, fmt.Sprintf("%s %d ", name, version(name))) }) {
			t.Errorf("%s has no digest", name)
		}
	}
	var lines []string
	for key, digest := range is {
		lines = append(lines, digest+" "+key)
		if was[key] == "" && !*update {
			t.Errorf("%s is not in %s: go test ./gen -run TestVersions -update", key, path)
		}
	}
	for key := range was {
		if is[key] == "" && !*update {
			t.Errorf("%s stands in %s alone: go test ./gen -run TestVersions -update", key, path)
		}
	}
	if !*update {
		return
	}
	slices.SortFunc(lines, func(a, b string) int {
		return strings.Compare(a[strings.IndexByte(a, ' '):], b[strings.IndexByte(b, ' '):])
	})
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

type otherPick Pick

func (*otherPick) OutputVersion() int { return 1 }
func (m *otherPick) Make(c *Context) (Filler, error) {
	other := *c
	other.Key = c.Key.Derive("other")
	return (*Pick)(m).Make(&other)
}

// TestVersionsDemanded: other cells of the same version are found.
func TestVersionsDemanded(t *testing.T) {
	was := readVersions(t, filepath.Join("testdata", "versions.txt"))
	undo := Replace("pick", func() Maker { return new(otherPick) })
	wrong := unchanged(was, digests(t))
	undo()
	if !slices.ContainsFunc(wrong, func(w string) bool { return strings.HasPrefix(w, "pick makes other cells than version 1 did") }) {
		t.Errorf("%q", wrong)
	}
	if slices.ContainsFunc(wrong, func(w string) bool { return strings.HasPrefix(w, "integer ") }) {
		t.Errorf("others changed too: %q", wrong)
	}
}
