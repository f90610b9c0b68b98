package schema_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/schema"
)

// database makes tables from lines such as "orders: customers, items?": a question mark makes a
// reference that may be null; "p_1 of p" is a partition.
func database(text string) *schema.Database {
	d := &schema.Database{}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		head, refs, _ := strings.Cut(line, ":")
		name, parent, part := strings.Cut(strings.TrimSpace(head), " of ")
		t := &schema.Table{Name: name}
		if part {
			t.Partition = &schema.Partition{ParentTable: parent}
		}
		for ref := range strings.FieldsFuncSeq(refs, func(r rune) bool { return r == ',' || r == ' ' }) {
			to, nullable := strings.CutSuffix(ref, "?")
			t.Columns = append(t.Columns, &schema.Column{Name: to + "_id", NotNull: !nullable})
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Name: name + "_" + to, Columns: []string{to + "_id"}, RefTable: to})
		}
		d.Tables = append(d.Tables, t)
	}
	return d
}

func groups(g *schema.Graph) string {
	var out []string
	for _, group := range g.Groups {
		var names []string
		for _, t := range group {
			names = append(names, t.Name)
		}
		slices.Sort(names)
		out = append(out, strings.Join(names, "+"))
	}
	return strings.Join(out, " ")
}

func TestGraph(t *testing.T) {
	for _, c := range []struct{ tables, want, cyclic string }{
		{"a\nb: a\nc: b, a", "a b c", ""},
		{"c: b, a\nb: a\na", "a b c", ""},
		{"a: a?\nb: missing", "a b", "a"},
		{"a: b\nb: c\nc: a\nd: a\ne", "a+b+c d e", "a b c"},
		{"a: b\nb: a\nc: d\nd: c, a", "a+b c+d", "a b c d"},
		{"p: ref\np_1 of p: ref\np_2 of p_1: ref\nref: p_2?", "p+ref", "p ref"},
		{"x: p_1\np\np_1 of p", "p x", ""},
	} {
		g := database(c.tables).Graph()
		if got := groups(g); got != c.want {
			t.Errorf("%q: %s, want %s", c.tables, got, c.want)
		}
		var cyclic []string
		for _, table := range g.Tables {
			if g.Cyclic[table] {
				cyclic = append(cyclic, table.Name)
			}
		}
		if got := strings.Join(cyclic, " "); got != c.cyclic {
			t.Errorf("%q: in circles: %s, want %s", c.tables, got, c.cyclic)
		}
	}
	d := database("a\nb: a?, c\nc")
	refs := d.Graph().Parents[d.Tables[1]]
	if len(refs) != 2 || !refs[0].Nullable || refs[1].Nullable || refs[0].To != d.Find("", "a") || d.Find("x", "a") != nil {
		t.Errorf("%+v", refs)
	}
}

// Whatever refers to whatever: every table is in one group, after all that it refers to, and two tables
// are in one group exactly when each leads to the other.
func TestGraphRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		d := &schema.Database{}
		n := 1 + r.IntN(12)
		for i := range n {
			d.Tables = append(d.Tables, &schema.Table{Name: string(rune('a' + i))})
		}
		reach := make([][]bool, n)
		for i := range n {
			reach[i] = make([]bool, n)
			for k := range n {
				if r.IntN(n) == 0 {
					reach[i][k] = true
					d.Tables[i].ForeignKeys = append(d.Tables[i].ForeignKeys, &schema.ForeignKey{RefTable: d.Tables[k].Name})
				}
			}
		}
		for k := range n {
			for i := range n {
				for j := range n {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		at := map[string]int{}
		for i, group := range d.Graph().Groups {
			for _, table := range group {
				if _, twice := at[table.Name]; twice {
					t.Fatalf("%s is in two groups", table.Name)
				}
				at[table.Name] = i
			}
		}
		for i, a := range d.Tables {
			for k, b := range d.Tables {
				if reach[i][k] && at[a.Name] < at[b.Name] {
					t.Errorf("%s comes before %s", a.Name, b.Name)
				}
				if i != k && (at[a.Name] == at[b.Name]) != (reach[i][k] && reach[k][i]) {
					t.Errorf("%s and %s in one group: %t", a.Name, b.Name, at[a.Name] == at[b.Name])
				}
			}
		}
	}
}
