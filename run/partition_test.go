package run

import (
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// New ranges are as long as those that stand, begin where they do, stay clear of them, and are named alike.
func TestGridOfPartitions(t *testing.T) {
	moment := func(g *grid, s string) int64 {
		at, ok := g.parse(s)
		if !ok {
			t.Fatalf("%s cannot be read", s)
		}
		if g.kind == column.Date {
			return floorDiv(at, day)
		}
		return at
	}
	for _, c := range []struct {
		kind         column.Kind
		stand        [][3]string // name, from, to
		cell         string
		from, to     string
		before, name string
	}{
		{column.Timestamp, nil, "2024-02-29 13:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00", "", "2024_02"},
		{column.Date, [][3]string{{"t_y2024m01", "2024-01-01", "2024-02-01"}}, "2025-12-31", "2025-12-01", "2026-01-01", "t_y", "2025m12"},
		{column.Date, [][3]string{{"t_2024_01_01", "2024-01-01", "2024-01-08"}}, "2023-12-30", "2023-12-25", "2024-01-01", "t_", "2023_12_25"},
		{column.Date, [][3]string{{"year2023", "2023-01-01", "2024-01-01"}}, "2020-06-01", "2020-01-01", "2021-01-01", "year", "2020"},
		{column.Date, [][3]string{{"q2024_01", "2024-01-01", "2024-04-01"}}, "2024-12-01", "2024-10-01", "2025-01-01", "q", "2024_10"},
		{column.Date, [][3]string{{"old", "MINVALUE", "2024-01-15"}}, "2024-01-20", "2024-01-15", "2024-02-01", "", "2024_01"},
		{column.Int, [][3]string{{"t_0", "0", "100"}, {"t_250", "150", "250"}}, "-5", "-50", "0", "", "minus_50"},
	} {
		p := &partitioned{}
		for _, s := range c.stand {
			p.children = append(p.children, &child{table: &schema.Table{Name: s[0], Partition: &schema.Partition{Bound: "FOR VALUES FROM (" + quotedBound(s[1]) + ") TO (" + quotedBound(s[2]) + ")"}}})
		}
		g := gridOf(p, &schema.Column{Type: schema.Type{Kind: c.kind}})
		if g == nil {
			t.Fatalf("%v: no grid", c)
		}
		r, ok := g.around(moment(g, c.cell))
		if !ok || g.text(r[0]) != c.from || g.text(r[1]) != c.to || g.before != c.before || g.ending(r[0]) != c.name {
			t.Errorf("%s beside %v: %s to %s, named %q %q; want %s to %s, %q %q", c.cell, c.stand, g.text(r[0]), g.text(r[1]), g.before, g.ending(r[0]), c.from, c.to, c.before, c.name)
		}
	}
}

func quotedBound(s string) string {
	if s == "MINVALUE" || s == "MAXVALUE" {
		return s
	}
	return sqlText(s)
}

func TestMissingRemainders(t *testing.T) {
	of := func(bounds ...string) *partitioned {
		p := &partitioned{}
		for _, b := range bounds {
			p.children = append(p.children, &child{table: &schema.Table{Partition: &schema.Partition{Bound: b}}})
		}
		return p
	}
	if got := len(of().remainders()); got != 4 {
		t.Errorf("without any: %d", got)
	}
	got := of("FOR VALUES WITH (modulus 2, remainder 0)", "FOR VALUES WITH (modulus 4, remainder 3)").remainders()
	if len(got) != 1 || got[0] != [2]int{4, 1} {
		t.Errorf("beside 0 of 2 and 3 of 4: %v", got)
	}
}
