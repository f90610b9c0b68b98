package diagram

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/schema"
)

const (
	charWidth  = 6.7 // of the monospaced letters in boxes
	headHeight = 28.0
	lineHeight = 17.0
	margin     = 24.0
)

// Drawing is a diagram laid out: lengths in pixels from the upper left corner.
type Drawing struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	Fit    bool    `json:"fit"` // narrow enough to be shown whole
	Boxes  []Box   `json:"boxes"`
	Edges  []Edge  `json:"edges"`
}

// Box is a table.
type Box struct {
	ID       string  `json:"id"`
	Table    string  `json:"table"`
	Name     string  `json:"name"` // of the table, shortened to fit
	Rows     string  `json:"rows"`
	X        float64 `json:"x"`
	Y        float64 `json:"y"`
	W        float64 `json:"w"`
	H        float64 `json:"h"`
	Hue      int     `json:"hue"` // degrees; tables of one schema share it
	Cyclic   bool    `json:"cyclic"`
	Head     string  `json:"head"` // path of the head's area
	Lines    []Line  `json:"lines"`
	More     string  `json:"more"` // how many columns have no line; "" for none
	MoreY    float64 `json:"moreY"`
	Loop     string  `json:"loop"` // path of a reference to itself; "" for none
	LoopWeak bool    `json:"loopWeak"`
}

// Line is a column of a Box.
type Line struct {
	Y     float64 `json:"y"`
	Key   bool    `json:"key"`
	Refer bool    `json:"refer"`
	Name  string  `json:"name"`
	Type  string  `json:"type"`
}

// Edge is a reference from one box to another.
type Edge struct {
	Path   string `json:"path"`
	From   string `json:"from"` // ID of a box
	To     string `json:"to"`
	Title  string `json:"title"`
	Weak   bool   `json:"weak"` // it may be null
	Cyclic bool   `json:"cyclic"`
	Back   bool   `json:"back"` // it runs against the direction of the layout
}

// Draw lays the tables out.
func (d *Diagram) Draw() *Drawing {
	g := d.draw(d.ids())
	return &g
}

// ids names the boxes.
func (d *Diagram) ids() map[*schema.Table]string {
	ids := map[*schema.Table]string{}
	for i, t := range d.Graph.Tables {
		ids[t] = "t" + strconv.Itoa(i+1)
	}
	return ids
}

// draw lays the tables out. Those without any reference stand below the others.
func (d *Diagram) draw(ids map[*schema.Table]string) Drawing {
	tables := d.Graph.Tables
	tied := map[*schema.Table]bool{}
	for _, t := range tables {
		for _, r := range d.Graph.Parents[t] {
			tied[t], tied[r.To] = true, true
		}
	}
	most := 12 // columns of a box
	switch {
	case len(tables) > 150:
		most = 0
	case len(tables) > 30:
		most = 6
	}
	g := Drawing{Boxes: []Box{}, Edges: []Edge{}}
	index := map[*schema.Table]int{}
	var nodes []node
	var boxes []Box
	var lone []Box
	for _, t := range tables {
		b := d.box(t, ids[t], most, len(tables) <= 30)
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
		g.Edges = append(g.Edges, Edge{Path: curve(points), From: ids[from[i]], To: ids[keys[i].To], Weak: keys[i].Nullable, Back: e.back,
			Cyclic: d.SameCircle(from[i], keys[i].To), Title: shown.Text(d.Name(from[i]) + " " + d.KeyText(keys[i]))})
	}
	g.Boxes = append(g.Boxes, boxes...)
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
func (d *Diagram) box(t *schema.Table, id string, most int, all bool) Box {
	b := Box{ID: id, Table: d.shownName(t), Name: d.shownName(t), Lines: []Line{}, Rows: RowsText(t), Hue: hueOf(t.Schema), Cyclic: d.Graph.Cyclic[t], H: headHeight}
	width := float64(utf8.RuneCountInString(clip(b.Name, 36)))*8.2 + float64(len(b.Rows))*6.4 + 44
	cols := keyColumns(t)
	if all {
		for _, c := range t.Columns {
			if !slices.Contains(cols, c) {
				cols = append(cols, c)
			}
		}
	}
	more := max(len(t.Columns)-min(len(cols), most), 0)
	for i, c := range cols[:min(len(cols), most)] {
		l := Line{Y: headHeight + 4 + float64(i)*lineHeight + 12, Key: isKey(t, c.Name), Refer: refers(t, c.Name), Name: clip(shown.Text(c.Name), 30), Type: clip(shortTypes.Replace(strings.TrimPrefix(TypeText(c.Type), "public.")), 22)}
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
func portY(b Box, e edge, r schema.Reference, left bool) float64 {
	isChild := left == e.back
	if isChild && len(r.Columns) > 0 {
		for _, l := range b.Lines {
			if l.Name == clip(shown.Text(r.Columns[0]), 30) {
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
