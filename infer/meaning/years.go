package meaning

import (
	"slices"
	"strings"
)

// lifetimes: who has died has lived for some years; whose years are not over is alive.
func (r *reading) lifetimes(numbers []*Column) {
	year := func(words map[string]bool) *Column {
		for _, c := range numbers {
			if c.whole() && c.has(words) && (c.has(set("year")) || len(r.own(c)) == 1) &&
				!c.has(set("month day place")) {
				return c
			}
		}
		return nil
	}
	born, died := year(set("birth born")), year(set("death died deceased"))
	if born == nil || died == nil || born == died || died.NotNull {
		return
	}
	at, age := cell(born.Name), "cell(\""+died.Name+" share\")"
	over := at + " + " + age + " > 2025"
	if !born.NotNull {
		over = at + " == nil or " + over
	}
	r.claim(Claim{Column: died.Name, Says: r.Name + "." + died.Name + " is some decades after " + born.Name +
		", where that has come", Confidence: 0.85,
		Part: &Part{Of: "100", Shares: []int{38, 49, 57, 62, 66, 70, 73, 76, 78, 80, 82, 84, 86, 88, 90, 93, 97},
			Unless: over + " ? nil : " + at + " + "},
		Reads: []string{born.Name}})
}

// raises are there where a number changes: none where it is the first.
func (r *reading) raises(numbers []*Column) {
	for _, c := range numbers {
		if c.NotNull || r.taken[c.Name] || !c.has(set("increase raise change increment uplift")) ||
			!c.has(set("percent rate amount")) {
			continue
		}
		for _, o := range r.Columns {
			if !o.text() || len(o.Values) < 2 || !o.has(set("reason kind type cause event")) {
				continue
			}
			var rest []string
			for _, v := range o.Values {
				if !set("hire hired initial new_hire joined first new opening start onboarding")[normal(v)] {
					rest = append(rest, v)
				}
			}
			if len(rest) > 0 && len(rest) < len(o.Values) {
				r.only(c, &When{On: o.Name, Values: rest}, 0.85)
				break
			}
		}
	}
}

// cleared: what is owed is paid back in instalments, and settled once nothing of it is left.
func (r *reading) cleared(numbers []*Column) {
	var left *Column
	for _, c := range numbers {
		if c.NotNull && c.has(set("outstanding remaining unpaid owed")) &&
			c.has(set("amount balance principal cents debt")) {
			left = c
		}
	}
	if left == nil {
		return
	}
	for _, c := range r.Columns {
		if c.NotNull || !c.moment() || r.taken[c.Name] || c.has(outlooks) {
			continue
		}
		if name := strings.Join(without(r.own(c), set("at on date")),
			"_"); set("settled repaid paid_off cleared closed paid completed")[name] {
			k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + left.Name + " is 0",
				Confidence: 0.86,
				When:       &When{On: left.Name, None: true, After: r.base()}, Reads: []string{left.Name}}
			if k.When.After == "" {
				k.When.After = r.began()
			}
			if k.When.After != "" {
				k.Reads = append(k.Reads, k.When.After)
			}
			r.claim(k)
		}
	}
	of := r.named(numbers, "principal", "total", "total_amount", "amount", "principal_amount", "loan_amount")
	back := r.named(numbers, "repaid", "repaid_amount", "amount_repaid", "paid", "paid_amount", "amount_paid")
	parts := func(words map[string]bool) *Column {
		for _, c := range numbers {
			if c.whole() && c.NotNull && c.has(set("installments instalments installment instalment payments")) &&
				c.has(words) && !c.has(units) {
				return c
			}
		}
		return nil
	}
	paid := parts(set("paid repaid done"))
	all := parts(set("count number total"))
	if of == nil || back == nil || paid == nil || all == nil || paid == all || of.Type.Kind != back.Type.Kind {
		return
	}
	r.claim(Claim{Column: paid.Name, Says: r.Name + "." + paid.Name + " is at most " + all.Name, Confidence: 0.86,
		Part: &Part{Of: cell(all.Name), Shares: slices.Concat([]int{0, 10, 20, 30, 40, 50, 60, 70, 80, 90}, []int{100,
			100, 100})}, Reads: []string{all.Name}})
	r.compute(back, cell(of.Name)+" * "+cell(paid.Name)+" / "+cell(all.Name), 0.88, of, paid, all)
}

// began finds the day on which something began that has no other moment for it.
func (r *reading) began() string {
	for _, c := range r.Columns {
		if c.moment() && c.NotNull && c.has(set("granted disbursed issued signed opened started taken approved")) {
			return c.Name
		}
	}
	return ""
}
