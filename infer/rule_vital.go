package infer

import "math/big"

// vitalRules recognise numbers whose usual size everybody knows: of bodies, of rooms, of books, of work.
var vitalRules = []rule{
	{"a heart's rate", numbers, func(s *site) bool { return s.has("heart_rate", "pulse", "bpm") }, func(s *site) yaml { return s.around(72, 12, 48, 130) }, 0.92},
	{"a breathing rate", numbers, func(s *site) bool { return s.has("respiratory", "respiration") }, func(s *site) yaml { return s.around(16, 3, 10, 30) }, 0.92},
	{"the upper blood pressure", numbers, func(s *site) bool { return s.has("systolic") }, func(s *site) yaml { return s.around(122, 14, 90, 190) }, 0.92},
	{"the lower blood pressure", numbers, func(s *site) bool { return s.has("diastolic") }, func(s *site) yaml { return s.around(78, 6, 50, 89) }, 0.92},
	{"the oxygen in blood", numbers, func(s *site) bool { return s.has("oxygen", "spo2") }, func(s *site) yaml { return s.around(97, 1, 88, 100) }, 0.9},
	{"a body's temperature", numbers, func(s *site) bool {
		return s.has("temperature", "temp") && (s.has("body") || s.besideAny("pulse", "systolic", "heart", "respiratory") || s.about("patient", "vital", "encounter", "vitals"))
	}, func(s *site) yaml { return s.around(37, 1, 36, 40) }, 0.92},
	{"a person's height in centimetres", numbers, func(s *site) bool {
		return s.has("height") && s.someoneWhoLives() && s.metric("cm")
	}, func(s *site) yaml { return s.around(171, 10, 140, 205) }, 0.92},
	{"a person's weight in kilograms", numbers, func(s *site) bool {
		return s.has("weight") && s.someoneWhoLives() && s.metric("kg")
	}, func(s *site) yaml { return s.around(74, 13, 42, 140) }, 0.92},
	{"a body's fat, in per cent", numbers, func(s *site) bool { return s.has("fat") && s.has("body", "percent", "pct") }, func(s *site) yaml { return s.around(24, 6, 8, 45) }, 0.92},
	{"a heart's rate at rest", numbers, func(s *site) bool { return s.has("heart") && s.has("rate", "resting") }, func(s *site) yaml { return s.around(66, 9, 45, 100) }, 0.92},
	{"around a body, in centimetres", numbers, func(s *site) bool {
		return s.is("waist", "waist_cm", "hip", "hip_cm", "hips", "hips_cm", "chest", "chest_cm", "waist_circumference", "chest_circumference")
	}, func(s *site) yaml { return s.around(92, 12, 60, 140) }, 0.92},
	{"times a day", ints, func(s *site) bool { return s.has("per_day", "daily_doses", "times_daily") }, func(s *site) yaml { return call("integer", "min", 1, "max", 4) }, 0.88},
	{"refills", ints, func(s *site) bool { return s.has("refill", "refills") }, func(s *site) yaml { return call("integer", "min", 0, "max", 5) }, 0.9},
	{"a signal's strength", ints, func(s *site) bool { return s.has("dbm", "rssi") }, func(s *site) yaml { return call("integer", "min", -110, "max", -35) }, 0.92},
	{"a grade point average", reals, func(s *site) bool { return s.is("gpa") || s.ends("gpa") }, func(s *site) yaml { return call("decimal", "min", "1.50", "max", "4.00") }, 0.92},
	{"pages", ints, func(s *site) bool {
		return s.is("pages", "page_count", "num_pages", "number_of_pages") && !s.about("visit", "session")
	}, func(s *site) yaml {
		return call("integer", "min", 40, "max", 900, "distribution", "normal", "mean", 300, "sd", 120)
	}, 0.9},
	{"a floor of a building", ints, func(s *site) bool { return s.is("floor", "storey", "floor_no", "floor_number") }, func(s *site) yaml { return call("integer", "min", 0, "max", 8) }, 0.88},
	{"credits of a course", ints, func(s *site) bool {
		return s.is("credits", "credit_hours", "ects") && !s.about("account", "user", "wallet", "customer")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 10) }, 0.86},
	{"the most points", ints, func(s *site) bool {
		return s.is("max_points", "max_score", "total_points", "points_possible", "max_marks")
	}, func(s *site) yaml { return short("pick", list([]int{10, 20, 25, 50, 50, 100, 100, 100})) }, 0.88},
	{"a year of birth", ints, func(s *site) bool { return s.has("birth", "born") && s.has("year") }, func(s *site) yaml {
		return call("integer", "min", 1950, "max", 2006)
	}, 0.93},
	{"a year in which something was founded", ints, func(s *site) bool {
		return s.is("founded", "founded_year", "year_founded", "established", "year_established", "since_year", "formed_year", "year_built", "built_year", "construction_year") && !s.unique
	}, func(s *site) yaml { return call("integer", "min", 1950, "max", 2019) }, 0.93},
	{"how likely something is, in per cent", ints, func(s *site) bool { return s.has("probability", "likelihood", "win_chance") }, func(s *site) yaml {
		return short("pick", list([]int{10, 20, 25, 30, 40, 50, 60, 75, 80, 90}))
	}, 0.91},
	{"how popular something is", ints, func(s *site) bool { return s.is("popularity", "popularity_score", "relevance") }, func(s *site) yaml { return call("integer", "min", 0, "max", 100) }, 0.9},
	{"marks for parts of a stay", ints, func(s *site) bool {
		return s.of("review", "rating", "survey", "feedback") && s.is("cleanliness", "service", "location", "comfort", "value", "staff", "quality", "food", "communication", "accuracy", "friendliness", "punctuality", "price", "ambience", "facilities")
	}, func(s *site) yaml { return s.stars() }, 0.9},
	{"square metres of a room", numbers, func(s *site) bool {
		return s.has("sqm", "m2", "square_meters", "square_metres") && !s.has("price", "rent", "cost", "lot", "plot", "land")
	}, func(s *site) yaml { return s.number(14, 160) }, 0.9},
	{"square feet of a home", ints, func(s *site) bool {
		return s.has("sqft", "square_feet") && !s.has("price", "rent", "cost", "lot", "land")
	}, func(s *site) yaml { return call("integer", "min", 450, "max", 3800, "step", 10) }, 0.9},
	{"people for whom a room is", ints, func(s *site) bool {
		return s.of("room", "listing", "apartment", "table") && s.has("occupancy", "guests", "capacity", "sleeps", "seats") && !s.has("min", "current")
	}, func(s *site) yaml { return short("pick", list([]int{1, 2, 2, 2, 3, 4, 4, 5, 6})) }, 0.91},
	{"rooms of a hotel", ints, func(s *site) bool {
		return s.about("hotel", "hostel", "resort", "motel") && s.has("rooms", "room") && s.has("count", "total", "number", "rooms")
	}, func(s *site) yaml {
		return call("integer", "min", 12, "max", 320)
	}, 0.91},
	{"the number of a track", ints, func(s *site) bool { return s.is("track_number", "track_no") && !s.unique }, func(s *site) yaml { return call("integer", "min", 1, "max", 14) }, 0.9},
	{"the number of a disc", ints, func(s *site) bool { return s.is("disc_number", "disc_no", "disk_number") }, func(s *site) yaml {
		return short("pick", list([]int{1, 1, 1, 1, 1, 1, 1, 2}))
	}, 0.9},
	{"what a machine hears in music", reals, func(s *site) bool {
		return s.is("danceability", "energy", "valence", "acousticness", "instrumentalness", "liveness", "speechiness") && s.of("track", "song", "audio", "feature", "features", "recording")
	}, func(s *site) yaml { return call("decimal", "min", 0, "max", 1) }, 0.93},
	{"how loud something is", reals, func(s *site) bool { return s.has("loudness") }, func(s *site) yaml {
		return call("decimal", "min", -18, "max", -3)
	}, 0.93},
	{"beats a minute", ints, func(s *site) bool { return s.is("bpm", "tempo") && s.of("track", "song", "music", "recording") }, func(s *site) yaml { return s.around(118, 24, 60, 190) }, 0.94},
	{"years of practice", numbers, func(s *site) bool {
		return s.has("experience", "seniority", "tenure", "practice") && s.has("years", "yrs", "year") || s.is("experience")
	}, func(s *site) yaml { return s.number(0, 30) }, 0.9},
	{"a share of what is sold, in per cent", reals, func(s *site) bool {
		return s.has("commission") && s.has("pct", "percent", "percentage", "rate") && s.column.Type.Precision-s.column.Type.Scale >= 2
	}, func(s *site) yaml { return s.number(1, 15) }, 0.91},
	{"places for cars", ints, func(s *site) bool {
		return s.has("parking", "garage") && s.has("spaces", "spots", "places", "count", "lots") && s.about("property", "apartment", "house", "listing", "unit", "home", "flat", "office")
	}, func(s *site) yaml { return call("integer", "min", 0, "max", 3) }, 0.9},
	{"floors of a building", ints, func(s *site) bool {
		return s.is("floors", "total_floors", "storeys", "stories", "num_floors", "floor_count")
	}, func(s *site) yaml {
		return call("integer", "min", 1, "max", 24, "distribution", "exponential", "mean", 4)
	}, 0.9},
	{"rooms", ints, func(s *site) bool {
		return s.ends("bedrooms") && !s.about("hotel") || s.is("rooms", "bedrooms", "num_bedrooms", "beds", "bedroom_count", "room_count") && !s.of("hotel", "hospital", "ward")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 6) }, 0.87},
	{"bathrooms", numbers, func(s *site) bool { return s.has("bathrooms", "baths") }, func(s *site) yaml { return s.number(1, 3) }, 0.87},
	{"people who come along", ints, func(s *site) bool {
		return s.is("guests", "guest_count", "num_guests", "adults", "party_size", "persons", "passengers", "number_of_guests", "pax") || s.ends("adults")
	}, func(s *site) yaml {
		return call("integer", "min", 1, "max", 6, "distribution", "exponential", "mean", 1.5)
	}, 0.87},
	{"children", ints, func(s *site) bool { return s.is("children", "num_children", "kids", "infants") }, func(s *site) yaml {
		return call("integer", "min", 0, "max", 4, "distribution", "exponential", "mean", 0.8)
	}, 0.87},
	{"years", ints, func(s *site) bool { return s.is("years") || s.ends("years") && !s.has("light") }, func(s *site) yaml {
		return call("integer", "min", 1, "max", 25, "distribution", "exponential", "mean", 4)
	}, 0.86},
	{"a percentage that is taken off a line", numbers, func(s *site) bool {
		return s.has("percent", "percentage", "pct", "rate") && s.has("discount", "rebate") && (s.about("line", "item", "detail", "position", "order", "invoice", "quote") || s.of("line", "item", "deal", "order", "quote", "cart", "invoice")) && (s.column.Type.Kind == ints[0] || s.column.Type.Precision-s.column.Type.Scale >= 2)
	}, func(s *site) yaml { return short("pick", list([]int{0, 0, 0, 0, 0, 5, 5, 10, 10, 15, 20})) }, 0.91},
	{"a percentage that is taken off", numbers, func(s *site) bool { return s.has("percent", "percentage", "pct") && s.has("off", "discount", "rebate") }, func(s *site) yaml {
		if s.column.Type.Kind == ints[0] {
			return short("pick", list([]int{5, 10, 10, 15, 20, 20, 25, 30, 40, 50}))
		}
		return s.number(5, 50)
	}, 0.9},
	{"a tax rate in per cent", numbers, func(s *site) bool {
		return s.has("tax", "vat", "gst") && s.has("rate", "percent", "pct") && (s.column.Type.Kind == ints[0] || s.column.Type.Precision-s.column.Type.Scale >= 2)
	}, func(s *site) yaml { return short("pick", list([]int{0, 5, 7, 10, 19, 20, 20, 21})) }, 0.9},
	{"an interest rate in per cent", reals, func(s *site) bool {
		return s.has("interest", "annual", "apr", "mortgage") && s.has("rate", "apr") && s.column.Type.Precision-s.column.Type.Scale >= 2
	}, func(s *site) yaml { return call("decimal", "min", "0.25", "max", "12") }, 0.9},
	{"a level", ints, func(s *site) bool {
		return s.is("level", "depth", "tier", "grade_level") || s.ends("level", "depth") && !s.has("water", "stock", "sea", "fuel", "noise")
	}, func(s *site) yaml { return call("integer", "min", 1, "max", 5) }, 0.8},
	{"a week of the year", ints, func(s *site) bool { return s.is("week", "week_number", "week_no", "calendar_week", "iso_week") }, func(s *site) yaml { return call("integer", "min", 1, "max", 52) }, 0.9},
	{"a quarter", ints, func(s *site) bool { return s.is("quarter", "fiscal_quarter") }, func(s *site) yaml { return call("integer", "min", 1, "max", 4) }, 0.9},
	{"degrees of latitude", ints, func(s *site) bool { return s.is("lat", "latitude") || s.ends("lat", "latitude") }, func(s *site) yaml { return call("integer", "min", -54, "max", 69) }, 0.88},
	{"degrees of longitude", ints, func(s *site) bool { return s.is("lng", "lon", "longitude") || s.ends("lng", "lon", "longitude") }, func(s *site) yaml { return call("integer", "min", -124, "max", 151) }, 0.88},
	{"an odometer", ints, func(s *site) bool { return s.has("odometer", "mileage") }, func(s *site) yaml { return call("integer", "min", 500, "max", 240000) }, 0.9},
	{"how many were ever there", ints, func(s *site) bool {
		return s.ends("total", "capacity") && len(s.words) == 2 && s.words[0] != "grand" && !s.has("cents", "tax", "order", "line", "sub", "price", "cost", "amount")
	}, func(s *site) yaml { return call("integer", "min", 2, "max", 60) }, 0.83},
	{"the most that is allowed", ints, func(s *site) bool {
		return s.words[0] == "max" && len(s.words) > 1 && s.has("uses", "redemptions", "attempts", "retries")
	}, func(s *site) yaml { return short("pick", list([]int{1, 3, 5, 10, 50, 100, 500})) }, 0.85},
}

// someoneWhoLives tells whether a row is about a person's body.
func (s *site) someoneWhoLives() bool {
	return s.about("patient", "player", "athlete", "person", "member", "user", "vital", "fighter", "profile", "model", "actor") || s.besideAny("blood", "birth", "gender", "sex", "bmi")
}

// metric tells whether a measure is in a unit, or in none that the name says.
func (s *site) metric(unit string) bool {
	return s.has(unit) || !s.has("in", "inch", "inches", "ft", "feet", "lb", "lbs", "pounds", "m", "mm", "cm", "g", "kg")
}

// around writes numbers near a mean.
func (s *site) around(mean, sd, least, most int) yaml {
	name, more := "integer", []any{}
	switch s.column.Type.Kind {
	case ints[0]:
	case reals[0]:
		name, more = "float", []any{"step", 0.1}
	default:
		name = "decimal"
	}
	return call(name, append([]any{"min", least, "max", most, "distribution", "normal", "mean", mean, "sd", sd}, more...)...)
}

// stars writes ratings: most are good, and more are bad than middling.
func (s *site) stars() yaml {
	if most, ok := bound(s.domain.Max); s.column.Type.Kind == ints[0] && !s.unique && (!ok || most.Cmp(big.NewRat(5, 1)) == 0) && (s.domain.Min == nil || atMost(s.domain.Min, 1)) {
		return call("pick", "weights", mapping(5, 46, 4, 30, 3, 11, 2, 5, 1, 8))
	}
	return s.number(1, 5)
}
