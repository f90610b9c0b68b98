package doccheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/blueprint"
)

// Schema makes the JSON Schema of the blueprint language. Docs are the generators' comments; the first
// sentence of each goes with the generator's arguments, for editors to show.
func Schema(docs map[string]string) ([]byte, error) {
	makers := Makers()
	out, err := blueprint.Schema(makers)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(makers)) {
		begin := []byte(fmt.Sprintf("\n    %q: {\n", "arguments."+name))
		if bytes.Count(out, begin) != 1 {
			return nil, fmt.Errorf("no definition of the arguments of %s", name)
		}
		text, err := json.Marshal(firstSentence(docs[name]))
		if err != nil {
			return nil, err
		}
		out = bytes.Replace(out, begin, fmt.Appendf(nil, "%s      \"description\": %s,\n", begin, text), 1)
	}
	return append(out, '\n'), nil
}

// firstSentence gives the first sentence of a text in Markdown, as plain text.
func firstSentence(s string) string {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, `\`, "")), " ")
	for i := range s {
		if strings.HasPrefix(s[i:], ". ") || s[i:] == "." {
			return s[:i+1]
		}
	}
	return s
}

// keyTable writes the properties of an object in the schema as a Markdown table. Path leads to the
// object.
func keyTable(schema []byte, path ...string) (string, error) {
	at := json.RawMessage(schema)
	for _, name := range path {
		var m map[string]json.RawMessage
		if i, err := strconv.Atoi(name); err == nil { // of a list
			var list []json.RawMessage
			if json.Unmarshal(at, &list) == nil && i < len(list) {
				at = list[i]
				continue
			}
		}
		if err := json.Unmarshal(at, &m); err != nil || m[name] == nil {
			return "", fmt.Errorf("the schema has nothing at %s", strings.Join(path, "."))
		}
		at = m[name]
	}
	names, err := keysOf(at)
	if err != nil {
		return "", err
	}
	var properties map[string]struct {
		Description string `json:"description"`
	}
	if err := json.Unmarshal(at, &properties); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| key | |\n|---|---|\n")
	for _, name := range names {
		text := properties[name].Description
		if text == "" {
			return "", fmt.Errorf("the schema has no description of %s", strings.Join(append(path, name), "."))
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, markdown(text))
	}
	return b.String(), nil
}

// keysOf gives the keys of a JSON object in its order.
func keysOf(object json.RawMessage) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var out []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("%v is no key", key)
		}
		out = append(out, name)
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return nil, err
		}
	}
	return out, nil
}
