package diagram

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/schema"
)

// Mermaid writes an entity relationship diagram for Mermaid.
func (d *Diagram) Mermaid(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "erDiagram")
	names := d.mermaidTables()
	for _, t := range d.Graph.Tables {
		for _, r := range d.Graph.Parents[t] {
			parent, child := "||", "o{"
			if r.Nullable {
				parent = "|o"
			}
			if isUnique(t, r.Columns) {
				child = "o|"
			}
			fmt.Fprintf(b, "  %s %s--%s %s : %s\n", names[r.To], parent, child, names[t], mermaidName(strings.Join(r.Columns, ", ")))
		}
	}
	for _, t := range d.Graph.Tables {
		if len(t.Columns) == 0 {
			fmt.Fprintf(b, "  %s\n", names[t])
			continue
		}
		fmt.Fprintf(b, "  %s {\n", names[t])
		for _, c := range t.Columns {
			fmt.Fprintf(b, "    %s %s%s\n", mermaidWord(shortTypes.Replace(strings.TrimPrefix(TypeText(c.Type), "public."))), mermaidWord(c.Name), mermaidKeys(t, c))
		}
		fmt.Fprintln(b, "  }")
	}
	return b.Flush()
}

func mermaidKeys(t *schema.Table, c *schema.Column) string {
	var keys []string
	if isKey(t, c.Name) {
		keys = append(keys, "PK")
	}
	for _, k := range t.References() {
		for _, name := range k.Columns {
			if name == c.Name && (len(keys) == 0 || keys[len(keys)-1] != "FK") {
				keys = append(keys, "FK")
			}
		}
	}
	if !isKey(t, c.Name) && isUnique(t, []string{c.Name}) {
		keys = append(keys, "UK")
	}
	if len(keys) == 0 {
		return ""
	}
	return " " + strings.Join(keys, ", ")
}

// mermaidName is a name in quotes, in which Mermaid takes everything but quotes, per cent signs, backslashes and what
// does not print.
func mermaidName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '"' || r == '%' || r == '\\' || r != ' ' && !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, s)
	if strings.TrimSpace(s) == "" {
		s += "_"
	}
	return `"` + s + `"`
}

// mermaidTables gives each table a name of its own, also where those of several become the same.
func (d *Diagram) mermaidTables() map[*schema.Table]string {
	names, taken := map[*schema.Table]string{}, map[string]bool{}
	for _, t := range d.Graph.Tables {
		name := mermaidName(d.Name(t))
		for n := 2; taken[name]; n++ {
			name = mermaidName(d.Name(t) + " " + strconv.Itoa(n))
		}
		names[t], taken[name] = name, true
	}
	return names
}

// mermaidWord is a type's or a column's name, of which Mermaid takes letters, digits and few signs: it begins
// with a letter.
func mermaidWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-()[]", r) {
			return r
		}
		return '_'
	}, strings.ReplaceAll(s, `"`, ""))
	if s == "" || !unicode.IsLetter([]rune(s)[0]) {
		s = "c" + s
	}
	return s
}

// DOT writes a graph for Graphviz: parents left, the keys of each table in its box.
func (d *Diagram) DOT(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n", dotName(d.Database.Name))
	fmt.Fprintln(b, `  graph [rankdir=RL, nodesep=0.3, ranksep=1];
  node [shape=plain, fontname="Helvetica", fontsize=10];
  edge [color="#64748b", fontname="Helvetica", fontsize=8];`)
	for _, t := range d.Graph.Tables {
		colour := "#e2e8f0"
		if d.Graph.Cyclic[t] {
			colour = "#fed7aa"
		}
		fmt.Fprintf(b, `  %s [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="4"><tr><td bgcolor="%s"><b>%s</b>  %s</td></tr>`, dotName(d.Name(t)), colour, htmlText(d.Name(t)), RowsText(t))
		for _, row := range keyColumns(t) {
			fmt.Fprintf(b, `<tr><td align="left">%s  %s</td></tr>`, htmlText(row.Name), htmlText(shortTypes.Replace(TypeText(row.Type))))
		}
		fmt.Fprintln(b, "</table>>];")
	}
	for _, t := range d.Graph.Tables {
		for _, r := range d.Graph.Parents[t] {
			style := ""
			if r.Nullable {
				style = ", style=dashed"
			}
			if d.SameCircle(t, r.To) {
				style += `, color="#ea580c"`
			}
			fmt.Fprintf(b, "  %s -> %s [label=%s%s];\n", dotName(d.Name(t)), dotName(d.Name(r.To)), dotName(strings.Join(r.Columns, ", ")), style)
		}
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

func dotName(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(shown.Text(s)) + `"`
}

func htmlText(s string) string { return html.EscapeString(shown.Text(s)) }

// keyColumns are the columns of keys: primary ones first, then those that refer.
func keyColumns(t *schema.Table) (cols []*schema.Column) {
	for _, c := range t.Columns {
		if isKey(t, c.Name) {
			cols = append(cols, c)
		}
	}
	for _, c := range t.Columns {
		if !isKey(t, c.Name) && refers(t, c.Name) {
			cols = append(cols, c)
		}
	}
	return cols
}

// refers tells whether the column is of a foreign key.
func refers(t *schema.Table, column string) bool {
	for _, k := range t.References() {
		for _, name := range k.Columns {
			if name == column {
				return true
			}
		}
	}
	return false
}
