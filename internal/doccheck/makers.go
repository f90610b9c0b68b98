package doccheck

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"strings"
	"testing/fstest"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
)

// Part fills each part of the table by a generator of its own. The name of a part that follows another
// table ("each") leads to the row that it follows: {cell: invoice.id}.
type Part struct {
	Parts blueprint.Ordered[blueprint.Generator] `yaml:"parts" short:"true" required:"true" desc:"name of a part: its generator; every part of the table is named, with null for one without a value"`
}

// DecodeNode implements blueprint.NodeDecoder.
func (m *Part) DecodeNode(d *blueprint.Decoder, n *yaml.Node) { d.Decode(n, &m.Parts) }

// Shapes implements blueprint.Shaped.
func (*Part) Shapes() []any { return []any{blueprint.Ordered[blueprint.Generator]{}} }

// Makers gives an empty maker of every generator of the language, by name; part's stands for what plan
// decodes by itself.
func Makers() map[string]any {
	out := map[string]any{plan.PartGenerator: new(Part)}
	for _, name := range gen.Names() {
		out[name] = gen.New(name)
	}
	return out
}

// module is the path that the packages' import paths begin with.
const module = "github.com/sowerdata/sower"

// generatorDocs gives the doc comment of every generator's type as Markdown, by the generator's name.
func generatorDocs(root fs.FS) (map[string]string, error) {
	byDir := map[string]map[string]string{}
	out := map[string]string{}
	for name, m := range Makers() {
		t := reflect.TypeOf(m).Elem()
		dir := strings.TrimPrefix(t.PkgPath(), module+"/")
		if byDir[dir] == nil {
			var err error
			if byDir[dir], err = typeDocs(root, dir); err != nil {
				return nil, err
			}
		}
		text, ok := strings.CutPrefix(byDir[dir][t.Name()], t.Name()+" ")
		if !ok {
			return nil, fmt.Errorf("generator %s: the comment of %s.%s does not begin with %q", name, dir, t.Name(), t.Name()+" ")
		}
		first, size := utf8.DecodeRuneInString(text)
		out[name] = string(unicode.ToUpper(first)) + text[size:]
	}
	return out, nil
}

// typeDocs gives the doc comments of a folder's types as Markdown, by type.
func typeDocs(root fs.FS, dir string) (map[string]string, error) {
	names, err := fs.Glob(root, path.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE || decl.Doc == nil {
				continue
			}
			for _, s := range decl.Specs {
				var p comment.Parser
				var pr comment.Printer
				out[s.(*ast.TypeSpec).Name.Name] = strings.TrimSpace(string(pr.Markdown(p.Parse(decl.Doc.Text()))))
			}
		}
	}
	return out, nil
}

// argument is an argument of a generator.
type argument struct {
	name     string // with dots between the levels
	typ      string // in words
	text     string // what it means
	required bool
}

// argumentsOf gives a maker's arguments, those of nested mappings behind the one that holds them; short
// is the name of the one that stands for all of them.
func argumentsOf(maker any) (args []argument, short string, err error) {
	return structArguments(reflect.TypeOf(maker).Elem(), "")
}

func structArguments(t reflect.Type, prefix string) (args []argument, short string, err error) {
	if shaped, ok := reflect.New(t).Interface().(blueprint.Shaped); ok {
		typ, err := shapes(shaped.Shapes())
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", t, err)
		}
		for f := range t.Fields() {
			if f.Tag.Get("short") == "true" {
				return []argument{{"", typ, f.Tag.Get("desc"), f.Tag.Get("required") == "true"}}, "", nil
			}
		}
		return nil, "", fmt.Errorf("%s decodes itself and has no field with the tag short that says what it takes", t)
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.Anonymous && options == "inline" {
			inner, _, err := structArguments(f.Type, prefix)
			if err != nil {
				return nil, "", err
			}
			args = append(args, inner...)
			continue
		}
		if name == "" {
			continue
		}
		typ, nested, err := typeWords(f.Type)
		if err != nil {
			return nil, "", fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			typ = strings.ReplaceAll(enum, ",", ", ")
		}
		if f.Tag.Get("desc") == "" {
			return nil, "", fmt.Errorf("%s.%s: the tag desc is missing", t, f.Name)
		}
		if f.Tag.Get("short") == "true" {
			short = name
		}
		args = append(args, argument{prefix + name, typ, f.Tag.Get("desc"), f.Tag.Get("required") == "true"})
		if nested != nil {
			inner, _, err := structArguments(nested, prefix+name+".")
			if err != nil {
				return nil, "", err
			}
			args = append(args, inner...)
		}
	}
	return args, short, nil
}

func shapes(all []any) (string, error) {
	var out []string
	for _, s := range all {
		typ, _, err := typeWords(reflect.TypeOf(s))
		if err != nil {
			return "", err
		}
		out = append(out, typ)
	}
	return strings.Join(out, ", or "), nil
}

// plurals are the types in words, for one and for several.
var plurals = map[reflect.Type][2]string{
	reflect.TypeFor[blueprint.Value]():     {"value", "values"},
	reflect.TypeFor[blueprint.Generator](): {"generator", "generators"},
	reflect.TypeFor[blueprint.DateTime]():  {"date and time", "dates and times"},
	reflect.TypeFor[blueprint.Duration]():  {"duration", "durations"},
	reflect.TypeFor[string]():              {"text", "texts"},
	reflect.TypeFor[bool]():                {"true or false", ""},
	reflect.TypeFor[int]():                 {"integer", "integers"},
	reflect.TypeFor[int64]():               {"integer", "integers"},
	reflect.TypeFor[float64]():             {"number", "numbers"},
}

// typeWords says in words what a type takes; nested is the struct of a mapping.
func typeWords(t reflect.Type) (words string, nested reflect.Type, err error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if w, ok := plurals[t]; ok {
		return w[0], nil, nil
	}
	if t.Kind() == reflect.Slice {
		elem, kind := t.Elem(), "list of "
		if elem.PkgPath() == reflect.TypeFor[blueprint.Value]().PkgPath() && strings.HasPrefix(elem.Name(), "Entry[") {
			f, _ := elem.FieldByName("Value")
			elem, kind = f.Type, "mapping to "
		}
		if w := plurals[elem][1]; w != "" {
			return kind + w, nil, nil
		}
	}
	if t.Kind() == reflect.Struct {
		words = "mapping"
		for f := range t.Fields() {
			if f.Tag.Get("short") == "true" {
				inner, _, err := typeWords(f.Type)
				if err != nil {
					return "", nil, err
				}
				words = inner + ", or a mapping"
			}
		}
		return words, t, nil
	}
	return "", nil, fmt.Errorf("the type %s has no words in internal/doccheck", t)
}

// markdown escapes a text for a cell of a Markdown table.
func markdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "|", `\|`, "\n", " ").Replace(s)
}

// argumentTable writes the arguments as a Markdown table, and says what the short form is.
func argumentTable(name string, maker any) (string, error) {
	args, short, err := argumentsOf(maker)
	if err != nil || len(args) == 0 {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| argument | type | | |\n|---|---|---|---|\n")
	for _, a := range args {
		required := ""
		if a.required {
			required = "required"
		}
		label := "`" + a.name + "`"
		if a.name == "" {
			label = "(the whole)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", label, markdown(a.typ), required, markdown(a.text))
	}
	var notes []string
	if short != "" {
		notes = append(notes, fmt.Sprintf("`{%s: ...}` without a mapping is `{%s: {%s: ...}}`.", name, name, short))
	}
	if standsAlone(name) {
		notes = append(notes, fmt.Sprintf("`%s` alone takes the defaults.", name))
	}
	if len(notes) > 0 {
		b.WriteString("\n" + strings.Join(notes, " ") + "\n")
	}
	return b.String(), nil
}

// standsAlone tells whether a generator needs no arguments.
func standsAlone(name string) bool {
	text := "sower: 1\ntables: {t: {rows: 1, columns: {c: " + name + "}}}\n"
	_, err := planFile(fstest.MapFS{"t.yaml": {Data: []byte(text)}}, "t.yaml")
	return err == nil
}
