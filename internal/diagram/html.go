package diagram

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/schema"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// HTML writes one page that needs nothing else: the graph, the order of loading, and every table.
func (d *Diagram) HTML(w io.Writer) error {
	p := pageData{Title: d.Database.Name, LeftOut: d.Database.LeftOut, Summary: d.Summary()}
	ids := map[*schema.Table]string{}
	for i, t := range d.Graph.Tables {
		ids[t] = "t" + strconv.Itoa(i+1)
	}
	p.Graph = d.draw(ids)
	for i, group := range d.Graph.Groups {
		step := pageStep{Number: i + 1, Circle: len(group) > 1}
		for _, t := range group {
			step.Tables = append(step.Tables, pageLink{ID: ids[t], Name: d.Name(t), Rows: RowsText(t)})
		}
		p.Steps = append(p.Steps, step)
	}
	for _, t := range d.Graph.Tables {
		p.Tables = append(p.Tables, d.pageTable(t, ids))
	}
	for _, t := range p.Tables {
		p.Choices = p.Choices || t.Choices
	}
	return page.Execute(w, p)
}

func systemName(d *schema.Database) string {
	name := map[string]string{"postgres": "PostgreSQL", "sqlite": "SQLite"}[d.Dialect]
	version, _, _ := strings.Cut(d.Version, " ")
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
	text := systemName(d.Database) + ", " + plural(len(d.Graph.Tables), "table") + ", " + plural(references, "reference")
	if circles > 0 {
		text += ", " + plural(circles, "circle")
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
	Graph          graphData
	Steps          []pageStep
	Tables         []pageTable
	LeftOut        []string
	Choices        bool
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
	p := pageTable{pageLink: pageLink{ids[t], d.Name(t), RowsText(t)}, Comment: t.Comment, Hue: hueOf(t.Schema), Cyclic: d.Graph.Cyclic[t], Facts: strings.Join(d.TableNotes(t), ", ")}
	for _, c := range t.Columns {
		notes := ColumnNotes(t, c)
		notes = slices.DeleteFunc(notes, func(n string) bool { return n == "key" || n == "not null" })
		col := pageColumn{Name: c.Name, Type: shortTypes.Replace(TypeText(c.Type)), Key: isKey(t, c.Name), NotNull: c.NotNull, Notes: strings.Join(notes, ", "), Comment: c.Comment, Choice: d.ChoiceOf(t, c)}
		for _, r := range d.Graph.Parents[t] {
			if slices.Contains(r.Columns, c.Name) {
				col.To = append(col.To, pageLink{ID: ids[r.To], Name: d.Name(r.To)})
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
	} else if t.Partitioned {
		notes = append(notes, "partitioned, without partitions")
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

// The drawing.

const (
	charWidth  = 6.7 // of the monospaced letters in boxes
	headHeight = 28.0
	lineHeight = 17.0
	margin     = 24.0
)

type graphData struct {
	Width, Height float64
	Fit           bool // narrow enough to be shown whole
	Boxes         []boxData
	Edges         []edgeData
}

type boxData struct {
	ID, Name, Rows string
	X, Y, W, H     float64
	Hue            int
	Cyclic         bool
	Head           string // path of the head's area
	Lines          []lineData
	More           string
	MoreY          float64
	Loop           string // path of a reference to itself
	LoopWeak       bool
}

type lineData struct {
	Y          float64
	Key, Refer bool
	Name, Type string
}

type edgeData struct {
	Path               string
	From, To           string
	Title              string
	Weak, Cyclic, Back bool
}

// draw lays the tables out. Those without any reference stand below the others.
func (d *Diagram) draw(ids map[*schema.Table]string) graphData {
	tables := d.Graph.Tables
	tied := map[*schema.Table]bool{}
	for _, t := range tables {
		for _, r := range d.Graph.Parents[t] {
			tied[t], tied[r.To] = true, true
		}
	}
	shown := 12 // columns of a box
	switch {
	case len(tables) > 150:
		shown = 0
	case len(tables) > 30:
		shown = 6
	}
	var g graphData
	index := map[*schema.Table]int{}
	var nodes []node
	var boxes []boxData
	var lone []boxData
	for _, t := range tables {
		b := d.box(t, ids[t], shown, len(tables) <= 30)
		if !tied[t] {
			lone = append(lone, b)
			continue
		}
		index[t] = len(nodes)
		nodes = append(nodes, node{w: b.W, h: b.H})
		boxes = append(boxes, b)
	}
	var edges []edge
	var keys []schema.Reference
	var from []*schema.Table
	for _, t := range tables {
		for _, r := range d.Graph.Parents[t] {
			if r.To != t {
				edges = append(edges, edge{child: index[t], parent: index[r.To], weak: r.Nullable})
				keys, from = append(keys, r), append(from, t)
			}
		}
	}
	nodes, edges, width, height := layout(nodes, edges)
	for i := range boxes {
		boxes[i].X, boxes[i].Y = nodes[i].x+margin, nodes[i].y+margin
		for _, r := range d.Graph.Parents[d.tableOf(ids, boxes[i].ID)] {
			if ids[r.To] == boxes[i].ID {
				boxes[i].Loop, boxes[i].LoopWeak = fmt.Sprintf("M%.1f 14 c26 -2 26 -30 -4 -30 c-14 0 -18 8 -18 15", boxes[i].W), r.Nullable
			}
		}
	}
	for i, e := range edges {
		a, z := boxes[e.left()], boxes[e.right()]
		points := [][2]float64{{a.X + a.W, portY(a, e, keys[i], true)}}
		for _, b := range e.bends {
			y := nodes[b].y + nodes[b].h/2 + margin
			points = append(points, [2]float64{nodes[b].x + margin, y}, [2]float64{nodes[b].x + nodes[b].w + margin, y})
		}
		points = append(points, [2]float64{z.X, portY(z, e, keys[i], false)})
		if !e.back { // drawn from the child, so that the arrow is at the parent
			slices.Reverse(points)
		}
		g.Edges = append(g.Edges, edgeData{Path: curve(points), From: ids[from[i]], To: ids[keys[i].To], Weak: keys[i].Nullable, Back: e.back,
			Cyclic: d.SameCircle(from[i], keys[i].To), Title: d.Name(from[i]) + " " + d.KeyText(keys[i])})
	}
	g.Boxes = boxes
	g.Width, g.Height = max(width, 0), height
	if len(boxes) == 0 {
		g.Height = 0
	}
	// The others in rows below.
	wide := max(g.Width, 900)
	x, y, row := 0.0, 0.0, 0.0
	if len(boxes) > 0 {
		y = g.Height + 40
	}
	for _, b := range lone {
		if x > 0 && x+b.W > wide {
			x, y, row = 0, y+row+gapY, 0
		}
		b.X, b.Y = x+margin, y+margin
		x += b.W + gapY
		row = max(row, b.H)
		g.Width, g.Height = max(g.Width, x-gapY), max(g.Height, y+row)
		g.Boxes = append(g.Boxes, b)
	}
	g.Width, g.Height = math.Ceil(g.Width+2*margin+10), math.Ceil(g.Height+2*margin)
	g.Fit = g.Width < 2400
	return g
}

func (d *Diagram) tableOf(ids map[*schema.Table]string, id string) *schema.Table {
	n, _ := strconv.Atoi(id[1:])
	return d.Graph.Tables[n-1]
}

// SameCircle tells whether a reference from a to b is part of a circle.
func (d *Diagram) SameCircle(a, b *schema.Table) bool {
	return a == b || slices.ContainsFunc(d.Graph.Groups, func(g []*schema.Table) bool {
		return len(g) > 1 && slices.Contains(g, a) && slices.Contains(g, b)
	})
}

// box is a table's box. Where there are few tables all of its columns have a line, as long as there is room.
func (d *Diagram) box(t *schema.Table, id string, shown int, all bool) boxData {
	b := boxData{ID: id, Name: d.Name(t), Rows: RowsText(t), Hue: hueOf(t.Schema), Cyclic: d.Graph.Cyclic[t], H: headHeight}
	width := float64(utf8.RuneCountInString(clip(b.Name, 36)))*8.2 + float64(len(b.Rows))*6.4 + 44
	cols := keyColumns(t)
	if all {
		for _, c := range t.Columns {
			if !slices.Contains(cols, c) {
				cols = append(cols, c)
			}
		}
	}
	more := max(len(t.Columns)-min(len(cols), shown), 0)
	for i, c := range cols[:min(len(cols), shown)] {
		l := lineData{Y: headHeight + 4 + float64(i)*lineHeight + 12, Key: isKey(t, c.Name), Refer: refers(t, c.Name), Name: clip(c.Name, 30), Type: clip(shortTypes.Replace(TypeText(c.Type)), 22)}
		width = max(width, float64(utf8.RuneCountInString(l.Name)+utf8.RuneCountInString(l.Type))*charWidth+48)
		b.Lines = append(b.Lines, l)
	}
	if n := len(b.Lines); n > 0 {
		b.H += float64(n)*lineHeight + 10
		if more > 0 {
			b.More = fmt.Sprintf("%d more", more)
			b.MoreY = b.H + 6
			b.H += lineHeight
		}
	}
	b.Name = clip(b.Name, 36)
	b.W = math.Ceil(width)
	b.Head = fmt.Sprintf("M.7 28V8a7.3 7.3 0 0 1 7.3-7.3H%.1fa7.3 7.3 0 0 1 7.3 7.3V28z", b.W-8)
	if len(b.Lines) == 0 {
		b.Head = fmt.Sprintf("M8 .7H%.1fa7.3 7.3 0 0 1 7.3 7.3V20a7.3 7.3 0 0 1-7.3 7.3H8a7.3 7.3 0 0 1-7.3-7.3V8a7.3 7.3 0 0 1 7.3-7.3z", b.W-8)
	}
	return b
}

// portY is where an edge meets a box: the child at the line of its column, the parent at its head.
func portY(b boxData, e edge, r schema.Reference, left bool) float64 {
	isChild := left == e.back
	if isChild && len(r.Columns) > 0 {
		for _, l := range b.Lines {
			if l.Name == clip(r.Columns[0], 30) {
				return b.Y + l.Y - 4
			}
		}
	}
	return b.Y + headHeight/2
}

// curve goes through the points with level tangents.
func curve(points [][2]float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%.1f %.1f", points[0][0], points[0][1])
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		dx := (q[0] - p[0]) / 2
		fmt.Fprintf(&b, " C%.1f %.1f %.1f %.1f %.1f %.1f", p[0]+dx, p[1], q[0]-dx, q[1], q[0], q[1])
	}
	return b.String()
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
