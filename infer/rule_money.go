package infer

// moneyRules recognise amounts of money.
var moneyRules = []rule{
	{"what an hour or a day costs", reals, func(s *site) bool {
		return s.has("rate") && s.has("hourly", "daily", "nightly", "hour", "day", "night", "room", "weekly", "labor", "labour", "billing", "pay", "consulting")
	}, func(s *site) yaml { return s.amount(15, 180) }, 0.86},
	{"a tax or interest rate", reals, func(s *site) bool { return s.has("rate", "tax_rate", "interest", "commission") && !s.has("amount") }, func(s *site) yaml {
		if s.column.Type.Kind == reals[0] {
			return call("float", "min", 0, "max", 0.25, "step", 0.005)
		}
		return call("decimal", "min", 0, "max", "0.25")
	}, 0.8},
	{"a share that is taken off", reals, func(s *site) bool {
		return s.is("discount") && s.column.Type.Kind == reals[0] && s.besideAny("price", "quantity", "qty")
	}, func(s *site) yaml { return call("float", "min", 0, "max", 0.3, "step", 0.05) }, 0.86},
	{"a discount", reals, func(s *site) bool { return s.has("discount") }, func(s *site) yaml { return s.number(0, 30) }, 0.82},
	{"a price", reals, func(s *site) bool {
		return s.has("price", "cost", "fee", "msrp", "fare", "rent", "charge", "tariff", "unit", "freight", "postage") && !s.has("count")
	}, func(s *site) yaml { return s.amount(1, 500) }, 0.9},
	{"what someone earns in a month", reals, func(s *site) bool {
		return s.has("pay", "earnings", "paycheck") && !s.has("date", "rate", "period") || s.has("salary", "wage", "wages") && s.has("gross", "net") && s.about("payroll", "payslip", "paycheck", "salary", "payment")
	}, func(s *site) yaml { return s.amount(1500, 9000) }, 0.86},
	{"an amount of money", reals, func(s *site) bool {
		return s.has("amount", "total", "subtotal", "balance", "salary", "wage", "budget", "revenue", "income", "payment", "credit", "debit", "tax", "value", "worth", "spend", "bonus", "deposit", "refund", "limit", "sum")
	}, func(s *site) yaml {
		if s.has("salary", "budget", "revenue", "income", "wage") {
			return s.amount(20000, 150000)
		}
		return s.amount(5, 2000)
	}, 0.85},
	{"an amount of money in cents", ints, func(s *site) bool {
		return s.has("cents", "price", "amount", "total", "subtotal", "balance", "cost", "fee", "salary", "budget", "tax", "discount")
	}, func(s *site) yaml {
		if s.column.Type.Width == 2 {
			return call("integer", "min", 100, "max", 30000)
		}
		return call("integer", "min", 100, "max", 200000)
	}, 0.8},
}

// amount writes believable prices.
func (s *site) amount(least, most int) yaml {
	if s.column.Type.Kind == reals[0] {
		return call("float", "min", least, "max", most, "step", 0.01)
	}
	if p := s.column.Type.Precision; p > 0 {
		limit := 1
		for range min(max(p-s.column.Type.Scale, 0), 9) {
			limit *= 10
		}
		if most >= limit {
			least, most = min(least, 1), max(limit/4, 1) // amounts rarely need all the room that they have
		}
		if limit == 1 {
			return call("decimal", "max", "0."+nines(min(s.column.Type.Scale, p)))
		}
	}
	return call("price", "min", least, "max", most)
}

func nines(n int) string {
	out := ""
	for range n {
		out += "9"
	}
	if out == "" {
		return "0"
	}
	return out
}
