package diagram

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/sowerdata/sower/schema"
)

func column(name, typ string, notNull bool) *schema.Column {
	return &schema.Column{Name: name, Type: schema.Type{Name: typ}, NotNull: notNull}
}

// shop has a self-reference, a circle, a table alone, and names that need care.
func shop() *schema.Database {
	key := &schema.Unique{Name: "pk", Columns: []string{"id"}, Primary: true}
	refer := func(column, to string) *schema.ForeignKey {
		return &schema.ForeignKey{Name: column + "_fkey", Columns: []string{column}, RefSchema: "s", RefTable: to, RefColumns: []string{"id"}}
	}
	table := func(name string, cols []*schema.Column, keys ...*schema.ForeignKey) *schema.Table {
		return &schema.Table{Schema: "s", Name: name, Columns: append([]*schema.Column{column("id", "integer", true)}, cols...), PrimaryKey: key, Uniques: []*schema.Unique{key}, ForeignKeys: keys, CanInsert: true}
	}
	orders := table(`Odd "name" <b>&`, []*schema.Column{column("customer", "integer", true), column("pay", "integer", false)}, refer("customer", "customers"), refer("pay", "pays"))
	orders.Checks = []*schema.Check{{Name: "c", Expression: "(a < '</script>'::text)"}}
	orders.Rows, orders.HasRows = 12345, true
	return &schema.Database{Dialect: "postgres", Name: "shop", Version: "18.1 (x)", Defaults: "s", LeftOut: []string{"s.v (view)"}, Tables: []*schema.Table{
		table("customers", []*schema.Column{column("boss", "integer", false), column("name", "character varying", true)}, refer("boss", "customers")),
		orders, table("pays", []*schema.Column{column("order", "integer", true)}, refer("order", `Odd "name" <b>&`)), table("alone", nil),
	}}
}

func text(t *testing.T, f func(w io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTexts(t *testing.T) {
	d := New(shop())
	mermaid := text(t, d.Mermaid)
	for _, want := range []string{
		"erDiagram\n", `  "customers" |o--o{ "customers" : "boss"`, `  "customers" ||--o{ "Odd _name_ <b>&" : "customer"`, "    varchar name\n", "    integer id PK\n", "    integer boss FK\n", `  "alone" {`,
	} {
		if !strings.Contains(mermaid, want) {
			t.Errorf("no %q in\n%s", want, mermaid)
		}
	}
	dot := text(t, d.DOT)
	for _, want := range []string{
		`"Odd \"name\" <b>&" -> "customers" [label="customer"];`, `"Odd \"name\" <b>&" -> "pays" [label="pay", style=dashed, color="#ea580c"];`, "<b>Odd &#34;name&#34; &lt;b&gt;&amp;</b>  ~12,345 rows",
	} {
		if !strings.Contains(dot, want) {
			t.Errorf("no %q in\n%s", want, dot)
		}
	}
	if got := strings.Join(d.Circles(), "; "); got != `customers.boss to customers (may be null); Odd "name" <b>&.customer to customers` && !strings.Contains(got, "pays.order to Odd") {
		t.Error(got)
	}
	if got := d.Summary(); got != "PostgreSQL 18.1, 4 tables, 4 references, 1 cycle, 1 left out" {
		t.Error(got)
	}
}

// The drawing is well-formed, every table is in it, and every reference leads from a box to a box.
func TestHTML(t *testing.T) {
	d := New(shop())
	d.Choice = func(t *schema.Table, c *schema.Column) *Choice {
		if c.Name == "name" {
			return &Choice{Generator: "person: <full_name>", Why: "its name", Confidence: "sure"}
		}
		return nil
	}
	html := text(t, d.HTML)
	svg := html[strings.Index(html, "<svg xmlns"):]
	svg = svg[:strings.Index(svg, "</svg>")+6]
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
	}
	if n := strings.Count(svg, `data-id="`); n != 4 {
		t.Errorf("%d boxes", n)
	}
	if n := strings.Count(svg, `data-from="`); n != 3 {
		t.Errorf("%d edges between boxes", n)
	}
	for _, want := range []string{"Odd &#34;name&#34; &lt;b&gt;&amp;", "person: &lt;full_name&gt;", "(a &lt; &#39;&lt;/script&gt;&#39;::text)", "~12,345 rows", "s.v (view)"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if regexp.MustCompile(`(?:src|href)="(?:https?:)?//`).MatchString(html) || strings.Contains(html, "ZgotmplZ") {
		t.Error("the page needs something else, or a value was refused by the template")
	}
}

// However tables refer to one another, no two boxes overlap and parents stand left of their children, but
// for edges that are led back.
func TestLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 1 + r.IntN(60)
		nodes := make([]node, n)
		for i := range nodes {
			nodes[i].w, nodes[i].h = 80+float64(r.IntN(100)), 28+float64(r.IntN(150))
		}
		var edges []edge
		for range r.IntN(2*n + 1) {
			if e := (edge{child: r.IntN(n), parent: r.IntN(n), weak: r.IntN(2) == 0}); e.child != e.parent {
				edges = append(edges, e)
			}
		}
		placed, edges, width, height := layout(nodes, edges)
		for i, a := range placed {
			if a.x < 0 || a.y < -0.01 || a.x+a.w > width+0.01 || a.y+a.h > height+0.01 {
				t.Fatalf("a box lies outside: %+v of %g x %g", a, width, height)
			}
			for _, b := range placed[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h-0.01 && b.y < a.y+a.h-0.01 {
					t.Fatalf("%+v and %+v overlap", a, b)
				}
			}
		}
		for _, e := range edges {
			if placed[e.left()].column >= placed[e.right()].column {
				t.Fatalf("%+v does not lead to the right", e)
			}
			if len(e.bends) != placed[e.right()].column-placed[e.left()].column-1 {
				t.Fatalf("%+v has %d bends", e, len(e.bends))
			}
		}
	}
}

// Edges that may be null are led back rather than others.
func TestWeakEdgesLeadBack(t *testing.T) {
	_, edges, _, _ := layout(make([]node, 2), []edge{{child: 0, parent: 1, weak: true}, {child: 1, parent: 0}})
	if got := fmt.Sprint(edges[0].back, edges[1].back); got != "true false" {
		t.Error(got)
	}
}
