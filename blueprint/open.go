package blueprint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

const (
	maxIncludeDepth = 16
	maxIncludes     = 100 // files
)

// languageVersion is the version of the blueprint language that this package reads.
const languageVersion = 1

// dialects are the keys of ddl.
var dialects = []string{"postgres", "sqlite"}

// fileOf is a blueprint file. P and T are what its pools and tables are decoded to: Open leaves them
// alone, for they may hold ${...}.
type fileOf[P, T any] struct {
	Schema      string                 `yaml:"$schema" desc:"The address of this schema, for editors."`
	Sower       int64                  `yaml:"sower" desc:"The version of the blueprint language: 1."`
	Name        string                 `yaml:"name" desc:"The blueprint's name."`
	Description string                 `yaml:"description" desc:"What data it makes, in a sentence."`
	Include     []fileText             `yaml:"include" desc:"Files with further parameters, pools and tables, relative to this file and below the blueprint's folder."`
	DDL         Ordered[fileText]      `yaml:"ddl" desc:"SQL files that make the schema, by dialect (postgres, sqlite)."`
	Database    fileText               `yaml:"database" desc:"A file that sower init saved: the schema that this blueprint is for. Commands that name no database go by it."`
	Charts      []fileChart            `yaml:"charts" desc:"Bars that sower generate shows when a run is complete."`
	Parameters  Ordered[fileParameter] `yaml:"parameters" desc:"Values that a run can set; elsewhere ${name} and expressions such as ${round(name / 2)} use them."`
	Pools       Ordered[P]             `yaml:"pools" desc:"Named lists of texts to draw from."`
	Tables      Ordered[T]             `yaml:"tables" desc:"What to make, by table: name or schema.name."`
}

// fileText is a text with its place.
type fileText struct {
	text string
	pos  Pos
}

// DecodeNode implements NodeDecoder.
func (t *fileText) DecodeNode(d *Decoder, n *yaml.Node) {
	if !isText(n) {
		d.wants(n, "", "a text")
		return
	}
	*t = fileText{n.Value, d.pos(n)}
}

// Document is an opened blueprint whose parameters have no values yet.
type Document struct {
	DDL      map[string]string // dialect -> path of a DDL file below the folder
	Database string            // path of the saved schema below the folder; "" for none

	name, description string
	charts            []fileChart
	params            []*Parameter
	pools, tables     []Entry[*yaml.Node]
	files             fs.FS
	prefix            string    // of file names in positions
	sources           []*source // the main file and its includes
	main              *tree     // of the main file
	origin            origin
	problems          Problems
}

// Open reads a blueprint and its includes from files, where name is the main file's path. An error that
// is no Problems says that the file cannot be read.
//
// If the mistakes leave something to look at, the Document is not nil beside an error of type Problems:
// Check then gives these and all further mistakes at once. Resolve refuses such a Document.
func Open(files fs.FS, name string) (*Document, error) {
	return open(files, name, "", nil)
}

// OpenPath opens the blueprint file at a path of the operating system. Only files below its folder can be
// read, through symbolic links too.
func OpenPath(name string) (*Document, error) {
	folder, base := filepath.Split(filepath.Clean(name))
	root, err := os.OpenRoot(filepath.Clean(folder))
	if err != nil {
		return nil, fmt.Errorf("open blueprint: %w", err)
	}
	// The root stays open as long as something reads from its FS; the runtime closes it then.
	return open(root.FS(), base, filepath.ToSlash(folder), nil)
}

// open opens a blueprint; before is what its main file said before an edit, nil where that is not known.
func open(files fs.FS, name, prefix string, before *tree) (*Document, error) {
	d := &Document{files: files, prefix: prefix, DDL: make(map[string]string)}
	data, err := readFile(files, name, maxFileSize)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err // its path lacks the folder
		}
		return nil, fmt.Errorf("open blueprint %s: %w", prefix+name, err)
	}
	main := &source{name: prefix + name, path: name, data: data}
	d.origin = origin{main: main, files: make(map[*yaml.Node]*source), exprs: make(map[*yaml.Node]string)}
	l := loader{
		doc: d, seen: map[string]bool{name: true},
		params: make(map[string]Pos), pools: make(map[string]Pos), tables: make(map[string]Pos),
	}
	d.name = strings.TrimSuffix(path.Base(name), path.Ext(name))
	if !l.load(main, 0, before) {
		return nil, d.problems.Err()
	}
	return d, d.problems.Err()
}

// Parameters gives the declared parameters, without values.
func (d *Document) Parameters() []*Parameter { return slices.Clone(d.params) }

// Name gives the blueprint's name: its file's, without the ending, where it has none.
func (d *Document) Name() string { return d.name }

// Description gives the blueprint's description.
func (d *Document) Description() string { return d.description }

// Missing gives the required parameters that have no value.
func (d *Document) Missing(values map[string]Given) []*Parameter {
	var missing []*Parameter
	for _, p := range d.params {
		if _, given := values[p.Name]; p.Required && p.Default == nil && !given {
			missing = append(missing, p)
		}
	}
	return missing
}

// loader reads the main file and its includes into a Document.
type loader struct {
	doc   *Document
	seen  map[string]bool // paths that have been read or are being read
	stack []string        // paths of the files that include one another down to this one

	params, pools, tables map[string]Pos // what has been declared, and where
}

// load parses a file and takes over what it declares, its includes first; false where it is no YAML.
func (l *loader) load(s *source, depth int, before *tree) bool {
	d := l.doc
	read, problems := s.parse(before)
	d.sources = append(d.sources, s)
	d.problems = append(d.problems, problems...)
	if read == nil || read.root == nil {
		return false
	}
	root := read.root
	if depth == 0 {
		d.main = read
	} else {
		d.origin.setFile(root, s)
	}
	dec := d.origin.decoder(nil)
	if root.Kind != yaml.MappingNode {
		dec.problem(d.origin.pos(root), `begin with "sower: 1"`, "want a blueprint, found %s", found(root))
		d.problems = append(d.problems, dec.problems...)
		return true
	}
	l.literal(root)
	var file fileOf[*yaml.Node, *yaml.Node]
	dec.Decode(root, &file)
	l.header(dec, root, &file, depth)
	d.problems = append(d.problems, dec.problems...)

	l.stack = append(l.stack, s.path)
	for _, inc := range file.Include {
		l.include(s, inc, depth)
	}
	l.stack = l.stack[:len(l.stack)-1]

	dec.problems = nil
	for _, e := range file.Parameters {
		if first, twice := l.params[e.Key]; twice {
			dec.problem(e.Pos, "", "parameter %q stands twice: first at %s", e.Key, first)
			continue
		}
		l.params[e.Key] = e.Pos
		d.params = append(d.params, dec.parameter(e))
	}
	d.pools = append(d.pools, dec.unique("pool", file.Pools, l.pools)...)
	d.tables = append(d.tables, dec.unique("table", file.Tables, l.tables)...)
	d.problems = append(d.problems, dec.problems...)
	return true
}

// unique gives the entries whose names are not in seen, and adds them to it.
func (d *Decoder) unique(what string, entries []Entry[*yaml.Node], seen map[string]Pos) (out []Entry[*yaml.Node]) {
	for _, e := range entries {
		if first, twice := seen[e.Key]; twice {
			d.problem(e.Pos, "", "%s %q stands twice: first at %s", what, e.Key, first)
			continue
		}
		seen[e.Key] = e.Pos
		out = append(out, e)
	}
	return out
}

// header takes over the version, the name, the description and the DDL files, which belong to the main
// file alone.
func (l *loader) header(dec *Decoder, root *yaml.Node, file *fileOf[*yaml.Node, *yaml.Node], depth int) {
	d := l.doc
	version := lookup(root, "sower")
	switch {
	case version != nil && file.Sower != 0 && file.Sower != languageVersion:
		dec.problem(dec.pos(version), fmt.Sprintf("this program reads version %d", languageVersion),
			"sower: %d is an unknown version of the language", file.Sower)
	case version == nil && depth == 0:
		dec.problem(dec.pos(root), fmt.Sprintf(`begin with "sower: %d", the language's version`, languageVersion), `"sower" is missing`)
	}
	if depth > 0 {
		for i := 0; i+1 < len(root.Content); i += 2 {
			if key := root.Content[i]; slices.Contains([]string{"name", "description", "ddl", "database", "charts"}, key.Value) {
				dec.problem(dec.pos(key), "", "%q belongs to the main file, not to an included one", key.Value)
			}
		}
		return
	}
	if file.Name != "" {
		d.name = file.Name
	}
	d.description, d.charts = file.Description, file.Charts
	for _, e := range file.DDL {
		if !slices.Contains(dialects, e.Key) {
			dec.problem(e.Pos, orElse(didYouMean(e.Key, dialects), "there are "+strings.Join(dialects, ", ")),
				"ddl: unknown dialect %q", e.Key)
			continue
		}
		name, err := below("", e.Value.text)
		if err == nil {
			var info fs.FileInfo
			if info, err = fs.Stat(d.files, name); err == nil && info.IsDir() {
				err = fmt.Errorf("a folder, not a file")
			}
		}
		switch {
		case e.Value.pos == Pos{}: // reported by the decoder
		case err != nil:
			dec.problem(e.Value.pos, "", "ddl %s: %s", quoted(e.Value.text), fileError(err))
		default:
			d.DDL[e.Key] = name
		}
	}
	if at := file.Database.pos; at != (Pos{}) { // who needs the file says whether it is there
		name, err := below("", file.Database.text)
		if err != nil {
			dec.problem(at, "", "database %s: %s", quoted(file.Database.text), fileError(err))
		}
		d.Database = name
	}
}

// include reads an included file.
func (l *loader) include(from *source, inc fileText, depth int) {
	d := l.doc
	if inc.pos == (Pos{}) { // reported by the decoder
		return
	}
	problem := func(format string, args ...any) {
		d.problems.add(inc.pos, "", "include %s: %s", quoted(inc.text), fmt.Sprintf(format, args...))
	}
	name, err := below(path.Dir(from.path), inc.text)
	switch {
	case err != nil:
		problem("%v", err)
		return
	case slices.Contains(l.stack, name):
		problem("the files include one another: %s", strings.Join(append(l.stack[slices.Index(l.stack, name):], name), " -> "))
		return
	case l.seen[name]:
		return
	case depth >= maxIncludeDepth:
		problem("includes are nested more than %d deep", maxIncludeDepth)
		return
	case len(l.seen) > maxIncludes:
		problem("more than %d included files", maxIncludes)
		return
	}
	l.seen[name] = true
	data, err := readFile(d.files, name, maxFileSize)
	if err != nil {
		problem("%s", fileError(err))
		return
	}
	l.load(&source{name: d.prefix + name, path: name, data: data}, depth+1, nil)
}

// below gives the path of a file that a file in folder dir names. It must not leave the blueprint's folder.
func below(dir, name string) (string, error) {
	clean := path.Join(dir, name)
	switch {
	case name == "":
		return "", fmt.Errorf("a path is missing")
	case path.IsAbs(name) || filepath.IsAbs(name):
		return "", fmt.Errorf("the path must be relative")
	case strings.Contains(name, `\`):
		return "", fmt.Errorf("folders are set apart by /, not by a backslash")
	case !fs.ValidPath(clean) || clean == ".":
		return "", fmt.Errorf("the path leaves the blueprint's folder")
	}
	return clean, nil
}

// literal prepares the scalars that stand outside of pools and tables: they take no ${...}, for they are
// read before parameters have values.
func (l *loader) literal(root *yaml.Node) {
	d := l.doc
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i].Value
		if key == "pools" || key == "tables" {
			continue
		}
		walkScalars(root.Content[i+1], func(n *yaml.Node) {
			if !isText(n) || !strings.Contains(n.Value, "${") {
				return
			}
			pieces, _ := splitExprs(n.Value)
			for _, p := range pieces {
				if p.expr {
					d.problems.add(d.origin.pos(n), "for the two characters themselves write $${", "%s: ${...} works in pools and tables only", key)
					n.Tag = tagUnresolved
					return
				}
			}
			n.Value = pieces.text()
		})
	}
}
