package blueprint

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Counts are numbers of rows by table and part. Parts that follow a table have none.
type Counts map[string]map[string]int64

// Counts gives the numbers of rows that b asks for.
func (b *Blueprint) Counts() Counts {
	out := Counts{}
	for _, t := range b.Tables {
		if t.Standing || t.Triggered {
			continue
		}
		out[t.Name] = map[string]int64{}
		for _, p := range t.Parts {
			if p.Each == "" {
				out[t.Name][p.Name] = p.Rows
			}
		}
	}
	return out
}

// Counted gives a blueprint that asks for other numbers of rows. A table that gets none, and that nothing follows, is
// one whose rows stand. Fixed rows are those that stand, and come besides. b does not change.
func (b *Blueprint) Counted(counts Counts) *Blueprint {
	out := *b
	out.Tables = nil
	follows := map[string]bool{}
	for _, t := range b.Tables {
		for _, p := range t.Parts {
			follows[p.Each] = true
		}
	}
	for _, t := range b.Tables {
		if t.Standing || t.Triggered {
			out.Tables = append(out.Tables, t)
			continue
		}
		c := *t
		c.Parts, c.Fixed = nil, slices.Clone(t.Fixed)
		var total int64
		following := false
		for _, p := range t.Parts {
			p := *p
			if p.Each == "" {
				p.Rows = counts[t.Name][p.Name]
				total += p.Rows
			}
			following = following || p.Each != ""
			c.Parts = append(c.Parts, &p)
		}
		switch {
		case total == 0 && !following && !follows[t.Name]:
			out.Tables = append(out.Tables, &Table{Name: t.Name, Standing: true, Pos: t.Pos})
			continue
		case total == 0:
			c.Fixed = nil
		case len(c.Fixed) > 0 && c.Parts[0].Each == "":
			c.Parts[0].Rows += int64(len(c.Fixed))
		}
		for i, f := range c.Fixed {
			f := *f
			f.Adopt = true
			c.Fixed[i] = &f
		}
		out.Tables = append(out.Tables, &c)
	}
	return &out
}

// SameButCounts tells whether two resolutions of a blueprint ask for the same but for numbers of rows. Columns that one of
// them alone has came into the database in between.
func (b *Blueprint) SameButCounts(o *Blueprint) bool {
	return slices.EqualFunc(b.Tables, o.Tables, func(x, y *Table) bool {
		return x.Name == y.Name && x.Standing == y.Standing && x.Triggered == y.Triggered &&
			slices.EqualFunc(x.Parts, y.Parts, func(x, y *Part) bool { return x.Name == y.Name && x.Each == y.Each && sameCounts(x.Counts, y.Counts) }) &&
			slices.EqualFunc(x.Fixed, y.Fixed, func(x, y *FixedRow) bool {
				return x.Name == y.Name && slices.EqualFunc(x.Cells, y.Cells, func(x, y FixedCell) bool { return x.Column == y.Column && x.Value.V == y.Value.V })
			}) &&
			slices.EqualFunc(x.columnsOf(y), y.columnsOf(x), func(x, y *Column) bool {
				return x.Name == y.Name && x.Unique == y.Unique && x.Virtual == y.Virtual && slices.Equal(x.NotBefore, y.NotBefore) && x.Generator.same(&y.Generator)
			})
	})
}

// columnsOf are the columns that o has too, in their order.
func (t *Table) columnsOf(o *Table) (out []*Column) {
	for _, c := range t.Columns {
		if slices.ContainsFunc(o.Columns, func(x *Column) bool { return x.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

func (g *Generator) same(o *Generator) bool {
	return g.Name == o.Name && g.Nulls == o.Nulls && g.When == o.When && sameNode(g.Args, o.Args)
}

// sameNode tells whether two nodes say the same, wherever they stand and however they are written.
func sameNode(x, y *yaml.Node) bool {
	if x == nil || y == nil || x == y {
		return x == y
	}
	return x.Kind == y.Kind && x.Value == y.Value && x.ShortTag() == y.ShortTag() && sameNode(x.Alias, y.Alias) && slices.EqualFunc(x.Content, y.Content, sameNode)
}
