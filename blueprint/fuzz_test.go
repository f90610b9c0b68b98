package blueprint_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sowerdata/sower/blueprint"
)

// FuzzResolve hands any bytes to Open, Check, Resolve and the Decoder. Nothing may panic, and every
// problem names a file of the blueprint.
func FuzzResolve(f *testing.F) {
	names, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			if part.Name == "b.yaml" {
				f.Add(part.Data)
			}
		}
	}
	sample, err := os.ReadFile("testdata/sample/sample.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte("{\"sower\": 1, \"name\": \"\\ud83d\\ude00\\ud83d\", \"tables\": {\"a\": {\"rows\": 1e3}}}"))
	f.Add([]byte("sower: 1\npools: {p: [&a x, *a], q: &q [*q]}\ntables: {t: &t {rows: 1, <<: [*t, {a: 1}]}}\n"))
	f.Add([]byte("sower: 1\ntables: {t: {rows: 1, columns: {a: {text: \"${{'}'}} ${`}`} ${1 ? 2 : 3}\"}, b: \"${max(1, 2.5) ** 2 | int()}\"}}}\n"))
	f.Add([]byte("sower: 1\ntables: {t: {rows: 1, columns: {a: {datetime: {from: 0001-01-01, after: -1.5h}}}}}\n"))

	known := map[string]bool{"": true, "b.yaml": true, "c.yaml": true, "p.txt": true, "g/x.txt": true}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := blueprint.Open(fstest.MapFS{
			"b.yaml":  {Data: data},
			"c.yaml":  file("include: [b.yaml]\nparameters: {n: {type: integer, default: 3}}\npools: {tags: p.txt}\n"),
			"p.txt":   file("# title: T\none\ntwo\n"),
			"g/x.txt": file("x\n"),
		}, "b.yaml")
		var ps blueprint.Problems
		if err != nil && d == nil {
			if !errors.As(err, &ps) && len(data) < 8<<20 {
				t.Fatalf("no Problems: %v", err)
			}
			return
		}
		errs := []error{err, d.Check(generators)}
		values := make(map[string]blueprint.Given)
		for _, p := range d.Missing(nil) {
			values[p.Name] = blueprint.Given{Value: adminUUID, Source: "test"}
		}
		b, err := d.Resolve(values, generators)
		errs = append(errs, err)
		if err == nil {
			errs = append(errs, decodeAll(b))
			for _, table := range b.Tables {
				for _, p := range table.Parts {
					if p.Rows < 0 {
						t.Errorf("%s has %d rows", table.Name, p.Rows)
					}
				}
			}
			for name := range b.Pools {
				if _, _, err := b.Pool(name); err != nil {
					if _, err := b.Group(name); err != nil {
						t.Errorf("pool %s: %v", name, err)
					}
				}
			}
		}
		for _, err := range errs {
			if err == nil {
				continue
			}
			if !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("no Problems: %v", err)
			}
			for _, p := range ps {
				if p.Message == "" || !known[p.Pos.File] {
					t.Errorf("problem %q at %q", p.Message, p.Pos)
				}
			}
		}
	})
}

// FuzzDuration shows that what ParseDuration accepts, String gives back.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"10s", "-1.5h", "1h30m", "106751991d", "0.000001s", ".5ms"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := blueprint.ParseDuration(s)
		if err != nil {
			return
		}
		if again, err := blueprint.ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%q: %d, written %s, is read as %d, %v", s, d, d, again, err)
		}
	})
}
