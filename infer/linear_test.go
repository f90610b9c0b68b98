package infer

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// Equations over sums and differences are solved for the column that stands alone, and its parts keep it within its
// bounds.
func TestLinearEquations(t *testing.T) {
	for _, x := range []struct {
		checks []string
		want   string // total = expression, and the bounds of its parts
	}{
		{[]string{"(net > 0)", "(net = ((gross - cash) - held))"}, "gross = net + cash + held; cash .. held .. net (0.."},
		{[]string{"(gross >= 10)", "(gross <= 60)", "(cash >= 5)", "(gross = (cash + held))"}, "gross = (cash + held); cash 10..35 held 0..25"},
		{[]string{"(gross > 0)", "(gross < 8)", "(gross = (cash + held))"}, "gross = (cash + held); cash (0..4) held 0..4)"},
		{[]string{"(net >= 0)", "(held <= 30)", "((net + held) = (gross + cash))"}, "gross = net + held - cash; cash .. held ..30 net 0.."},
		{[]string{"(net = ((gross - cash) + 5))", "(cash >= 5)"}, "gross = net + cash + -5; cash 5.. net .."},
		{[]string{"(gross >= 50)", "(cash <= 20)", "(held <= 20)", "(gross = (cash + held))"}, ""}, // no parts are enough
		{[]string{"(gross = (cash * held))"}, ""},
		{[]string{"(gross = cash)"}, ""},
		{[]string{"((gross = (cash + held)) OR (gross = 0))"}, ""},
	} {
		s := tableOf("pays", "gross", integerType, "cash", integerType, "held", integerType, "net", integerType)
		for i, k := range x.checks {
			e, err := check.Parse(k, false)
			if err != nil {
				t.Fatal(err)
			}
			s.Checks = append(s.Checks, &schema.Check{Name: "k" + strconv.Itoa(i), Expression: k, Columns: check.Columns(e)})
		}
		n := int64(10)
		d, err := newDraft(t.Context(), databaseOf(s), &Options{Seed: 1, Rows: &n}, &Result{})
		if err != nil {
			t.Fatal(err)
		}
		tab := d.byTable[s]
		for _, sc := range s.Columns {
			c := &col{table: tab, schema: sc, name: sc.Name}
			tab.columns, tab.byName[c.name] = append(tab.columns, c), c
		}
		tab.solve()
		before := len(tab.branches[0].Equal)
		solved := tab.linears()
		got := ""
		for _, ok := range solved {
			if b := tab.branches[0]; ok {
				e := b.Equal[len(b.Equal)-1]
				got = e.Column + " = " + e.Expression + ";"
				for _, name := range []string{"cash", "gross", "held", "net"} {
					if d := b.domain(name); d != nil && name != e.Column {
						got += " " + name + " "
						if d.Min != nil && d.Min.Open {
							got += "("
						}
						if d.Min != nil {
							got += d.Min.Value
						}
						got += ".."
						if d.Max != nil {
							got += d.Max.Value
							if d.Max.Open {
								got += ")"
							}
						}
					}
				}
			}
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q (%d equations before)", strings.Join(x.checks, " and "), got, x.want, before)
		}
	}
}

// Rows of equations are there in full, and hold.
func TestLinearRows(t *testing.T) {
	pays := tableOf("pays", "gross", integerType, "cash", integerType, "held", integerType, "net", integerType)
	pays = checked(checked(pays, "(net > 0)", "net"), "(net = ((gross - cash) - held))", "gross", "cash", "held", "net")
	r := infer(t, databaseOf(pays))
	n := func(name string) (out []int) {
		for _, text := range cellsOf(t, r, "pays", name) {
			k, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, k)
		}
		return out
	}
	gross, cash, held, net := n("gross"), n("cash"), n("held"), n("net")
	if len(gross) != 200 {
		t.Fatalf("%d rows", len(gross))
	}
	for i := range gross {
		if net[i] <= 0 || net[i] != gross[i]-cash[i]-held[i] {
			t.Errorf("row %d: %d - %d - %d = %d", i, gross[i], cash[i], held[i], net[i])
		}
	}
}
