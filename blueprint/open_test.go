package blueprint_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// resolve opens and resolves b.yaml.
func resolve(files fstest.MapFS, values map[string]blueprint.Given) (*blueprint.Blueprint, error) {
	d, err := blueprint.Open(files, "b.yaml")
	if err != nil {
		return nil, err
	}
	return d.Resolve(values, generators)
}

func mustResolve(t *testing.T, files fstest.MapFS) *blueprint.Blueprint {
	t.Helper()
	b, err := resolve(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenMissingFile(t *testing.T) {
	for _, name := range []string{"nope.yaml", filepath.Join("nowhere", "nope.yaml"), t.TempDir()} {
		d, err := blueprint.OpenPath(name)
		var ps blueprint.Problems
		if d != nil || err == nil || errors.As(err, &ps) || !strings.Contains(err.Error(), "open blueprint") {
			t.Errorf("%s: got %v, %v", name, d, err)
		}
	}
	if _, err := blueprint.OpenPath("nope.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error %v is not fs.ErrNotExist", err)
	}
}

func TestOpenNames(t *testing.T) {
	files := fstest.MapFS{
		"b.yaml": file("sower: 1\n"),
		"c.yaml": file("sower: 1\nname: shop\ndescription: costs $${5}\n"),
	}
	d, err := blueprint.Open(files, "b.yaml")
	if err != nil || d.Name() != "b" {
		t.Errorf("got %q, %v", d.Name(), err)
	}
	d, err = blueprint.Open(files, "c.yaml")
	if err != nil || d.Name() != "shop" || d.Description() != "costs ${5}" {
		t.Errorf("got %q %q, %v", d.Name(), d.Description(), err)
	}
}

// TestOpenPathStaysBelow shows that nothing outside of the blueprint's folder is read.
func TestOpenPathStaysBelow(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("secret.txt", "secret\n")
	write("b/inside.txt", "inside\n")
	write("b/b.yaml", "sower: 1\npools:\n  out: link.txt\n  ok: in.txt\n  pipe: pipe\n")
	for from, to := range map[string]string{"link.txt": "../secret.txt", "in.txt": "inside.txt"} {
		if err := os.Symlink(to, filepath.Join(dir, "b", from)); err != nil {
			if runtime.GOOS == "windows" {
				t.Skip(err) // links need a right there
			}
			t.Fatal(err)
		}
	}
	d, err := blueprint.OpenPath(filepath.Join(dir, "b", "b.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Check(generators)
	name := filepath.ToSlash(filepath.Join(dir, "b", "b.yaml"))
	want := name + `:3:8: out: "link.txt": path escapes from parent` + "\n" + name + `:5:9: pipe: "pipe": there is no such file`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestOpenDevice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no /dev")
	}
	_, err := blueprint.OpenPath("/dev/zero")
	if err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}

func TestOpenJSON(t *testing.T) {
	b := mustResolve(t, fstest.MapFS{"b.yaml": file("{\n\t\"$schema\": \"https://example.com/s.json\",\n\t\"sower\": 1,\n\t\"name\": \"\\ud83d\\ude00 \\u00e9 \\\\ud83d\\/\",\n\t\"tables\": {\"a\": {\"rows\": 3,\n\t\t\"columns\": {\"id\": \"uuid\"}}}\n}\n")})
	if b.Name != `😀 é \ud83d/` || b.Tables[0].Parts[0].Rows != 3 || b.Tables[0].Columns[0].Pos.String() != "b.yaml:6:15" {
		t.Errorf("got %q, %+v", b.Name, b.Tables[0].Columns[0])
	}
}

func TestOpenBOMAndCRLF(t *testing.T) {
	b := mustResolve(t, fstest.MapFS{"b.yaml": file("\ufeffsower: 1\r\npools: {p: p.txt}\r\ntables:\r\n  a: {rows: 3}\r\n"), "p.txt": file("\ufeff# title: T\r\none\r\ntwo")})
	texts, title, err := b.Pool("p")
	if err != nil || title != "T" || fmt.Sprint(texts) != "[one two]" {
		t.Errorf("got %q %q %v", texts, title, err)
	}
	if got := b.Tables[0].Pos.String(); got != "b.yaml:4:3" {
		t.Errorf("table at %s", got)
	}
}

// TestOpenBounds shows that hostile files end in a problem, in bounded time and memory.
func TestOpenBounds(t *testing.T) {
	bomb := "sower: 1\ntables:\n  a0: &a0 {rows: 1}\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("  a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	chain := fstest.MapFS{"b.yaml": file("sower: 1\ninclude: [i1.yaml]\n")}
	for i := 1; i < 40; i++ {
		chain[fmt.Sprintf("i%d.yaml", i)] = file(fmt.Sprintf("include: [i%d.yaml]\n", i+1))
	}
	wide := fstest.MapFS{}
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprintf("i%d.yaml", i))
		wide[names[i]] = file("sower: 1\n")
	}
	wide["b.yaml"] = file("sower: 1\ninclude: [" + strings.Join(names, ", ") + "]\n")
	var manyExprs strings.Builder
	manyExprs.WriteString("sower: 1\npools:\n  p:\n")
	for i := range 10_050 {
		fmt.Fprintf(&manyExprs, "    - ${%d}\n", i)
	}
	doubling := "sower: 1\nparameters: {p: {type: string, default: \"" + strings.Repeat("x", 60_000) + "\"}}\npools:\n  p: [\"${p}" + strings.Repeat("${p + p}", 20) + "\"]\n"
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string // a part of the problems
	}{
		{"file", fstest.MapFS{"b.yaml": file("sower: 1\n#" + strings.Repeat("x", 8<<20))}, "open blueprint b.yaml: larger than 8 MB"},
		{"include", fstest.MapFS{"b.yaml": file("sower: 1\ninclude: [i.yaml]"), "i.yaml": file("#" + strings.Repeat("x", 8<<20))}, `b.yaml:2:11: include "i.yaml": larger than 8 MB`},
		{"pool", fstest.MapFS{"b.yaml": file("sower: 1\npools: {p: p.txt}"), "p.txt": file(strings.Repeat("x", 64<<20+1))}, `b.yaml:2:12: p: "p.txt": larger than 64 MB`},
		{"flow depth", fstest.MapFS{"b.yaml": file("sower: 1\ntables: " + strings.Repeat("[", 5000))}, "b.yaml:2:109: exceeded max depth of 100 while increasing flow level: lists and mappings are nested too deeply"},
		{"block depth", fstest.MapFS{"b.yaml": file("sower: 1\ntables: \n  " + strings.Repeat("- ", 5000))}, "b.yaml:3:201: exceeded max depth of 100 while increasing indent level that begins in line 2: lists and mappings are nested too deeply"},
		{"aliases", fstest.MapFS{"b.yaml": file(bomb)}, "stand for more than 100000 values"},
		{"include depth", chain, `i16.yaml:1:11: include "i17.yaml": includes are nested more than 16 deep`},
		{"includes", wide, "more than 100 included files"},
		{"expressions", fstest.MapFS{"b.yaml": file(manyExprs.String())}, "b.yaml:10004:9: ${10000}: more than 10000 different expressions"},
		{"expression", fstest.MapFS{"b.yaml": file("sower: 1\npools: {p: ['${" + strings.Repeat("(", 5000) + "}']}")}, "an expression of more than 4096 characters"},
		{"parentheses", fstest.MapFS{"b.yaml": file("sower: 1\npools: {p: ['${" + strings.Repeat("(", 4000) + "1" + strings.Repeat(")", 4000) + "}']}")}, "an expression of more than 4096 characters"},
		{"text", fstest.MapFS{"b.yaml": file(doubling)}, "b.yaml:4:7: a text of more than 1048576 bytes"},
		{"control character", fstest.MapFS{"b.yaml": file("sower: 1\nname: a\x01b")}, "b.yaml:2:8: control character U+0001: save the file as UTF-8 text"},
		{"encoding", fstest.MapFS{"b.yaml": file("sower: 1\nname: é\xff")}, "b.yaml:2:8: not UTF-8: save the file as UTF-8 text"},
		{"UTF-16", fstest.MapFS{"b.yaml": file("\xff\xfes\x00")}, "b.yaml:1:1: not UTF-8: save the file as UTF-8 text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := check(c.files); !strings.Contains(got, c.want) {
				t.Errorf("got %.300q, want %q", got, c.want)
			}
		})
	}
}

func TestTooManyProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString("sower: 1\ntables:\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "  t%d: 5\n", i)
	}
	lines := strings.Split(check(fstest.MapFS{"b.yaml": file(b.String())}), "\n")
	if len(lines) != 1001 || lines[1000] != "and 2000 more problems" {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
}

// TestIncludeOnce includes a file on two ways.
func TestIncludeOnce(t *testing.T) {
	b := mustResolve(t, fstest.MapFS{
		"b.yaml":          file("sower: 1\ninclude: [parts/one.yaml, parts/two.yaml, ./parts/one.yaml]\n"),
		"parts/one.yaml":  file("include: [base.yaml]\npools: {one: texts.txt}\n"),
		"parts/two.yaml":  file("include: [./base.yaml]\ntables: {t: {rows: \"${n}\"}}\n"),
		"parts/base.yaml": file("parameters: {n: {type: integer, default: 7}}\n"),
		"parts/texts.txt": file("x\n"),
	})
	if b.Tables[0].Parts[0].Rows != 7 || b.Pools["one"].File != "parts/texts.txt" || b.Tables[0].Pos.File != "parts/two.yaml" {
		t.Errorf("got %+v %+v", b.Tables[0], b.Pools["one"])
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	b := mustResolve(t, fstest.MapFS{"b.yaml": file(`sower: 1
tables:
  a: &a
    rows: 3
    columns: &columns
      id: uuid
      note: {text: x}
  b:
    <<: *a
    rows: 5
    columns:
      <<: [*columns, {id: serial, more: 1}]
      note: {text: "y"}
  c: *a
`)})
	var out []string
	for _, table := range b.Tables {
		s := fmt.Sprint(table.Name, table.Parts[0].Rows)
		for _, c := range table.Columns {
			s += " " + c.Name + "=" + c.Generator.Name + " " + shape(c.Generator.Args)
		}
		out = append(out, s)
	}
	want := "a3 id=uuid - note=text str x|b5 note=text str y id=uuid - more=constant int 1|c3 id=uuid - note=text str x"
	if got := strings.Join(out, "|"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
