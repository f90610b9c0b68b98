package infer

import "strings"

// tradeRules recognise what films, farms, animals and machines have, whose usual words and sizes are their own.
var tradeRules = []rule{
	{"a film's title", texts, func(s *site) bool {
		return s.is("title", "name", "original_title") && s.about("movie", "film", "feature") && !s.unique && s.fits(40)
	}, func(s *site) yaml { return short("prose", "movie_title") }, 0.92},
	{"what a film is about", texts, func(s *site) bool {
		return s.is("synopsis", "plot", "storyline", "logline", "plot_summary", "overview") && s.about("movie", "film", "feature", "show", "series", "episode", "play") && s.fits(90)
	}, func(s *site) yaml {
		return call("prose", "genre", "movie_plot", "sentences", mapping("min", 1, "max", 3))
	}, 0.92},
	{"whom somebody plays", texts, func(s *site) bool {
		return s.is("character", "character_name", "role_name", "part") && s.of("cast", "actor", "credit", "casting", "performance") && s.fits(20)
	}, func(s *site) yaml { return s.person("full_name") }, 0.92},
	{"a number of the film database", texts, func(s *site) bool { return s.has("imdb") && s.fits(9) && !s.has("url", "link", "rating") }, func(*site) yaml {
		return short("pattern", "tt[0-9]{7}")
	}, 0.94},
	{"minutes that a film plays", numbers, func(s *site) bool {
		return s.has("runtime", "running", "duration", "length") && s.about("movie", "film", "feature") && !s.has("seconds", "sec", "ms", "rental", "loan", "lease")
	}, func(s *site) yaml { return s.around(108, 18, 70, 190) }, 0.93},
	{"what a film costs or earns", numbers, func(s *site) bool {
		return s.has("budget", "box", "gross", "revenue") && s.about("movie", "film", "feature") && (s.column.Type.Width >= 4 || s.column.Type.Precision-s.column.Type.Scale >= 9)
	}, func(s *site) yaml {
		least, most := 500000, 90000000
		if !s.has("budget") {
			least, most = 300000, 400000000
		}
		if s.column.Type.Kind == ints[0] {
			return call("integer", "min", least, "max", most, "distribution", "lognormal", "mean", 16.4, "sd", 1.1, "step", 1000)
		}
		return s.amount(least, most)
	}, 0.92},
	{"what a seat at a show costs", reals, func(s *site) bool {
		return s.has("price", "fee", "cost") && s.about("screening", "showtime", "show", "showing", "performance", "concert", "exhibition", "seance", "matinee", "museum")
	}, func(s *site) yaml { return s.amount(8, 60) }, 0.92},
	{"rows and seats of a hall", ints, func(s *site) bool {
		return s.is("seat_rows", "row_count", "seats_per_row", "number_of_rows", "rows_count") && s.about("screen", "hall", "auditorium", "theater", "theatre", "room", "section", "cabin")
	}, func(*site) yaml { return call("integer", "min", 6, "max", 24) }, 0.92},
	{"the label of one of several rooms", texts, func(s *site) bool {
		return s.is("label", "name", "title") && s.about("screen", "auditorium", "court", "lane", "pitch", "bay", "dock", "gate", "berth", "paddock") && s.fits(14) && !(s.unique && s.rows > 900)
	}, func(s *site) yaml {
		kind := s.owner[len(s.owner)-1]
		return short("pattern", strings.ToUpper(kind[:1])+kind[1:]+" [1-9][0-9]{0,2}")
	}, 0.9},
	{"the name of a pet", texts, func(s *site) bool {
		return s.is("name", "call_name", "nickname") && s.about("pet", "animal", "dog", "cat", "horse", "puppy", "kitten", "cow", "rabbit") && !s.unique
	}, func(*site) yaml { return short("word", "pet_name") }, 0.93},
	{"a breed", texts, func(s *site) bool { return s.is("breed", "breed_name") && !s.unique }, func(s *site) yaml {
		if s.about("dog", "puppy") {
			return short("word", "dog_breed")
		}
		return short("word", "animal_breed")
	}, 0.92},
	{"the number of an animal's chip", texts, func(s *site) bool {
		return s.has("microchip", "chip") && s.about("pet", "animal", "dog", "cat", "horse", "puppy", "kitten") && s.fits(15) && !s.has("date", "at", "by")
	}, func(*site) yaml { return short("pattern", "9[0-9]{14}") }, 0.93},
	{"an ear tag", texts, func(s *site) bool { return s.is("ear_tag", "eartag", "tag_number", "ear_tag_number") && s.fits(12) }, func(*site) yaml {
		return short("pattern", "[A-Z]{2}[0-9]{10}")
	}, 0.92},
	{"what a pet weighs, in kilograms", numbers, func(s *site) bool {
		return s.has("weight") && s.about("pet", "dog", "cat", "puppy", "kitten", "rabbit") && !s.has("g", "grams", "lb", "lbs")
	}, func(s *site) yaml { return s.number(2, 38) }, 0.9},
	{"a farm's name", texts, func(s *site) bool {
		return s.is("name", "title") && s.about("farm", "ranch", "orchard", "dairy") && !s.unique && s.fits(30)
	}, func(*site) yaml { return short("prose", "farm_name") }, 0.92},
	{"a crop", texts, func(s *site) bool {
		return (s.is("crop", "crop_name", "crop_type") || s.is("name") && s.about("crop")) && !s.unique && s.fits(14)
	}, func(*site) yaml { return short("word", "crop") }, 0.92},
	{"days until the harvest", ints, func(s *site) bool { return s.has("days") && s.has("harvest", "maturity", "mature", "ripen") }, func(*site) yaml {
		return call("integer", "min", 30, "max", 180, "step", 5)
	}, 0.92},
	{"what milk has, in per cent", reals, func(s *site) bool {
		return s.has("fat", "protein", "lactose") && s.has("pct", "percent", "percentage") && s.of("milk", "milking", "dairy", "lactation")
	}, func(s *site) yaml { return s.number(3, 5) }, 0.93},
	{"litres", reals, func(s *site) bool {
		return s.has("litres", "liters", "litre", "liter", "gallons", "gallon") && !s.has("price", "cost", "per", "rate", "capacity", "tank")
	}, func(s *site) yaml { return s.number(4, 60) }, 0.88},
	{"a county", texts, func(s *site) bool {
		return s.is("county", "county_name") && s.fits(18) && (s.locale == "" || s.locale == "en_US")
	}, func(*site) yaml {
		return short("word", "county")
	}, 0.93},
	{"hours that a machine has run", numbers, func(s *site) bool {
		return s.ends("hours") && s.has("engine", "operating", "machine", "running", "airframe", "run")
	}, func(s *site) yaml { return s.number(80, 9000) }, 0.9},
	{"a model of a machine", texts, func(s *site) bool {
		return s.is("model", "model_name", "model_no", "model_number") && (s.about("machine", "device", "equipment", "instrument", "appliance", "printer", "sensor", "meter", "tool", "aircraft", "tractor", "robot", "asset") || s.besideAny("make", "manufacturer", "serial")) &&
			!s.about("vehicle", "car", "truck", "automobile") && s.fits(7) && !s.unique
	}, func(*site) yaml { return short("pattern", "[A-Z]{1,2}-?[1-9][0-9]{2}[0S]?") }, 0.9},
	{"what a machine costs", reals, func(s *site) bool {
		return s.has("price", "cost", "value") && s.about("machine", "vehicle", "car", "truck", "tractor", "boat", "motorcycle", "equipment", "asset", "instrument", "aircraft", "trailer") && !s.has("per", "unit", "day", "daily", "hour", "hourly", "rental", "service", "repair", "fuel", "part", "km", "mile", "night") &&
			s.column.Type.Precision-s.column.Type.Scale != 1
	}, func(s *site) yaml { return s.amount(1500, 68000) }, 0.91},
	{"what an hour of work is paid", reals, func(s *site) bool {
		return s.has("wage", "pay", "salary", "rate") && s.has("hour", "hourly")
	}, func(s *site) yaml { return s.amount(14, 58) }, 0.92},
	{"what somebody does at work", texts, func(s *site) bool {
		return s.is("role", "position", "function") && s.about("worker", "crew", "staff", "labourer", "laborer", "volunteer", "helper") && !s.unique && s.column.Default == "" && s.fits(12)
	}, func(*site) yaml {
		return short("pick", list([]string{"worker", "worker", "worker", "supervisor", "foreman", "driver", "technician", "trainee", "assistant", "manager"}))
	}, 0.9},
	{"a language of subtitles", texts, func(s *site) bool {
		return s.is("subtitles", "subtitle", "subtitle_language", "audio", "dub", "dubbing", "spoken_language") && s.limit > 0 && s.limit <= 5
	}, func(s *site) yaml { return s.common("language_code") }, 0.9},
}
