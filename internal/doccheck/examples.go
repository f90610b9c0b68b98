package doccheck

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// examples are the examples of examplesFile.
type examples struct {
	head   string // what stands before them: parameters and pools
	themes []string
	all    []*example
}

// example is one of the examples: the tables of a few lines of the file.
type example struct {
	name   string
	theme  string
	text   string   // as in the file, without the indentation
	tables []string // their names
	rows   string   // the first rows of the last table
}

var (
	themeLine   = regexp.MustCompile(`^  # == (.+)$`)
	exampleLine = regexp.MustCompile(`^  # -- (\w+)$`)
	tableLine   = regexp.MustCompile(`^  (\w+):$`)
)

// readExamples reads the file, and makes the rows of every example.
func readExamples(root fs.FS) (*examples, error) {
	text, err := fs.ReadFile(root, examplesFile)
	if err != nil {
		return nil, err
	}
	e, err := splitExamples(string(text))
	if err != nil {
		return nil, err
	}
	p, err := planFile(root, examplesFile)
	if err != nil {
		return nil, err
	}
	for _, x := range e.all {
		if x.rows, err = firstRows(p, x.tables[len(x.tables)-1]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// splitExamples takes the file apart.
func splitExamples(text string) (*examples, error) {
	e := &examples{}
	var at *example
	var head strings.Builder
	for i, line := range strings.Split(text, "\n") {
		wrong := func(what string) error { return fmt.Errorf("%s:%d: %s", examplesFile, i+1, what) }
		if m := themeLine.FindStringSubmatch(line); m != nil {
			e.themes, at = append(e.themes, m[1]), nil
			continue
		}
		if m := exampleLine.FindStringSubmatch(line); m != nil {
			if len(e.themes) == 0 {
				return nil, wrong("an example before the first theme")
			}
			if e.named(m[1]) != nil {
				return nil, wrong("a second example " + m[1])
			}
			at = &example{name: m[1], theme: e.themes[len(e.themes)-1]}
			e.all = append(e.all, at)
			continue
		}
		switch {
		case at != nil:
			if m := tableLine.FindStringSubmatch(line); m != nil {
				at.tables = append(at.tables, m[1])
			}
			at.text += strings.TrimPrefix(line, "  ") + "\n"
		case len(e.themes) == 0:
			head.WriteString(line + "\n")
		case line != "":
			return nil, wrong("neither a theme nor an example begins here")
		}
	}
	e.head = strings.TrimRight(head.String(), "\n") + "\n"
	for _, x := range e.all {
		x.text = strings.TrimRight(x.text, "\n") + "\n"
		if len(x.tables) == 0 {
			return nil, fmt.Errorf("%s: the example %s has no table", examplesFile, x.name)
		}
	}
	return e, nil
}

// named finds an example, or gives nil.
func (e *examples) named(name string) *example {
	for _, x := range e.all {
		if x.name == name {
			return x
		}
	}
	return nil
}

// alone gives the blueprint of one example: the head and its tables.
func (e *examples) alone(x *example) string {
	return e.head + "  " + strings.ReplaceAll(strings.TrimSuffix(x.text, "\n"), "\n", "\n  ") + "\n"
}

// planFile opens, resolves and plans a blueprint.
func planFile(files fs.FS, name string) (*plan.Plan, error) {
	doc, err := blueprint.Open(files, name)
	if err != nil {
		return nil, err
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return nil, err
	}
	return plan.Build(b, nil, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
}

// Short tables are shown whole, of others the first rows.
const wholeRows, someRows = 8, 5

// firstRows makes the first rows of a table and lays them out.
func firstRows(p *plan.Plan, table string) (string, error) {
	t := p.Table(table)
	if t == nil {
		return "", fmt.Errorf("the examples have no table %s", table)
	}
	n := t.Rows
	if n > wholeRows {
		n = someRows
	}
	var m rows.Maker
	b, err := m.Batch(t, t.Out, 0, int(n))
	if err != nil {
		return "", err
	}
	return layOut(b), nil
}

// cellWidth is the width of a cell at most; where it is longer, an ellipsis ends it.
const cellWidth = 64

// layOut writes a batch as a text with aligned columns. A null is "·".
func layOut(b *column.Batch) string {
	cells := make([][]string, b.N+1)
	for c, v := range b.Vecs {
		cells[0] = append(cells[0], b.Names[c])
		for r := range b.N {
			cells[r+1] = append(cells[r+1], cellText(v, r))
		}
	}
	widths := make([]int, len(b.Vecs))
	for _, line := range cells {
		for c, s := range line {
			widths[c] = max(widths[c], utf8.RuneCountInString(s))
		}
	}
	var out strings.Builder
	for _, line := range cells {
		var l strings.Builder
		for c, s := range line {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(s))
			if k := b.Vecs[c].Kind; k == column.Int || k == column.Decimal || k == column.Float {
				s = pad + s
			} else {
				s += pad
			}
			l.WriteString(s + "  ")
		}
		out.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	return out.String()
}

func cellText(v *column.Vec, i int) string {
	if v.Null(i) {
		return "·"
	}
	s := strings.ReplaceAll(v.String(i), "\n", "↵")
	if utf8.RuneCountInString(s) > cellWidth {
		s = string([]rune(s)[:cellWidth-1]) + "…"
	}
	return s
}
