package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/bound"
)

// configFile is a read config file: values by the paths of their keys.
type configFile struct {
	values  map[string]blueprint.Given
	notices []string
}

func (c *configFile) lookup(p *blueprint.Parameter) (blueprint.Given, bool) {
	g, ok := c.values[configPath(p)]
	return g, ok
}

// configPath is the path of a parameter's key, with dots between the levels.
func configPath(p *blueprint.Parameter) string {
	if p.Config != "" {
		return p.Config
	}
	return p.Name
}

// configNode is a value of the file: a scalar, a list (whose elements do not matter), or a mapping.
type configNode struct {
	kind  configKind
	value any // of a scalar: nil, bool, number or text
	keys  []configKey
	line  int
}

type configKind uint8

const (
	configScalar configKind = iota
	configList
	configMapping
)

type configKey struct {
	name string
	line int
	node *configNode
}

// maxConfigSize is the size of a config file in bytes.
const maxConfigSize = 4 << 20

// readConfig reads a config file; name may be "". Keys beside those of the parameters are mistakes in
// the mappings that have such keys; at the top level, others are somebody else's.
func readConfig(name string, params []*blueprint.Parameter) (*configFile, error) {
	c := &configFile{values: map[string]blueprint.Given{}}
	if name == "" {
		return c, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usage("%s", fileProblem("read the config file", name, err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfigSize+1))
	switch {
	case err != nil:
		return nil, usage("%s", fileProblem("read the config file", name, err))
	case len(data) > maxConfigSize:
		return nil, usage("config file %s: larger than %d MB", name, maxConfigSize>>20)
	}
	root, problem := parseConfig(name, bytes.TrimPrefix(data, []byte("\ufeff")))
	if problem != nil {
		return nil, blueprint.Problems{*problem}
	}
	r := configReader{file: name, out: c, known: map[string]bool{}}
	for _, p := range params {
		r.known[configPath(p)] = true
	}
	r.mapping(root, "")
	return c, r.problems.Err()
}

// configReader takes the known keys out of a config file.
type configReader struct {
	file     string
	known    map[string]bool // paths of the keys
	out      *configFile
	problems blueprint.Problems
}

func (r *configReader) problem(line int, suggestion, format string, args ...any) {
	r.problems = append(r.problems, blueprint.Problem{
		Pos: blueprint.Pos{File: r.file, Line: line}, Message: fmt.Sprintf(format, args...), Suggestion: suggestion,
	})
}

// mapping reads the keys of a mapping at a path, "" for the top level.
func (r *configReader) mapping(n *configNode, at string) {
	if n.kind == configScalar && n.value == nil {
		return
	}
	if n.kind != configMapping {
		name := at
		if name == "" {
			name = "the file"
		}
		r.problem(n.line, "", "%s: want keys with values", name)
		return
	}
	seen := map[string]int{}
	for _, k := range n.keys {
		path := k.name
		if at != "" {
			path = at + "." + k.name
		}
		section := r.section(path)
		if first := seen[k.name]; first > 0 && (at != "" || section || r.known[path]) {
			r.problem(k.line, "", "key %q stands twice: first in line %d", path, first)
			continue
		}
		seen[k.name] = k.line
		switch {
		case r.known[path]:
			r.take(path, k)
		case section:
			r.mapping(k.node, path)
		case at != "":
			r.problem(k.line, didYouMean(k.name, r.siblings(at)), "unknown key %q in %s", k.name, at)
		default:
			if s := blueprint.Suggest(k.name, r.siblings("")); s != "" {
				r.out.notices = append(r.out.notices, fmt.Sprintf("%s:%d: key %q is not used: did you mean %q?", r.file, k.line, k.name, s))
			}
		}
	}
}

func didYouMean(name string, known []string) string {
	if s := blueprint.Suggest(name, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

func (r *configReader) take(path string, k configKey) {
	switch {
	case k.node.kind != configScalar:
		r.problem(k.line, "", "%s: want one value, not a list or a mapping", path)
	case k.node.value != nil:
		r.out.values[path] = blueprint.Given{Value: k.node.value, Source: fmt.Sprintf("config file %s:%d", r.file, k.line)}
	}
}

// section tells whether known keys lie below a path.
func (r *configReader) section(path string) bool {
	for k := range r.known {
		if strings.HasPrefix(k, path+".") {
			return true
		}
	}
	return false
}

// siblings are the names that keys may have in the mapping at a path.
func (r *configReader) siblings(at string) []string {
	var names []string
	for k := range r.known {
		rest, ok := k, true
		if at != "" {
			rest, ok = strings.CutPrefix(k, at+".")
		}
		if name, _, _ := strings.Cut(rest, "."); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// parseConfig reads JSON where the text begins like it, else YAML.
func parseConfig(name string, data []byte) (*configNode, *blueprint.Problem) {
	fail := func(line, column int, format string, args ...any) (*configNode, *blueprint.Problem) {
		return nil, &blueprint.Problem{Pos: blueprint.Pos{File: name, Line: line, Column: column}, Message: fmt.Sprintf(format, args...)}
	}
	if strings.HasSuffix(strings.ToLower(name), ".json") {
		j := jsonConfig{dec: json.NewDecoder(bytes.NewReader(data)), data: data}
		j.dec.UseNumber()
		n, err := j.value()
		if err == nil {
			if _, more := j.dec.Token(); more != io.EOF {
				err = errors.New("something stands behind the end")
			}
		}
		if err != nil {
			line, column := j.place(err)
			return fail(line, column, "the JSON cannot be read: %s", jsonReason(err))
		}
		return n, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		line, text := yamlReason(err)
		return fail(line, 0, "the YAML cannot be read: %s", text)
	}
	if doc.Kind == 0 {
		return &configNode{}, nil
	}
	nodes := 0
	n, err := yamlConfig(doc.Content[0], &nodes)
	if err != nil {
		return fail(doc.Content[0].Line, 0, "%v", err)
	}
	return n, nil
}

// jsonConfig reads JSON with the lines of its keys.
type jsonConfig struct {
	dec   *json.Decoder
	data  []byte
	depth int
}

func (j *jsonConfig) line() int { return 1 + bytes.Count(j.data[:j.dec.InputOffset()], []byte("\n")) }

// place gives line and column of an error.
func (j *jsonConfig) place(err error) (line, column int) {
	at := int(j.dec.InputOffset())
	var se *json.SyntaxError
	if errors.As(err, &se) {
		at = max(int(se.Offset)-1, 0)
	}
	at = min(at, len(j.data))
	return 1 + bytes.Count(j.data[:at], []byte("\n")), at - bytes.LastIndexByte(j.data[:at], '\n')
}

func jsonReason(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

func (j *jsonConfig) value() (*configNode, error) {
	if j.depth++; j.depth > bound.Depth {
		return nil, bound.Deep()
	}
	defer func() { j.depth-- }()
	tok, err := j.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &configNode{line: j.line(), value: tok}
	switch tok {
	case json.Delim('{'):
		n.kind, n.value = configMapping, nil
		for j.dec.More() {
			key, err := j.dec.Token()
			if err != nil {
				return nil, err
			}
			k := configKey{name: key.(string), line: j.line()}
			if k.node, err = j.value(); err != nil {
				return nil, err
			}
			n.keys = append(n.keys, k)
		}
		_, err = j.dec.Token()
	case json.Delim('['):
		n.kind, n.value = configList, nil
		for j.dec.More() {
			if _, err := j.value(); err != nil {
				return nil, err
			}
		}
		_, err = j.dec.Token()
	default:
		if num, ok := tok.(json.Number); ok {
			n.value = number(string(num))
		}
	}
	return n, err
}

// number reads a number as an integer where it is one.
func number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	return text
}

// yamlConfig converts a YAML node. Times stay texts.
func yamlConfig(y *yaml.Node, nodes *int) (*configNode, error) {
	if *nodes++; *nodes > bound.Parts { // those of aliases counted each time
		return nil, bound.Large()
	}
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	n := &configNode{line: y.Line}
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = configMapping
		for i := 0; i+1 < len(y.Content); i += 2 {
			k := configKey{name: y.Content[i].Value, line: y.Content[i].Line}
			var err error
			if k.node, err = yamlConfig(y.Content[i+1], nodes); err != nil {
				return nil, err
			}
			n.keys = append(n.keys, k)
		}
	case yaml.SequenceNode:
		n.kind = configList
	case yaml.ScalarNode:
		switch y.ShortTag() {
		case "!!null":
		case "!!bool":
			var b bool
			if err := y.Decode(&b); err != nil {
				return nil, fmt.Errorf("line %d: %w", y.Line, err)
			}
			n.value = b
		case "!!int":
			var v any
			if err := y.Decode(&v); err != nil {
				return nil, fmt.Errorf("line %d: %w", y.Line, err)
			}
			n.value = v
		case "!!float":
			n.value = number(y.Value)
		default:
			n.value = y.Value
		}
	}
	return n, nil
}

var yamlLine = regexp.MustCompile(`line (\d+)(?:, column \d+)?: `)

// yamlReason takes the line out of the parser's message.
func yamlReason(err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = strings.Replace(text, m[0], "", 1)
	}
	return line, strings.ReplaceAll(text, "\n", " ")
}
