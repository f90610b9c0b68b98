package run

import "github.com/sowerdata/sower/plan"

// Verdict is what a verification found.
type Verdict struct {
	Run   int64
	Plans []*plan.Plan // of the run, and of those that grew it
	Rules []Finding    // a rule each, table by table, the comparisons of cells last
	Cells int64        // cells compared
}

// Finding is one rule and whether it holds.
type Finding struct {
	Table  string
	Text   string
	OK     bool
	Detail string // what was found instead, with the first examples; "" where it holds
}

// Broken is the number of rules that do not hold.
func (v *Verdict) Broken() int {
	n := 0
	for _, f := range v.Rules {
		if !f.OK {
			n++
		}
	}
	return n
}
