package infer

import "slices"

// measureRules recognise numbers that count or measure.
var measureRules = slices.Concat(vitalRules, []rule{
	{"what something is multiplied by", reals, func(s *site) bool { return s.has("multiplier", "surge") }, func(s *site) yaml {
		return short("pick", list([]yaml{raw("1.00"), raw("1.00"), raw("1.00"), raw("1.00"), raw("1.00"), raw("1.20"), raw("1.30"), raw("1.50"), raw("1.80"), raw("2.20")}))
	}, 0.9},
	{"the seats of a vehicle", ints, func(s *site) bool {
		return s.ends("seats", "seat_count", "doors", "passengers") && s.about("vehicle", "car", "van", "taxi", "cab", "truck", "model") && !s.has("available", "booked", "free")
	}, func(s *site) yaml { return short("pick", list([]int{4, 4, 5, 5, 5, 5, 7, 9})) }, 0.92},
	{"minutes that something of a kind takes", ints, func(s *site) bool {
		return (s.is("duration", "default_duration") && s.about("type", "service", "class", "course", "lesson", "treatment", "procedure", "workout", "activity", "tour", "program", "kind") || s.is("duration_min", "duration_mins", "duration_minutes", "length_min", "length_minutes", "default_duration_min")) && !s.about("film", "movie", "track", "song", "episode", "video", "album", "call", "session", "trip", "flight", "job", "run", "recording")
	}, func(s *site) yaml { return short("pick", list([]int{15, 30, 30, 45, 45, 60, 60, 60, 75, 90, 90, 120})) }, 0.86},
	{"a small percentage", numbers, func(s *site) bool {
		return s.has("percent", "percentage", "pct") && s.has("bonus", "commission", "fee", "tip", "interest", "margin", "markup", "vat", "tax", "raise", "deposit", "royalty", "royalties", "service")
	}, func(s *site) yaml { return s.number(1, 25) }, 0.91},
	{"an age", numbers, func(s *site) bool { return s.is("age") || s.ends("age") }, func(s *site) yaml { return s.number(18, 90) }, 0.92},
	{"a year that is to come", ints, func(s *site) bool { return s.ends("year") && s.has("exp", "expiry", "expiration", "expires") }, func(s *site) yaml { return call("integer", "min", 2026, "max", 2034) }, 0.92},
	{"a year of an account", ints, func(s *site) bool {
		return s.is("year", "fiscal_year", "period_year", "billing_year", "tax_year", "report_year", "academic_year", "payroll_year", "budget_year", "school_year") && !s.about("car", "vehicle", "book", "movie", "film", "album", "wine", "song", "coin", "model") && !s.unique
	}, func(s *site) yaml { return call("integer", "min", 2023, "max", 2025) }, 0.91},
	{"a year since when", ints, func(s *site) bool {
		return len(s.words) > 1 && s.ends("since") && s.has("certified", "licensed", "licenced", "member", "active", "established", "practicing", "practising", "employed", "customer", "in") && !s.unique && s.column.Type.Width <= 8
	}, func(s *site) yaml { return call("integer", "min", 1998, "max", 2024) }, 0.92},
	{"the year of a vehicle", ints, func(s *site) bool {
		return s.is("model_year", "year", "build_year", "year_of_manufacture", "registration_year") && s.about("vehicle", "car", "van", "truck", "bike", "motorcycle", "taxi", "cab", "bus", "fleet") && !s.unique
	}, func(s *site) yaml {
		return call("integer", "min", 2006, "max", 2025, "distribution", "normal", "mean", 2018, "sd", 4)
	}, 0.91},
	{aYear, ints, func(s *site) bool { return s.has("year") }, func(s *site) yaml { return call("integer", "min", 1990, "max", 2025) }, 0.9},
	{"a day of the week", ints, func(s *site) bool { return s.ends("weekday", "day_of_week", "dow") }, func(s *site) yaml {
		if s.about("class", "lesson", "course", "meeting", "schedule", "shift", "timetable", "period", "lecture", "session") && !s.unique {
			return short("pick", list([]int{1, 2, 3, 4, 5}))
		}
		return call("integer", "min", 0, "max", 6)
	}, 0.9},
	{"a month", ints, func(s *site) bool { return s.is("month") || s.ends("month") }, func(s *site) yaml { return call("integer", "min", 1, "max", 12) }, 0.88},
	{"a day", ints, func(s *site) bool { return s.is("day", "day_of_month") || s.ends("day") }, func(s *site) yaml { return call("integer", "min", 1, "max", 28) }, 0.85},
	{"an hour", ints, func(s *site) bool { return s.is("hour") || s.ends("hour") }, func(s *site) yaml { return call("integer", "min", 0, "max", 23) }, 0.88},
	{"a minute", ints, func(s *site) bool { return s.is("minute") }, func(s *site) yaml { return call("integer", "min", 0, "max", 59) }, 0.88},
	{"a rating", numbers, func(s *site) bool {
		return s.has("rating", "stars") && !s.has("count", "id")
	}, func(s *site) yaml { return s.stars() }, 0.88},
	{"a body mass index", numbers, func(s *site) bool { return s.is("bmi") || s.ends("bmi") }, func(s *site) yaml { return s.number(17, 38) }, 0.9},
	{"how often in a while", ints, func(s *site) bool {
		return s.has("per") && s.ends("day", "week", "month", "session", "visit") && !s.has("price", "cost", "rate", "fee", "amount", "cents", "bytes", "requests", "calls", "limit")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 10) }, 0.84},
	{"repetitions", ints, func(s *site) bool {
		return s.is("reps", "repetitions", "laps", "rounds", "goals", "assists", "sets", "set_count")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 20) }, 0.84},
	{"a percentage", numbers, func(s *site) bool { return s.has("percent", "percentage", "pct", "progress", "completion") }, func(s *site) yaml { return s.number(0, 100) }, 0.88},
	{"a score", numbers, func(s *site) bool { return s.has("score", "points", "grade", "karma", "reputation") }, func(s *site) yaml { return s.number(0, 100) }, 0.82},
	{"a stock before it moves", ints, func(s *site) bool { return s.has("before") && s.has("stock", "quantity", "qty", "balance") }, func(s *site) yaml { return call("integer", "min", 60, "max", 500) }, 0.86},
	{"below how much one orders more", ints, func(s *site) bool {
		return s.has("threshold", "reorder", "min", "minimum", "safety") && s.has("stock", "inventory", "quantity", "qty", "level", "reorder") && !s.has("order_quantity", "max")
	}, func(s *site) yaml { return short("pick", list([]int{5, 5, 10, 10, 15, 20, 25, 50})) }, 0.87},
	{"a stock", ints, func(s *site) bool { return s.has("stock", "inventory", "reserved") }, func(s *site) yaml { return call("integer", "min", 0, "max", 500) }, 0.85},
	{"a quantity", numbers, func(s *site) bool { return s.has("quantity", "qty", "amount_of") }, func(s *site) yaml {
		if s.column.Type.Kind == ints[0] {
			return call("integer", "min", 1, "max", 20, "distribution", "exponential", "mean", 1.5)
		}
		return s.number(1, 20)
	}, 0.9},
	{"how much fits", ints, func(s *site) bool {
		return s.ends("capacity", "seats", "max_students", "max_participants", "max_guests", "max_attendees", "max_occupancy", "max_members", "max_users", "max_players", "beds_total", "seats_total", "total_seats", "total_beds", "max_size", "quota", "allotment") || s.has("capacity")
	}, func(s *site) yaml {
		if s.about("room", "table", "vehicle", "car", "listing", "property", "plan", "apartment", "class", "classroom", "course", "group", "section") {
			return call("integer", "min", 2, "max", 60)
		}
		return call("integer", "min", 10, "max", 400)
	}, 0.86},
	{"how many something reaches", ints, func(s *site) bool {
		return s.has("sent", "recipients", "impressions", "streams", "stream", "listeners", "delivered", "pageviews") && (s.has("count", "total", "number", "monthly") || len(s.words) == 1) && s.column.Type.Width >= 4
	}, func(s *site) yaml {
		return call("integer", "min", 200, "max", 250000, "distribution", "lognormal", "mean", 8.5, "sd", 1.2)
	}, 0.86},
	{"how many someone has", ints, func(s *site) bool {
		return s.has("device", "devices", "seats", "license", "licenses") && s.has("count", "number")
	}, func(s *site) yaml {
		return call("integer", "min", 1, "max", 8, "distribution", "exponential", "mean", 1.5)
	}, 0.86},
	{"a count", ints, func(s *site) bool {
		return s.has("count", "counter", "views", "likes", "hits", "clicks", "downloads", "visits", "followers", "num", "total", "retries", "attempts", "tries", "shares", "votes", "plays", "replies", "pending", "added", "removed", "uses", "kills", "deaths", "wins", "losses", "edits", "failures", "errors")
	}, func(s *site) yaml {
		return call("integer", "min", 0, "max", 1000, "distribution", "exponential", "mean", 40)
	}, 0.82},
	{"a size in bytes", ints, func(s *site) bool {
		return s.has("bytes", "filesize") || s.ends("file_size", "size_bytes", "content_length") || s.is("size") && s.of("file", "attachment", "blob", "upload", "image", "object")
	},
		func(s *site) yaml {
			if s.column.Type.Width == 2 {
				return call("integer", "min", 1, "max", 30000)
			}
			return call("integer", "min", 200, "max", 20000000, "distribution", "lognormal", "mean", 11, "sd", 2)
		}, 0.88},
	{"a width or a height", ints, func(s *site) bool { return s.has("width", "height") }, func(s *site) yaml { return call("integer", "min", 100, "max", 4000, "step", 10) }, 0.82},
	{"days that something is lent", ints, func(s *site) bool {
		return s.ends("duration", "period", "length") && s.has("rental", "loan", "lending", "lease", "trial")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 14) }, 0.86},
	{"minutes that something plays", ints, func(s *site) bool {
		return s.is("length", "runtime", "running_time", "duration") && s.about("film", "movie", "episode", "video")
	}, func(s *site) yaml { return call("integer", "min", 40, "max", 190) }, 0.86},
	{"milliseconds that an album plays", ints, func(s *site) bool {
		return s.is("duration_ms", "length_ms", "total_duration_ms") && s.about("album", "episode", "podcast") && s.column.Type.Width >= 4
	}, func(s *site) yaml { return call("integer", "min", 1500000, "max", 4200000) }, 0.88},
	{"milliseconds that something plays", ints, func(s *site) bool {
		return s.is("length", "duration", "duration_ms", "length_ms", "ms", "milliseconds") && s.column.Type.Width >= 4 && s.about("track", "recording", "song")
	}, func(s *site) yaml { return call("integer", "min", 95000, "max", 420000) }, 0.84},
	{"days of a trial", ints, func(s *site) bool { return s.ends("days") && s.has("trial") }, func(s *site) yaml {
		return short("pick", list([]int{7, 14, 14, 14, 30, 30}))
	}, 0.87},
	{"a number of days", ints, func(s *site) bool { return s.ends("days", "nights", "day_count") }, func(s *site) yaml {
		if s.has("lead", "trial", "grace", "delivery", "return", "notice", "payment", "terms", "retention", "warranty") {
			return call("integer", "min", 3, "max", 60)
		}
		return call("integer", "min", 1, "max", 21, "distribution", "exponential", "mean", 4)
	}, 0.85},
	{"a number of months", ints, func(s *site) bool { return s.ends("months") }, func(s *site) yaml { return short("pick", list([]int{6, 12, 12, 24, 24, 36, 48, 60})) }, 0.85},
	{"a number of hours", ints, func(s *site) bool { return s.ends("hours") }, func(s *site) yaml {
		if s.has("weekly", "week") {
			return call("integer", "min", 2, "max", 40)
		}
		return call("integer", "min", 1, "max", 40, "distribution", "exponential", "mean", 6)
	}, 0.85},
	{"a number of minutes", ints, func(s *site) bool { return s.has("minutes", "mins") && !s.ends("count") }, func(s *site) yaml {
		return call("integer", "min", 5, "max", 120, "step", 5)
	}, 0.85},
	{"minutes that something takes", ints, func(s *site) bool {
		return s.ends("time") && s.has("reading", "read", "prep", "preparation", "cooking", "cook", "baking", "travel", "waiting", "wait", "setup", "playing")
	}, func(s *site) yaml { return call("integer", "min", 2, "max", 45) }, 0.87},
	{"grams that something weighs", ints, func(s *site) bool {
		return s.has("weight") && s.has("g", "grams", "gram") || s.is("weight") && s.about("product", "variant", "item", "parcel", "package", "article") && s.column.Type.Width >= 4
	}, func(s *site) yaml {
		return call("integer", "min", 50, "max", 12000, "step", 10, "distribution", "lognormal", "mean", 6.3, "sd", 0.9)
	}, 0.87},
	{"seconds that something plays", ints, func(s *site) bool {
		return s.ends("duration_seconds", "length_seconds", "duration_sec", "duration_secs", "duration_s") &&
			s.about("episode", "podcast", "video", "movie", "film", "lesson", "lecture", "recording", "song",
				"track", "webinar") && s.column.Type.Width >= 4
	}, func(s *site) yaml {
		if s.about("song", "track") {
			return call("integer", "min", 95, "max", 420)
		}
		return call("integer", "min", 300, "max", 5400)
	}, 0.9},
	{"days that somebody is away", reals, func(s *site) bool {
		return s.ends("days") && (s.has("leave", "vacation", "holiday", "entitled", "entitlement", "taken",
			"remaining", "carried", "allowance", "accrued", "sick") || s.of("leave", "vacation", "absence"))
	}, func(s *site) yaml {
		if s.has("entitled", "entitlement", "allowance", "remaining") {
			return call("decimal", "min", 10, "max", 30, "step", "0.5")
		}
		return call("decimal", "min", "0", "max", 12, "step", "0.5")
	}, 0.87},
	{"a number of days", reals, func(s *site) bool { return s.ends("days") && s.column.Type.Kind != reals[0] },
		func(s *site) yaml {
			return call("decimal", "min", "0.5", "max", 20, "step", "0.5")
		}, 0.82},
	{"hours of work", reals, func(s *site) bool {
		return s.has("hours") && s.column.Type.Kind != reals[0] && (s.ends("hours", "worked", "hours_logged",
			"hours_spent") || s.is("hours"))
	}, func(s *site) yaml {
		switch {
		case s.has("overtime"):
			return call("decimal", "min", "0", "max", 12, "step", "0.25")
		case s.about("payslip", "payroll", "paycheck"):
			return call("decimal", "min", 80, "max", 176, "step", "0.5")
		case s.has("weekly", "week"):
			return call("decimal", "min", 16, "max", 40, "step", "0.5")
		}
		return call("decimal", "min", "0.25", "max", 9, "step", "0.25")
	}, 0.84},
	{"people in a household", ints, func(s *site) bool {
		return s.has("occupants", "residents", "household", "inhabitants", "tenants") && (s.ends("occupants",
			"residents", "inhabitants", "household_size", "tenants") || s.has("count"))
	}, func(s *site) yaml { return short("pick", list([]int{1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6})) }, 0.88},
	{"a duration", ints, func(s *site) bool {
		return s.has("duration", "seconds", "minutes", "ms", "millis", "milliseconds", "elapsed", "latency", "timeout", "ttl", "interval", "delay", "length", "runtime", "secs") || s.ends("days", "hours", "weeks", "months")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 3600) }, 0.8},
	{"a place in an order", ints, func(s *site) bool {
		return !s.has("cents", "price", "amount", "fee", "cost", "value") && s.has("position", "pos", "ordinal", "sequence", "seq", "sort", "rank", "order", "index", "idx", "weight", "priority", "line", "number", "num", "no", "iid", "step", "row", "col", "level", "depth")
	}, func(s *site) yaml {
		most := int64(100)
		if s.unique {
			most = max(most, min(10*s.rows, 30000))
		}
		return call("integer", "min", 1, "max", most)
	}, 0.75},
	{"a version", ints, func(s *site) bool { return s.has("version", "revision", "generation") }, func(s *site) yaml { return call("integer", "min", 1, "max", 10) }, 0.82},
	{"kilograms that goods weigh", reals, func(s *site) bool {
		return s.has("weight") && s.about("product", "variant", "item", "article", "parcel", "package", "good", "sku", "book") && s.column.Type.Kind != reals[0] && s.column.Type.Scale > 0
	}, func(s *site) yaml {
		return call("decimal", "min", quote("0.05"), "max", 25, "distribution", "lognormal", "mean", -0.3, "sd", 0.9)
	}, 0.84},
	{"the weight of a bag", reals, func(s *site) bool {
		return s.has("weight", "mass") && s.about("baggage", "bag", "luggage", "suitcase") && !s.has("max", "limit",
			"g")
	}, func(s *site) yaml { return s.number(4, 32) }, 0.86},
	{"a weight", reals, func(s *site) bool { return s.has("weight", "mass") }, func(s *site) yaml { return s.number(1, 50) }, 0.82},
	{"a length", reals, func(s *site) bool {
		return s.has("length", "width", "height", "depth", "distance", "area", "size", "radius")
	}, func(s *site) yaml { return s.number(1, 100) }, 0.8},
	{"a temperature", reals, func(s *site) bool { return s.has("temperature", "temp") }, func(s *site) yaml { return s.number(-10, 35) }, 0.85},
	{"a share", reals, func(s *site) bool {
		return s.has("ratio", "probability", "confidence", "share", "fraction", "similarity")
	}, func(s *site) yaml { return s.number(0, 1) }, 0.85},
	{"a speed", numbers, func(s *site) bool { return s.has("speed", "velocity") }, func(s *site) yaml { return s.number(0, 120) }, 0.8},
	{"a size", ints, func(s *site) bool { return s.has("size") }, func(s *site) yaml { return call("integer", "min", 1, "max", 10000) }, 0.6},
	{millisSinceEpoch, ints, func(s *site) bool {
		return s.column.Type.Width == 8 && s.ends("at_ms", "timestamp_ms", "ts_ms", "epoch_ms", "at_millis", "timestamp_millis")
	}, func(s *site) yaml { return call("integer", "min", 1704067200000, "max", 1767139200000) }, 0.9},
	{sinceEpoch, ints, func(s *site) bool {
		return s.column.Type.Width >= 4 && (s.ends("at", "on", "time", "timestamp", "ts", "date") || s.is("created", "updated", "modified", "expires"))
	},
		func(s *site) yaml { return call("integer", "min", 1704067200, "max", 1767139200) }, 0.75},
})

// number writes numbers between two bounds in the column's own kind.
func (s *site) number(least, most int) yaml {
	switch s.column.Type.Kind {
	case ints[0]:
		return call("integer", "min", least, "max", most)
	case reals[0]:
		return call("float", "min", least, "max", most, "step", 0.01)
	}
	if whole := s.column.Type.Precision - s.column.Type.Scale; s.column.Type.Precision > 0 {
		limit := 1
		for range min(max(whole, 0), 9) {
			limit *= 10
		}
		if most >= limit {
			most = limit - 1
		}
		if least >= most {
			least = 0
		}
	}
	return call("decimal", "min", least, "max", most)
}
