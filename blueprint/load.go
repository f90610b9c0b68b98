package blueprint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/sowerdata/sower/internal/bound"
)

const (
	maxFileSize = 8 << 20  // bytes of a blueprint or an included file
	maxPoolSize = 64 << 20 // bytes of a pool file
)

// source is one YAML file of a blueprint.
type source struct {
	name  string // as shown in positions
	path  string // below the blueprint's folder
	data  []byte
	lines []string // of data; made when first asked for
}

// line gives a line, from 1, without its end; "" where there is none.
func (s *source) line(n int) string {
	if s.lines == nil {
		s.lines = strings.Split(string(s.data), "\n")
	}
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return strings.TrimSuffix(s.lines[n-1], "\r")
}

// readFile reads a regular file of at most limit bytes.
func readFile(files fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("larger than %d MB", limit>>20)}
	}
	return data, nil
}

// fileError gives the reason of a failed read alone: the position names the file.
func fileError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	return err.Error()
}

// tree is what the text of a file says.
type tree struct {
	data   []byte
	root   *yaml.Node
	marked bool // it was written with anchors, aliases or merge keys
}

// parse reads the YAML of s.data: one document, aliases and merge keys replaced by what they stand for; nil where it is none.
// before is what the file said before an edit, nil where that is not known.
func (s *source) parse(before *tree) (read *tree, ps Problems) {
	s.data = bytes.TrimPrefix(s.data, []byte("\ufeff"))
	if line, column, text := badText(s.data); text != "" {
		ps.add(Pos{s.name, line, column}, "save the file as UTF-8 text", "%s", text)
		return nil, ps
	}
	if before != nil {
		if read := s.parseEdited(before); read != nil {
			return read, nil
		}
	}
	var doc yaml.Node
	err := yaml.Load(joinSurrogates(s.data), &doc, yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(bound.YAML))))
	if err != nil {
		return nil, append(ps, s.syntaxProblem(err))
	}
	x := expander{source: s, open: make(map[*yaml.Node]bool)}
	for i := range doc.Content {
		read = &tree{data: s.data, root: x.node(doc.Content[i])}
	}
	if read != nil {
		read.marked = x.marked
	}
	return read, x.problems
}

// badText finds the first character that no YAML text may hold.
func badText(data []byte) (line, column int, text string) {
	line, column = 1, 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return line, column, "not UTF-8"
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return line, column, fmt.Sprintf("control character %#U", r)
		case r == '\n':
			line, column = line+1, 0
		}
		column++
		i += size
	}
	return 0, 0, ""
}

// syntaxHints say what usually is behind the YAML library's less telling messages.
var syntaxHints = []struct{ message, hint string }{
	{"mapping values are not allowed", `put a text that holds ": " in quotes, or correct the indentation`},
	{"cannot start any token", "put a text that begins with @, `, % or * in quotes"},
	{"could not find expected ':'", "a list or a mapping: not both"},
	{"tab character", "indent with spaces, not with tabs"},
	{"unknown anchor", "an alias *name repeats what an anchor &name above it marks; put a text that begins with * in quotes"},
	{"exceeded max depth", "lists and mappings are nested too deeply"},
}

func (s *source) syntaxProblem(err error) Problem {
	p := Problem{Pos: Pos{File: s.name}, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	if len(bytes.TrimSpace(s.data)) == 0 || strings.Contains(p.Message, "no documents") {
		return Problem{Pos: Pos{s.name, 1, 1}, Message: "the file is empty", Suggestion: `begin with "sower: 1"`}
	}
	if strings.Contains(p.Message, "expected single document") {
		return Problem{Pos: p.Pos, Message: "more than one YAML document", Suggestion: "a blueprint is one; leave the line --- out"}
	}
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return p
	}
	mark := le.Mark
	p.Message = strings.TrimPrefix(le.Message, "yaml: ")
	if mark.Line == 0 {
		mark = le.ContextMark
	}
	p.Pos.Line, p.Pos.Column = mark.Line, mark.Column
	if le.ContextMsg != "" {
		p.Message += " " + le.ContextMsg
		if c := le.ContextMark; c.Line > 0 && c.Line != mark.Line {
			p.Message += " that begins in line " + strconv.Itoa(c.Line)
		}
	}
	if line := []rune(s.line(mark.Line)); mark.Column > 0 && mark.Column <= len(line) && line[mark.Column-1] == '\t' {
		p.Suggestion = "indent with spaces, not with tabs"
		return p
	}
	if strings.Contains(p.Message, "did not find expected ',' or") && strings.Contains(s.line(mark.Line), "${") {
		p.Suggestion = "within { } and [ ] put \"${...}\" in quotes"
		return p
	}
	for _, h := range syntaxHints {
		if strings.Contains(p.Message, h.message) {
			p.Suggestion = h.hint
			break
		}
	}
	return p
}

// joinSurrogates writes JSON's surrogate pairs (\ud83d\ude00), which YAML does not know, as characters.
// Texts that are not JSON stay as they are.
func joinSurrogates(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\ud`)) && !bytes.Contains(data, []byte(`\uD`)) || !json.Valid(data) {
		return data
	}
	unit := func(i int) (rune, bool) { // the \uXXXX at i
		if i+6 > len(data) || data[i] != '\\' || data[i+1] != 'u' {
			return 0, false
		}
		v, err := strconv.ParseUint(string(data[i+2:i+6]), 16, 16)
		return rune(v), err == nil
	}
	var out []byte
	for i := 0; i < len(data); {
		if data[i] != '\\' {
			out = append(out, data[i])
			i++
			continue
		}
		high, ok := unit(i)
		low, ok2 := unit(i + 6)
		if r := utf16.DecodeRune(high, low); ok && ok2 && r != utf8.RuneError {
			out = utf8.AppendRune(out, r)
			i += 12
			continue
		}
		out = append(out, data[i], data[i+1]) // JSON never ends in a backslash
		i += 2
	}
	return out
}

// expander replaces aliases and merge keys by copies of what they stand for, in place, and checks keys.
type expander struct {
	source   *source
	open     map[*yaml.Node]bool // mappings and lists that are being expanded
	copied   int
	marked   bool // there are anchors, aliases or merge keys
	problems Problems
}

func (x *expander) pos(n *yaml.Node) Pos { return Pos{x.source.name, n.Line, n.Column} }

func (x *expander) node(n *yaml.Node) *yaml.Node {
	x.marked = x.marked || n.Kind == yaml.AliasNode || n.Anchor != ""
	switch n.Kind {
	case yaml.AliasNode:
		return x.alias(n)
	case yaml.SequenceNode:
		x.open[n] = true
		for i, c := range n.Content {
			n.Content[i] = x.node(c)
		}
		delete(x.open, n)
	case yaml.MappingNode:
		x.open[n] = true
		for i, c := range n.Content {
			n.Content[i] = x.node(c)
		}
		delete(x.open, n)
		x.keys(n)
	}
	if tag := n.ShortTag(); n.Kind != yaml.ScalarNode && tag != "!!map" && tag != "!!seq" {
		x.problems.add(x.pos(n), "leave it out", "unknown YAML tag %s", n.Tag)
		n.Tag = ""
	}
	return n
}

func (x *expander) alias(n *yaml.Node) *yaml.Node {
	bad := &yaml.Node{Kind: yaml.ScalarNode, Tag: tagUnresolved, Line: n.Line, Column: n.Column}
	if x.open[n.Alias] {
		x.problems.add(x.pos(n), "", "the alias *%s stands within what it repeats", n.Value)
		return bad
	}
	if x.copied > bound.Parts {
		return bad
	}
	c := x.copy(n.Alias)
	if x.copied > bound.Parts {
		x.problems.add(x.pos(n), "", "the file's aliases stand for more than %d values", bound.Parts)
		return bad
	}
	return c
}

// copy copies an expanded node, unless there are too many already.
func (x *expander) copy(n *yaml.Node) *yaml.Node {
	x.copied++
	c := *n
	c.Anchor, c.Content = "", nil
	for _, child := range n.Content {
		if x.copied > bound.Parts {
			break
		}
		c.Content = append(c.Content, x.copy(child))
	}
	return &c
}

// keys merges what stands under "<<" into the mapping and reports keys that are no scalars or stand
// there twice.
func (x *expander) keys(n *yaml.Node) {
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	var content, merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case unresolved(key):
		case key.Kind != yaml.ScalarNode:
			x.problems.add(x.pos(key), "", "a key must be a scalar, found %s", found(key))
		case key.ShortTag() == "!!merge":
			x.marked = true
			merged = append(merged, x.merge(key, value)...)
		default:
			if first := seen[key.Value]; first != nil {
				x.problems.add(x.pos(key), "", "key %s stands twice: first in line %d, column %d", quoted(key.Value), first.Line, first.Column)
				continue
			}
			seen[key.Value] = key
			content = append(content, key, value)
		}
	}
	for i := 0; i < len(merged); i += 2 {
		if key := merged[i]; seen[key.Value] == nil {
			seen[key.Value] = key
			content = append(content, key, merged[i+1])
		}
	}
	n.Content = content
}

// merge gives keys and values of the mapping, or the list of mappings, under a merge key.
func (x *expander) merge(key, value *yaml.Node) []*yaml.Node {
	switch {
	case unresolved(value):
		return nil
	case value.Kind == yaml.MappingNode:
		return value.Content
	case value.Kind == yaml.SequenceNode:
		var all []*yaml.Node
		for _, c := range value.Content {
			if c.Kind == yaml.MappingNode {
				all = append(all, c.Content...)
			} else if !unresolved(c) {
				x.problems.add(x.pos(c), "", `<< merges mappings, found %s`, found(c))
			}
		}
		return all
	}
	x.problems.add(x.pos(key), "", `<< merges mappings, found %s`, found(value))
	return nil
}
