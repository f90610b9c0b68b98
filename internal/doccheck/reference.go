package doccheck

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// The hand-written part of the reference. A line <!-- word argument --> is replaced: keys NAME by the
// table of a mapping's keys, example NAME by an example with its rows, mistakes by a wrong blueprint
// with its messages, generators by all generators.
//
//go:embed blueprint.tmpl.md
var referenceTemplate string

// mistakesFolder holds a blueprint that shows what messages look like.
//
//go:embed mistakes.yaml
var mistakesFolder embed.FS

var directive = regexp.MustCompile(`^<!-- (\w+)(?: (\w+))? -->$`)

// keyPaths are the places in the schema of the mappings that "keys" names.
var keyPaths = map[string][]string{
	"file":      {"properties"},
	"parameter": {"properties", "parameters", "additionalProperties", "properties"},
	"table":     {"properties", "tables", "additionalProperties", "properties"},
	"part":      {"properties", "tables", "additionalProperties", "properties", "parts", "additionalProperties", "properties"},
	"check":     {"properties", "tables", "additionalProperties", "properties", "checks", "additionalProperties", "properties"},
	"set":       {"properties", "tables", "additionalProperties", "properties", "unique", "items", "anyOf", "1", "properties"},
	"fixed":     {"properties", "tables", "additionalProperties", "properties", "fixed", "additionalProperties", "properties"},
}

// blueprintReference writes the reference of the language.
func blueprintReference(docs map[string]string, ex *examples, schema []byte) ([]byte, error) {
	shown := map[string]bool{}
	var b strings.Builder
	for line := range strings.Lines(referenceTemplate) {
		m := directive.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			b.WriteString(line)
			continue
		}
		var text string
		var err error
		switch word, name := m[1], m[2]; {
		case word == "keys" && keyPaths[name] != nil:
			text, err = keyTable(schema, keyPaths[name]...)
		case word == "example" && ex.named(name) != nil:
			shown[name] = true
			text = exampleText(ex.named(name))
		case word == "mistakes":
			text, err = mistakes()
		case word == "generators":
			text, err = generators(docs, ex, shown)
		default:
			err = fmt.Errorf("%s is unknown", strings.TrimSpace(line))
		}
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	for _, x := range ex.all {
		if !shown[x.name] {
			return nil, fmt.Errorf("the example %s is shown nowhere: it is named neither like a generator nor in blueprint.tmpl.md", x.name)
		}
	}
	return []byte(b.String()), nil
}

func exampleText(x *example) string {
	return "```yaml\n" + x.text + "```\n\n```text\n" + x.rows + "```\n"
}

// generators writes a section for each generator, by themes in the order of the examples.
func generators(docs map[string]string, ex *examples, shown map[string]bool) (string, error) {
	makers := Makers()
	var b, contents strings.Builder
	theme := ""
	for _, x := range ex.all {
		if makers[x.name] == nil {
			continue
		}
		if x.theme != theme {
			theme = x.theme
			fmt.Fprintf(&b, "\n## %s\n", theme)
			fmt.Fprintf(&contents, "\n- %s:", theme)
		}
		table, err := argumentTable(x.name, makers[x.name])
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&contents, " [%s](#%s)", x.name, x.name)
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", x.name, docs[x.name])
		if table != "" {
			b.WriteString(table + "\n")
		}
		b.WriteString(exampleText(x))
		shown[x.name] = true
	}
	var missing []string
	for _, name := range plan.Generators() {
		if !shown[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("no example of %s in %s", strings.Join(missing, ", "), examplesFile)
	}
	return strings.TrimPrefix(contents.String(), "\n") + "\n" + b.String(), nil
}

// mistakes shows a wrong blueprint and what is said of it.
func mistakes() (string, error) {
	const name = "mistakes.yaml"
	text, err := mistakesFolder.ReadFile(name)
	if err != nil {
		return "", err
	}
	_, err = planFile(mistakesFolder, name)
	var ps blueprint.Problems
	if !errors.As(err, &ps) {
		return "", fmt.Errorf("%s: want problems, got %v", name, err)
	}
	return "```yaml\n" + string(text) + "```\n\n```text\n" + ps.Error() + "\n```\n", nil
}
