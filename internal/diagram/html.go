package diagram

import (
	_ "embed"
	"hash/fnv"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/schema"
)

//go:embed page.html
var pageText string

// What the page holds within itself to let the drawing be moved, zoomed, searched and saved; studio/ is built into them.
//
//go:embed assets/inspect.js
var script string

//go:embed assets/inspect.css
var style string

//go:embed graph.html
var graphText string

var page = template.Must(template.Must(template.New("page").Parse(graphText)).New("page").Parse(pageText))

// Figure is the drawing for a page of others.
type Figure struct {
	Style  template.CSS
	Script template.JS // lets the drawing be moved, zoomed, searched and saved; to stand behind Body and Data
	Body   template.HTML
	Data   *Drawing // as JSON in a script element with the id "drawing-data"
}

// Figure draws the tables. A click on one leads to the element with its ID.
func (d *Diagram) Figure() (*Figure, error) {
	f := &Figure{Script: template.JS(script), Data: d.Draw()}
	var text, rules strings.Builder
	if err := page.ExecuteTemplate(&text, "graph", f.Data); err != nil {
		return nil, err
	}
	if err := page.ExecuteTemplate(&rules, "graph-style", nil); err != nil {
		return nil, err
	}
	f.Body, f.Style = template.HTML(shown.Lines(text.String())), template.CSS(style+rules.String())
	return f, nil
}

// ID is the ID of a table's box; "" where it has none.
func (d *Diagram) ID(t *schema.Table) string { return d.ids()[t] }

// HTML writes one page that needs nothing else: the graph, the order of loading, and every table.
func (d *Diagram) HTML(w io.Writer) error {
	p := pageData{Title: shown.Text(d.Database.Name), LeftOut: d.Database.LeftOut, Summary: d.Summary(), Script: template.JS(script), Style: template.CSS(style)}
	ids := d.ids()
	p.Graph = d.draw(ids)
	for i, group := range d.Graph.Groups {
		step := pageStep{Number: i + 1, Circle: len(group) > 1}
		for _, t := range group {
			step.Tables = append(step.Tables, pageLink{ID: ids[t], Name: d.shownName(t), Rows: RowsText(t)})
		}
		p.Steps = append(p.Steps, step)
	}
	for _, t := range d.Graph.Tables {
		p.Tables = append(p.Tables, d.pageTable(t, ids))
	}
	for _, t := range p.Tables {
		p.Choices = p.Choices || t.Choices
	}
	return page.Execute(shown.Writer(w, shown.Lines), p)
}

func (d *Diagram) shownName(t *schema.Table) string { return shown.Text(d.Name(t)) }

// System is the kind of database with its version: "PostgreSQL 15.4".
func (d *Diagram) System() string {
	name := map[string]string{"postgres": "PostgreSQL", "sqlite": "SQLite"}[d.Database.Dialect]
	version, _, _ := strings.Cut(d.Database.Version, " ")
	return strings.TrimSpace(name + " " + version)
}

// Summary is the system with its version, and how much there is of what.
func (d *Diagram) Summary() string {
	references, circles := 0, 0
	for _, t := range d.Graph.Tables {
		references += len(d.Graph.Parents[t])
	}
	for _, g := range d.Graph.Groups {
		if len(g) > 1 {
			circles++
		}
	}
	text := d.System() + ", " + plural(len(d.Graph.Tables), "table") + ", " + plural(references, "reference")
	if circles > 0 {
		text += ", " + plural(circles, "cycle")
	}
	if n := len(d.Database.LeftOut); n > 0 {
		text += ", " + strconv.Itoa(n) + " left out"
	}
	return text
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

type pageData struct {
	Title, Summary string
	Graph          Drawing
	Steps          []pageStep
	Tables         []pageTable
	LeftOut        []string
	Choices        bool
	Script         template.JS
	Style          template.CSS
}

type pageStep struct {
	Number int
	Circle bool
	Tables []pageLink
}

type pageLink struct{ ID, Name, Rows string }

type pageTable struct {
	pageLink
	Comment, Facts string
	Hue            int
	Cyclic         bool
	Choices        bool
	Columns        []pageColumn
	Lists          []pageList
}

type pageColumn struct {
	Name, Type, Notes, Comment string
	Key, NotNull               bool
	To                         []pageLink
	Choice                     *Choice
}

type pageList struct {
	Head  string
	Lines []string
}

func (d *Diagram) pageTable(t *schema.Table, ids map[*schema.Table]string) pageTable {
	p := pageTable{pageLink: pageLink{ids[t], d.shownName(t), RowsText(t)}, Comment: t.Comment, Hue: hueOf(t.Schema), Cyclic: d.Graph.Cyclic[t], Facts: strings.Join(d.TableNotes(t), ", ")}
	for _, c := range t.Columns {
		notes := ColumnNotes(t, c)
		notes = slices.DeleteFunc(notes, func(n string) bool { return n == "key" || n == "not null" })
		col := pageColumn{Name: shown.Text(c.Name), Type: shortTypes.Replace(strings.TrimPrefix(TypeText(c.Type), "public.")), Key: isKey(t, c.Name), NotNull: c.NotNull, Notes: strings.Join(notes, ", "), Comment: c.Comment, Choice: d.ChoiceOf(t, c)}
		for _, r := range d.Graph.Parents[t] {
			if slices.Contains(r.Columns, c.Name) {
				col.To = append(col.To, pageLink{ID: ids[r.To], Name: d.shownName(r.To)})
			}
		}
		p.Choices = p.Choices || col.Choice != nil
		p.Columns = append(p.Columns, col)
	}
	for _, l := range d.Lists(t) {
		p.Lists = append(p.Lists, pageList(l))
	}
	return p
}

// List is a heading with lines below.
type List struct {
	Head  string
	Lines []string
}

// Lists are the rules of a table: references, uniques, exclusions, checks and triggers.
func (d *Diagram) Lists(t *schema.Table) (lists []List) {
	add := func(head string, lines []string) {
		if len(lines) > 0 {
			lists = append(lists, List{head, lines})
		}
	}
	var lines []string
	for _, r := range d.Graph.Parents[t] {
		lines = append(lines, d.KeyText(r))
	}
	add("refers", lines)
	lines = nil
	for _, u := range t.Uniques {
		if !u.Primary {
			lines = append(lines, UniqueText(u))
		}
	}
	add("unique", lines)
	lines = nil
	for _, e := range t.Exclusions {
		lines = append(lines, ExclusionText(e))
	}
	add("exclude", lines)
	lines = nil
	for _, k := range t.Checks {
		line := k.Expression
		if k.Domain != "" && len(k.Columns) > 0 {
			line = k.Columns[0] + ", of the domain " + k.Domain + ": " + line
		}
		lines = append(lines, line)
	}
	add("check", lines)
	lines = nil
	for _, g := range t.Triggers {
		lines = append(lines, TriggerText(g))
	}
	add("trigger", lines)
	return lists
}

// TableNotes says what is special about a table.
func (d *Diagram) TableNotes(t *schema.Table) (notes []string) {
	if n := len(d.Graph.Partitions[t]); n > 0 {
		notes = append(notes, plural(n, "partition"))
		if !d.Database.HasPlace(t) {
			notes = append(notes, "none that could hold rows")
		}
	} else if t.Partitioned {
		notes = append(notes, "partitioned, without partitions")
	}
	if tool := t.Tool(); tool != "" {
		notes = append(notes, "a migration tool's ("+tool+"), left alone")
	}
	if len(t.Inherits) > 0 {
		notes = append(notes, "inherits from "+strings.Join(t.Inherits, ", "))
	}
	if t.Inherited {
		notes = append(notes, "inherited from")
	}
	if t.PrimaryKey == nil {
		notes = append(notes, "no primary key")
	}
	if t.Unlogged {
		notes = append(notes, "unlogged")
	}
	notes = append(notes, t.Options...)
	if t.RowSecurity {
		notes = append(notes, "row-level security")
	}
	if !t.CanInsert && d.Database.Dialect != "sqlite" { // a file is opened for reading here, whoever may write it
		notes = append(notes, "read only for this role")
	}
	if t.Refused != "" {
		notes = append(notes, t.Refused)
	}
	return notes
}

// hueOf gives each schema a colour of its own.
func hueOf(name string) int {
	if name == "" || name == "public" {
		return 215
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32() % 360)
}
