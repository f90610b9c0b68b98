package blueprint_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPools(t *testing.T) {
	b := mustResolve(t, fstest.MapFS{
		"b.yaml":          file("sower: 1\nparameters: {lang: {type: string, default: de}}\npools:\n  tags: pools/tags.txt\n  all: ./pools/\n  sizes: [1024, '512', 2025-05-01, true]\n  local: ${lang}.txt\n"),
		"pools/tags.txt":  file("# title:  Tags of all kinds \n#\n# a comment\n#hashtag\n\n  spaced out\t\r\n# title: no title here\nlast"),
		"pools/b.txt":     file("#title: x\n"),
		"pools/.txt":      file("ignored"),
		"pools/x.md":      file("ignored"),
		"pools/sub/y.txt": file("ignored"),
		"de.txt":          file("# title:\neins\n"),
	})
	for _, c := range []struct{ name, want string }{
		{"tags", `Tags of all kinds ["#hashtag" "spaced out" "last"]`},
		{"sizes", `sizes ["1024" "512" "2025-05-01" "true"]`},
		{"local", `local ["eins"]`},
		{"all", `"all" is a group of pools, the folder pools: name a single pool`},
		{"tgas", `unknown pool "tgas": did you mean "tags"?`},
		{"elsewhere", `unknown pool "elsewhere"`},
	} {
		texts, title, err := b.Pool(c.name)
		got := fmt.Sprintf("%s %q", title, texts)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	group, err := b.Group("all")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range group {
		got = append(got, fmt.Sprintf("%s|%s|%q|%s", p.Name, p.Title, p.Texts, p.Origin))
	}
	want := `b|b|["#title: x"]|pools/b.txt, tags|Tags of all kinds|["#hashtag" "spaced out" "last"]|pools/tags.txt`
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	for name, want := range map[string]string{
		"tags": `"tags" is a single pool, not a group: the path of a group's folder ends in a slash`,
		"al":   `unknown pool "al": did you mean "all"?`,
	} {
		if _, err := b.Group(name); err == nil || err.Error() != want {
			t.Errorf("group %s: got %v, want %s", name, err, want)
		}
	}
}

func TestPoolBytes(t *testing.T) {
	got := check(fstest.MapFS{
		"b.yaml": file("sower: 1\npools: {a: a.txt, b: b.txt, c: c.txt}\n"),
		"a.txt":  file("one\ncaf\xe9\ntwo\n"),
		"b.txt":  file("one\nt\x00wo\n"),
		"c.txt":  file(""),
	})
	const want = "a.txt:2: not UTF-8: save the file as UTF-8 text\nb.txt:2: the text holds a NUL character\nc.txt: the pool is empty"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDigest(t *testing.T) {
	files := func() fstest.MapFS {
		return fstest.MapFS{
			"b.yaml":  file("sower: 1\ninclude: [c.yaml]\npools: {p: p.txt, g: g/}\nddl: {sqlite: s.sql}\n"),
			"c.yaml":  file("parameters: {n: {type: integer, default: 1}}\n"),
			"p.txt":   file("one\ntwo\n"),
			"g/x.txt": file("x\n"),
			"g/y.txt": file("y\n"),
			"s.sql":   file("create table a (id integer);\n"),
			"other":   file("unused"),
		}
	}
	first := mustResolve(t, files()).Digest
	if len(first) != 64 || first != mustResolve(t, files()).Digest {
		t.Errorf("digest %q", first)
	}
	for _, c := range []struct {
		name string
		edit func(fstest.MapFS)
		same bool
	}{
		{"main", func(f fstest.MapFS) { f["b.yaml"].Data = append(f["b.yaml"].Data, "# x\n"...) }, false},
		{"include", func(f fstest.MapFS) { f["c.yaml"].Data = append(f["c.yaml"].Data, "# x\n"...) }, false},
		{"pool", func(f fstest.MapFS) { f["p.txt"].Data = append(f["p.txt"].Data, "three\n"...) }, false},
		{"group", func(f fstest.MapFS) { f["g/z.txt"] = file("z\n") }, false},
		{"group's file name", func(f fstest.MapFS) { f["g/z.txt"] = f["g/y.txt"]; delete(f, "g/y.txt") }, false},
		{"line moved", func(f fstest.MapFS) { f["g/x.txt"].Data = []byte("x\ny\n"); f["g/y.txt"].Data = []byte("z\n") }, false},
		{"other file", func(f fstest.MapFS) { f["other"].Data = []byte("changed") }, true},
		{"DDL", func(f fstest.MapFS) { f["s.sql"].Data = []byte("changed") }, true},
		{"CRLF", func(f fstest.MapFS) { f["p.txt"].Data = []byte("one\r\ntwo\r\n") }, true},
	} {
		f := files()
		c.edit(f)
		if got := mustResolve(t, f).Digest; (got == first) != c.same {
			t.Errorf("%s: same digest %v, want %v", c.name, got == first, c.same)
		}
	}
	b, err := resolve(files(), given("n", 2))
	if err != nil || b.Digest != first {
		t.Errorf("a parameter's value changed the digest: %v", err)
	}
}
