package infer

// moneyRules recognise amounts of money.
var moneyRules = []rule{
	{"what a night costs", reals, func(s *site) bool {
		return s.has("rate", "price", "tariff") && (s.has("nightly", "night", "room", "base", "rack") || s.is("rate", "price")) && s.of("room", "rate", "hotel", "suite") && s.column.Type.Precision-s.column.Type.Scale >= 3 && !s.has("tax", "interest")
	}, func(s *site) yaml { return s.amount(59, 380) }, 0.92},
	{"what one stream pays", reals, func(s *site) bool { return s.has("rate") && s.has("stream", "play") }, func(s *site) yaml {
		return call("decimal", "min", quote("0.0030"), "max", quote("0.0084"))
	}, 0.91},
	{"what a ticket costs", reals, func(s *site) bool {
		return s.has("ticket", "admission") && s.has("price", "fee", "cost") || s.is("price", "face_value") && s.about("ticket", "seat", "admission")
	}, func(s *site) yaml { return s.amount(15, 150) }, 0.92},
	{"what an hour or a day costs", reals, func(s *site) bool {
		return s.has("rate") && s.has("hourly", "daily", "nightly", "hour", "day", "night", "room", "weekly", "labor", "labour", "billing", "pay", "consulting")
	}, func(s *site) yaml { return s.amount(15, 180) }, 0.86},
	{"what an hour or a piece is paid", reals, func(s *site) bool {
		return s.is("rate") && s.besideAny("units", "hours", "quantity") && s.besideAny("amount", "total") &&
			s.about("line", "item", "entry", "detail")
	}, func(s *site) yaml { return s.amount(10, 120) }, 0.86},
	{"what a unit of energy costs, in cents", reals, func(s *site) bool {
		return s.has("kwh", "mwh", "unit") && s.has("cents", "ct", "pence") && s.has("per", "price", "rate")
	}, func(s *site) yaml { return call("decimal", "min", 6, "max", 48) }, 0.88},
	{"a tax or interest rate", reals, func(s *site) bool { return s.has("rate", "tax_rate", "interest", "commission") && !s.has("amount") }, func(s *site) yaml {
		if s.column.Type.Kind == reals[0] {
			return call("float", "min", 0, "max", 0.25, "step", 0.005)
		}
		return call("decimal", "min", 0, "max", "0.25")
	}, 0.8},
	{"a share that is taken off", reals, func(s *site) bool {
		return s.is("discount") && s.column.Type.Kind == reals[0] && s.besideAny("price", "quantity", "qty")
	}, func(s *site) yaml { return call("float", "min", 0, "max", 0.3, "step", 0.05) }, 0.86},
	{"what delivery costs", reals, func(s *site) bool {
		return s.has("shipping", "delivery", "freight", "postage", "handling", "shipped") && s.has("amount", "cost", "fee", "total", "price", "charge", "charges", "rate") && !s.about("shipment", "carrier", "container", "freight")
	}, func(s *site) yaml {
		return s.amount(3, 15)
	}, 0.9},
	{"a discount", reals, func(s *site) bool { return s.has("discount") }, func(s *site) yaml { return s.number(0, 30) }, 0.82},
	{"what a firm turns over in a year", reals, func(s *site) bool {
		return s.has("revenue", "turnover") && (s.has("annual", "yearly") || s.about(companyTables...) || s.firm())
	}, func(s *site) yaml { return s.amount(250000, 50000000) }, 0.91},
	{"what is to be raised", numbers, func(s *site) bool {
		return s.has("goal") && s.has("amount", "cents", "goal", "total") && s.about("project", "campaign", "fundraiser", "fund", "cause", "goal") && !s.has("id", "count", "type", "percent", "reached", "met")
	}, func(s *site) yaml {
		sums := []int{500, 1000, 2000, 2500, 5000, 5000, 7500, 10000, 10000, 15000, 20000, 25000, 50000, 75000, 100000}
		if s.has("cents") {
			for i := range sums {
				sums[i] *= 100
			}
		}
		return short("pick", list(sums))
	}, 0.9},
	{"what someone is to sell", reals, func(s *site) bool { return s.is("quota", "sales_quota", "sales_target", "target_amount") }, func(s *site) yaml { return s.amount(50000, 900000) }, 0.9},
	{"what a home costs in a month", reals, func(s *site) bool { return s.has("rent") && !s.has("rental", "car", "deposit", "fee", "late") }, func(s *site) yaml {
		return s.amount(550, 3500)
	}, 0.91},
	{"a fee for being late", reals, func(s *site) bool {
		return s.has("late", "overdue", "fine", "penalty") && s.has("fee", "fine", "charge", "amount", "penalty") || s.is("amount", "fee") && s.about("fine", "fee", "penalty", "reminder", "dunning")
	}, func(s *site) yaml { return s.amount(5, 90) }, 0.9},
	{"what a home costs", reals, func(s *site) bool {
		return s.has("price", "value", "valuation") && s.about("listing", "property", "house", "apartment", "home") && s.housing() && !s.has("sqft", "sqm", "per", "night", "nightly", "base", "fee", "square")
	}, func(s *site) yaml { return s.amount(95000, 950000) }, 0.92},
	{"what a square foot costs", reals, func(s *site) bool { return s.has("price") && s.has("sqft", "sqm", "square") }, func(s *site) yaml { return s.amount(90, 900) }, 0.92},
	{"what a plan costs", reals, func(s *site) bool {
		return s.has("price", "fee", "amount", "cost") && (s.about("plan", "tier", "package", "subscription_plan") || s.has("monthly") && s.has("fee", "price")) && !s.has("setup", "yearly", "annual")
	}, func(s *site) yaml { return s.amount(5, 99) }, 0.91},
	{"what an hour with somebody costs", reals, func(s *site) bool {
		return s.is("price", "fee", "cost") && s.about("session", "appointment", "lesson", "consultation", "treatment", "service", "viewing")
	}, func(s *site) yaml { return s.amount(20, 180) }, 0.88},
	{"what one dish costs", reals, func(s *site) bool {
		return s.has("price", "cost") && s.of("menu", "dish", "topping", "meal") && s.column.Type.Kind != reals[0]
	}, func(s *site) yaml { return s.amount(4, 35) }, 0.91},
	{"a price", reals, func(s *site) bool {
		return s.has("price", "cost", "fee", "msrp", "fare", "rent", "charge", "tariff", "unit", "freight", "postage") && !s.has("count")
	}, func(s *site) yaml { return s.amount(1, 500) }, 0.9},
	{"what someone earns in a month", reals, func(s *site) bool {
		return s.has("pay", "earnings", "paycheck") && !s.has("date", "rate", "period") || s.has("salary", "wage", "wages") && s.has("gross", "net") && s.about("payroll", "payslip", "paycheck", "salary", "payment")
	}, func(s *site) yaml { return s.amount(1500, 9000) }, 0.86},
	{"what a meter shows", reals, func(s *site) bool {
		return s.has("kwh", "mwh", "m3") && !s.has("price", "cost", "rate", "per", "cents", "tariff") ||
			s.ends("reading") && s.has("meter", "last", "initial", "current", "previous", "first", "final")
	}, func(s *site) yaml {
		if s.has("consumption", "usage", "quantity", "used") {
			return s.number(5, 900)
		}
		return s.number(100, 9000)
	}, 0.86},
	{"an amount of money", reals, func(s *site) bool {
		return s.has("amount", "total", "subtotal", "balance", "salary", "wage", "budget", "revenue", "income", "payment", "credit", "debit", "tax", "value", "worth", "spend", "bonus", "deposit", "refund", "limit", "sum")
	}, func(s *site) yaml {
		if s.has("salary", "wage") && s.column.Type.Kind != reals[0] && s.column.Type.Precision-s.column.Type.Scale > 5 {
			return call("decimal", "min", 24000, "max", 130000, "step", 500)
		}
		if s.has("salary", "budget", "revenue", "income", "wage") {
			return s.amount(20000, 150000)
		}
		return s.amount(5, 2000)
	}, 0.85},
	{"what a plan costs, in cents", ints, func(s *site) bool {
		return s.has("price", "fee", "amount", "cost") && s.about("plan", "tier") && s.column.Type.Width >= 4 && !s.has("setup", "yearly", "annual")
	}, func(s *site) yaml {
		return short("pick", list([]int{0, 900, 1200, 1900, 2900, 2900, 4900, 7900, 9900, 19900}))
	}, 0.91},
	{"what delivery costs, in cents", ints, func(s *site) bool {
		return s.has("shipping", "delivery", "freight", "postage", "service", "handling") && s.has("cost", "fee", "price", "charge", "cents", "amount") && s.column.Type.Width >= 4 && !s.about("shipment", "carrier", "container", "freight")
	}, func(s *site) yaml {
		return call("pick", "weights", mapping(0, 25, 99, 10, 199, 15, 299, 20, 399, 12, 499, 12, 799, 6))
	}, 0.9},
	{"a tip, in cents", ints, func(s *site) bool { return s.has("tip", "gratuity") }, func(s *site) yaml {
		return call("pick", "weights", mapping(0, 50, 100, 12, 200, 15, 300, 10, 500, 10, 1000, 3))
	}, 0.9},
	{"the least that one has to order, in cents", ints, func(s *site) bool {
		return s.has("min", "minimum") && s.has("order", "purchase", "spend", "cart") && s.has("cents", "amount", "value", "total") && s.column.Type.Width >= 4
	}, func(s *site) yaml { return short("pick", list([]int{500, 1000, 1000, 1500, 2000, 2500, 3000, 5000})) }, 0.88},
	{"what one dish costs, in cents", ints, func(s *site) bool {
		return s.has("price", "cost") && (s.of("menu", "option", "dish", "topping", "extra", "meal") || s.has("extra")) && s.column.Type.Width >= 4
	}, func(s *site) yaml {
		if s.has("extra") || s.of("option", "topping", "extra") {
			return short("pick", list([]int{0, 50, 50, 100, 100, 150, 200, 250, 300}))
		}
		return call("integer", "min", 350, "max", 3450, "step", 50)
	}, 0.88},
	{"a price in cents", ints, func(s *site) bool {
		return s.has("price", "cost", "msrp", "fare", "fee") && s.column.Type.Width >= 4
	}, func(s *site) yaml {
		return call("integer", "min", 199, "max", 99999, "step", 100, "distribution", "lognormal", "mean", 8.3, "sd", 0.9)
	}, 0.82},
	{"what someone earns in a year, in whole money", ints, func(s *site) bool {
		return s.has("salary", "compensation", "wage") && !s.has("cents", "hourly", "hour", "monthly", "month", "count") && s.column.Type.Width >= 4
	}, func(s *site) yaml { return call("integer", "min", 28000, "max", 120000, "step", 500) }, 0.9},
	{"what someone gets besides, in whole money", ints, func(s *site) bool { return s.is("bonus", "signing_bonus", "annual_bonus") && s.column.Type.Width >= 4 }, func(s *site) yaml {
		return call("integer", "min", 1000, "max", 15000, "step", 500)
	}, 0.9},
	{"what an hour is paid with, in cents", ints, func(s *site) bool {
		return s.has("hourly", "hour") && s.has("rate", "wage", "pay", "salary", "price", "cost") && s.column.Type.Width >= 4
	}, func(s *site) yaml { return call("integer", "min", 1400, "max", 12000, "step", 50) }, 0.88},
	{"what someone earns, in cents", ints, func(s *site) bool {
		return s.has("salary", "compensation", "wage", "income", "gross", "net") && s.has("cents", "monthly", "month") && s.column.Type.Width >= 4
	}, func(s *site) yaml {
		if s.has("monthly", "month", "gross", "net") {
			return call("integer", "min", 180000, "max", 900000, "step", 2500)
		}
		return call("integer", "min", 2800000, "max", 12000000, "step", 50000)
	}, 0.88},
	{"what a dwelling costs a month, in cents", ints, func(s *site) bool { return s.has("rent") && s.column.Type.Width >= 4 }, func(s *site) yaml {
		return call("integer", "min", 55000, "max", 320000, "step", 500)
	}, 0.88},
	{"what may be spent, in cents", ints, func(s *site) bool { return s.has("budget") && s.has("cents", "amount") && s.column.Type.Width >= 4 }, func(s *site) yaml {
		return call("integer", "min", 100000, "max", 20000000, "step", 10000, "distribution", "lognormal", "mean", 14.5, "sd", 1.2)
	}, 0.88},
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

// housing tells whether homes are sold in the database, not nights in them.
func (s *site) housing() bool {
	if s.besideAny("nightly", "nights", "guests", "night", "sku") {
		return false
	}
	for _, t := range s.table.draft.tables {
		for _, c := range t.schema.Columns {
			for _, w := range splitName(c.Name) {
				switch w {
				case "bedrooms", "sqft", "sqm", "mls", "mortgage", "cadastral":
					return true
				}
			}
		}
	}
	return false
}
