package meaning

import (
	"slices"
	"strings"
)

// payments are moments that nothing which failed has come to.
var payments = set("paid captured settled succeeded processed completed executed")

// unsettled are states of what was not paid, or is not yet.
var unsettled = set("failed expired void blocked frozen suspended on_hold past_due overdue timeout uncollectible written_off waived lapsed")

// paid is what was paid: all of it in the state of that name, nothing in others.
func (r *reading) paid(l *life) {
	var numbers []*Column
	for _, c := range r.Columns {
		if c.number() {
			numbers = append(numbers, c)
		}
	}
	if due, paid, whole := r.named(numbers, "amount_due", "balance_due", "amount_remaining", "outstanding", "outstanding_amount"), r.named(numbers, "amount_paid", "paid_amount", "paid", "total_paid"), r.named(numbers, "total", "total_amount", "grand_total", "amount_total", "gross_amount"); due != nil && paid != nil && whole != nil && !r.taken[due.Name] {
		r.compute(due, cell(whole.Name)+" - "+cell(paid.Name), 0.86, whole, paid)
	}
	if c, of := r.named(numbers, "outstanding", "outstanding_amount", "outstanding_balance", "amount_due", "balance_due", "remaining_balance", "remaining"), r.named(numbers, "principal", "total", "total_amount", "amount", "loan_amount"); c != nil && of != nil && c != of {
		for i, v := range l.states {
			if n := normal(v); l.stages[i].at < 70 && (n == "repaid" || n == "paid" || n == "closed" || n == "settled" || n == "completed") {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most " + of.Name + ", and 0 where " + l.column.Name + " is " + v, Confidence: 0.85,
					Part: &Part{Of: cell(of.Name), Least: 5, Most: 95, Unless: cell(l.column.Name) + " == \"" + v + "\" ? 0 : "}, Reads: []string{of.Name, l.column.Name}})
				break
			}
		}
	}
	at := slices.IndexFunc(l.states, func(v string) bool { return normal(v) == "paid" })
	c := r.named(numbers, "amount_paid", "paid_amount", "paid", "total_paid")
	if at < 0 || c == nil {
		return
	}
	whole := r.named(numbers, "total", "total_amount", "amount", "grand_total", "amount_due", "amount_total")
	if whole == nil || whole == c {
		return
	}
	r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is " + whole.Name + " where " + l.column.Name + " is " + l.states[at] + ", else 0", Confidence: 0.85,
		Computed: cell(l.column.Name) + " == \"" + l.states[at] + "\" ? " + cell(whole.Name) + " : 0", Reads: []string{l.column.Name, whole.Name}})
}

// payments of a row have a state of their own: what was delivered is paid, what was cancelled is not.
func (r *reading) settled(l *life) {
	if l.column.has(set("payment billing")) {
		return
	}
	for _, c := range r.Columns {
		if c == l.column || !c.text() || len(c.Values) < 2 || !c.has(set("payment billing")) || !c.has(statuses) || r.taken[c.Name] {
			continue
		}
		find := func(words string) string {
			for w := range strings.FieldsSeq(words) {
				for _, v := range c.Values {
					if normal(v) == w {
						return v
					}
				}
			}
			return ""
		}
		open, paid, back := find("unpaid pending open awaiting authorized"), find("paid captured succeeded completed"), find("refunded")
		if open == "" || paid == "" || slices.ContainsFunc(l.states, func(v string) bool { return normal(v) == "paid" }) {
			continue
		}
		of := &Cases{On: l.column.Name, Else: open}
		for i, v := range l.states {
			s := l.stages[i]
			switch {
			case s.side && normal(v) != "canceled" && s.at > 30 && back != "":
				of.Of = append(of.Of, Case{v, back})
			case !s.side && s.at >= 25 && s.at < 70:
				of.Of = append(of.Of, Case{v, paid})
			default:
				of.Of = append(of.Of, Case{v, open})
			}
		}
		if !r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " goes with " + l.column.Name, Confidence: 0.82, Cases: of, Reads: []string{l.column.Name}}) {
			continue
		}
		for _, m := range r.Columns {
			if !m.moment() || m.NotNull || normal(strings.Join(without(r.own(m), set("at on date time")), "_")) != "paid" {
				continue
			}
			values := []string{paid}
			if back != "" {
				values = append(values, back)
			}
			k := Claim{Column: m.Name, Says: r.Name + "." + m.Name + " is there where " + c.Name + " is " + strings.Join(values, " or "), Confidence: 0.86, When: &When{On: c.Name, Values: values, After: r.base()}, Reads: []string{c.Name}}
			if k.When.After != "" {
				k.Reads = append(k.Reads, k.When.After)
			}
			r.claim(k)
		}
	}
}
