package meaning

import "strings"

var (
	grossPays = set("gross gross_pay gross_salary gross_wage gross_wages gross_amount gross_earnings gross_income")
	netPays   = set("net net_pay net_salary net_wage net_wages net_amount net_earnings net_income take_home_pay take_home")
	withheld  = set("deduction deductions withholding withheld pension social contribution contributions garnishment")
)

// wages: what somebody gets is what was earned without what is taken off.
func (r *reading) wages(numbers []*Column) {
	r.monthly(numbers)
	r.toDate(numbers)
	gross, net, whole, parts := r.payslip(numbers)
	if gross == nil || net == nil {
		return
	}
	var terms []string
	for _, c := range parts {
		shares := []int{2, 3, 4, 5, 6, 8}
		switch {
		case c.has(set("other others misc garnishment")):
			shares = []int{0, 0, 0, 0, 1, 2}
		case c.has(set("tax taxes")):
			shares = []int{8, 12, 15, 18, 20, 24}
		}
		r.share(c, gross, 0.86, "taken off", shares)
		terms = append(terms, cell(c.Name))
	}
	off := parts
	switch {
	case whole != nil && len(parts) > 1:
		r.compute(whole, strings.Join(terms, " + "), 0.9, parts...)
		off, terms = []*Column{whole}, []string{cell(whole.Name)}
	case whole != nil:
		r.share(whole, gross, 0.86, "taken off", []int{15, 20, 22, 25, 30})
		off, terms = []*Column{whole}, []string{cell(whole.Name)}
	}
	r.compute(net, cell(gross.Name)+" - "+strings.Join(terms, " - "), 0.92, append([]*Column{gross}, off...)...)
}

// payslip finds what was earned, what of it is left, the sum of what is taken off, and its parts; nil where nothing is.
func (r *reading) payslip(numbers []*Column) (gross, net, whole *Column, parts []*Column) {
	plain := 0
	for _, c := range numbers {
		switch name := r.plain(c); {
		case grossPays[name] && gross == nil:
			gross = c
		case netPays[name] && net == nil:
			net = c
		case c.has(none):
		case c.has(set("deduction deductions")) && (c.has(set("total all")) || len(r.own(c)) == 1):
			whole, plain = c, plain+1
		case c.has(withheld):
			parts, plain = append(parts, c), plain+1
		case c.has(set("tax taxes insurance")):
			parts = append(parts, c)
		}
	}
	if gross == nil || net == nil || plain == 0 || gross.has(units) != net.has(units) {
		return nil, nil, nil, nil
	}
	return gross, net, whole, parts
}

// monthly: a month's pay is a twelfth of the year's.
func (r *reading) monthly(numbers []*Column) {
	paid := set("salary wage wages pay rent income budget gross premium base compensation")
	for _, y := range numbers {
		if !y.has(set("yearly annual annually")) || !y.has(paid) {
			continue
		}
		rest := strings.Join(without(y.Words, set("yearly annual annually")), " ")
		for _, m := range numbers {
			if m.has(set("monthly")) && strings.Join(without(m.Words, set("monthly")), " ") == rest {
				r.compute(m, cell(y.Name)+" / 12", 0.88, y)
			}
		}
	}
}

// toDate: what has come together since the year began is this row's amount and those of the months before.
func (r *reading) toDate(numbers []*Column) {
	since := set("year to date ytd cumulative")
	for _, c := range numbers {
		if !c.has(set("ytd")) && !strings.Contains(strings.Join(c.Words, "_"), "year_to_date") {
			continue
		}
		rest := without(r.own(c), since, set("total amount pay"))
		for _, o := range numbers {
			if o != c && len(rest) > 0 && strings.Join(without(r.own(o), set("total amount pay")),
				" ") == strings.Join(rest, " ") {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is some months of " + o.Name,
					Confidence: 0.8,
					Part: &Part{Of: cell(o.Name), Shares: []int{100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
						1100, 1200}}, Reads: []string{o.Name}})
				break
			}
		}
	}
}
