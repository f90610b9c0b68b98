package blueprint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// PoolText is a pool that has been read.
type PoolText struct {
	Name   string // of the pool; in a group the file's name without its ending
	Title  string // "# title: ..." of its first line; the name where there is none
	Texts  []string
	Origin Pos // the file, or the place in the blueprint
}

// Pool gives the texts of a pool and its title.
func (b *Blueprint) Pool(name string) (texts []string, title string, err error) {
	spec, err := b.poolSpec(name)
	if err != nil {
		return nil, "", err
	}
	if spec.Dir != "" {
		return nil, "", fmt.Errorf("%q is a group of pools, the folder %s: name a single pool", name, spec.Dir)
	}
	p := b.pools[name][0]
	return p.Texts, p.Title, nil
}

// Group gives the pools of a group, sorted by file name.
func (b *Blueprint) Group(name string) ([]PoolText, error) {
	spec, err := b.poolSpec(name)
	if err != nil {
		return nil, err
	}
	if spec.Dir == "" {
		return nil, fmt.Errorf("%q is a single pool, not a group: the path of a group's folder ends in a slash", name)
	}
	return b.pools[name], nil
}

func (b *Blueprint) poolSpec(name string) (*PoolSpec, error) {
	spec := b.Pools[name]
	if spec == nil {
		p := Problem{Message: fmt.Sprintf("unknown pool %q", name), Suggestion: didYouMean(name, sortedKeys(b.Pools))}
		return nil, p
	}
	return spec, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// filePool is a pool's definition in the file.
type filePool struct {
	spec   PoolSpec
	values []*yaml.Node
}

// DecodeNode implements NodeDecoder.
func (p *filePool) DecodeNode(d *Decoder, n *yaml.Node) {
	p.spec.Pos = d.pos(n)
	switch {
	case isText(n) && strings.HasSuffix(n.Value, "/"):
		p.spec.Dir = n.Value
	case isText(n):
		p.spec.File = n.Value
	case n.Kind == yaml.SequenceNode:
		for _, c := range n.Content {
			if unresolved(c) {
				continue
			}
			v, err := scalar(c)
			if c.Kind != yaml.ScalarNode || err != nil || v == nil {
				d.wants(c, "", "a text")
				continue
			}
			p.values = append(p.values, c)
			p.spec.Values = append(p.spec.Values, c.Value)
		}
		if len(n.Content) == 0 {
			d.problem(d.pos(n), "", "the pool is empty")
		}
	default:
		d.wants(n, "", `a file ("pools/tags.txt"), a folder ("pools/domains/") or a list of texts`)
	}
}

// poolReader reads the pools of a blueprint.
type poolReader struct {
	files    fs.FS
	prefix   string
	digest   map[string][]byte // contents by path
	problems *Problems
}

// read gives the pools of a definition: one, or a group's.
func (r *poolReader) read(name string, dir string, p *filePool, o *origin) []PoolText {
	switch {
	case p.spec.File != "":
		file, err := below(dir, p.spec.File)
		if err != nil {
			r.problems.add(p.spec.Pos, "", "%s: %s: %v", name, quoted(p.spec.File), err)
			return nil
		}
		p.spec.File = file
		if t := r.file(name, file, p.spec.Pos); t != nil {
			return []PoolText{*t}
		}
	case p.spec.Dir != "":
		return r.folder(name, dir, p)
	case p.values != nil:
		t := PoolText{Name: name, Title: name, Texts: p.spec.Values, Origin: p.spec.Pos}
		seen := make(map[string]*yaml.Node)
		for _, n := range p.values {
			text := n.Value
			if strings.TrimSpace(text) == "" {
				r.problems.add(o.pos(n), "", "%s: an empty text", name)
			} else if first := seen[text]; first != nil {
				r.problems.add(o.pos(n), "", "%s: %s stands twice: first in line %d, column %d", name, quoted(text), first.Line, first.Column)
			} else {
				seen[text] = n
			}
		}
		return []PoolText{t}
	}
	return nil
}

func (r *poolReader) folder(name, dir string, p *filePool) []PoolText {
	folder, err := below(dir, p.spec.Dir)
	var entries []fs.DirEntry
	if err == nil {
		p.spec.Dir = folder
		entries, err = fs.ReadDir(r.files, folder)
	}
	if err != nil {
		r.problems.add(p.spec.Pos, "", "%s: %s: %s", name, quoted(p.spec.Dir), fileError(err))
		return nil
	}
	var all []PoolText
	found := false
	for _, e := range entries { // sorted by name
		base, ok := strings.CutSuffix(e.Name(), ".txt")
		if !ok || base == "" {
			continue
		}
		found = true
		if t := r.file(base, path.Join(folder, e.Name()), p.spec.Pos); t != nil {
			all = append(all, *t)
		}
	}
	if !found {
		r.problems.add(p.spec.Pos, "", "%s: the folder %s holds no *.txt file", name, quoted(p.spec.Dir))
	}
	return all
}

// file reads a pool file: one text a line; blank lines and lines that begin with "# " are skipped, white
// space around a text is cut.
func (r *poolReader) file(name, file string, from Pos) *PoolText {
	data, err := readFile(r.files, file, maxPoolSize)
	if err != nil {
		r.problems.add(from, "", "%s: %s: %s", name, quoted(file), fileError(err))
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r.digest[file] = data
	shown := r.prefix + file
	t := &PoolText{Name: name, Title: name, Origin: Pos{File: shown}}
	if !utf8.Valid(data) {
		line := 1 + bytes.Count(data[:len(data)-len(afterValid(data))], []byte("\n"))
		r.problems.add(Pos{File: shown, Line: line}, "save the file as UTF-8 text", "not UTF-8")
		return nil
	}
	seen := make(map[string]int)
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		text := strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(text, "# title:"); ok && number == 1 {
			if title = strings.TrimSpace(title); title != "" {
				t.Title = title
			}
			continue
		}
		if text == "" || text == "#" || strings.HasPrefix(text, "# ") {
			continue
		}
		if strings.ContainsRune(text, 0) {
			r.problems.add(Pos{File: shown, Line: number}, "", "the text holds a NUL character")
			continue
		}
		if first := seen[text]; first != 0 {
			r.problems.add(Pos{File: shown, Line: number}, "", "%s stands twice: first in line %d", quoted(text), first)
			continue
		}
		seen[text] = number
		t.Texts = append(t.Texts, text)
	}
	if len(t.Texts) == 0 {
		r.problems.add(Pos{File: shown}, "", "the pool is empty")
	}
	return t
}

// afterValid gives data from its first invalid UTF-8 on.
func afterValid(data []byte) []byte {
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		data = data[size:]
	}
	return data
}

// digestOf hashes files: names and contents, each after its length, sorted by name. Line ends count as
// \n, so that a checkout on Windows gives the same digest as it gives the same rows.
func digestOf(files map[string][]byte) string {
	h := sha256.New()
	put := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, name := range sortedKeys(files) {
		put([]byte(name))
		put(bytes.ReplaceAll(files[name], []byte("\r\n"), []byte("\n")))
	}
	return hex.EncodeToString(h.Sum(nil))
}
