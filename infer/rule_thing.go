package infer

// thingRules recognise words of a trade: makes of cars, kinship, codes of illnesses, units of what is measured.
var thingRules = []rule{
	{"a make of cars", texts, func(s *site) bool {
		return s.is("make", "car_make", "vehicle_make") || s.is("manufacturer", "brand") && s.about("vehicle", "car", "truck", "motorcycle", "automobile")
	}, func(s *site) yaml { return short("word", "car_make") }, 0.93},
	{"a model of cars", texts, func(s *site) bool {
		return s.is("model", "car_model", "model_name") && s.about("vehicle", "car", "truck", "automobile")
	}, func(s *site) yaml { return short("word", "car_model") }, 0.9},
	{"a dish", texts, func(s *site) bool {
		return s.is("name", "title", "dish", "dish_name") && (s.about("dish", "meal", "recipe") || s.of("menu") && s.about("item")) && !s.unique
	}, func(s *site) yaml { return short("word", "dish") }, 0.9},
	{"a part of a menu", texts, func(s *site) bool {
		return s.is("name", "title") && s.of("menu") && s.about("section", "category", "group") && !s.unique
	}, func(s *site) yaml {
		return short("pick", list([]string{"Starters", "Soups", "Salads", "Mains", "Pasta", "Pizza", "Burgers", "Sides", "Desserts", "Drinks", "Kids", "Specials"}))
	}, 0.9},
	{"a cuisine", texts, func(s *site) bool {
		return (s.is("cuisine", "cuisine_type", "cuisine_name") || s.is("name") && s.about("cuisine")) && !s.unique
	}, func(s *site) yaml {
		return short("pick", list([]string{"Italian", "Japanese", "Mexican", "Indian", "Thai", "French", "Greek", "Chinese", "Turkish", "American", "Vietnamese", "Spanish", "Lebanese", "Korean"}))
	}, 0.9},
	{"where one eats or stays", texts, func(s *site) bool {
		return s.is("name", "title") && s.about("restaurant", "cafe", "bar", "bistro", "hotel", "inn", "hostel") && !s.unique
	}, func(s *site) yaml {
		if s.about("hotel", "inn", "hostel") {
			return short("prose", "hotel_name")
		}
		return short("prose", "restaurant_name")
	}, 0.9},
	{"what may not be eaten by all", texts, func(s *site) bool { return s.is("allergens", "allergen") }, func(s *site) yaml {
		return short("pick", list([]string{"gluten", "milk", "gluten, milk", "nuts", "eggs", "soy", "fish", "gluten, eggs", "sesame", "shellfish"}))
	}, 0.9},
	{"a card's brand", texts, func(s *site) bool {
		return s.is("card_brand", "card_type", "card_network", "cc_type") || s.is("brand", "network") && s.of("card", "payment")
	}, func(s *site) yaml { return short("word", "card_brand") }, 0.92},
	{"a medicine", texts, func(s *site) bool {
		return !s.unique && (s.is("drug", "medication", "medicine", "medication_name", "drug_name", "active_ingredient") || s.is("name", "generic_name", "brand_name") && s.about("medication", "medicine", "drug"))
	}, func(s *site) yaml { return short("word", "drug") }, 0.9},
	{"an illness", texts, func(s *site) bool {
		return !s.unique && (s.is("diagnosis", "illness", "disease", "condition_name") || s.is("name", "description") && s.about("diagnosis", "illness", "disease"))
	}, func(s *site) yaml { return short("word", "diagnosis") }, 0.9},
	{"how much of a medicine there is", texts, func(s *site) bool {
		return s.is("strength", "dose", "dosage_strength") && s.fits(7) && !s.unique
	}, func(s *site) yaml {
		return short("pick", list([]string{"5 mg", "10 mg", "20 mg", "25 mg", "50 mg", "100 mg", "250 mg", "400 mg", "500 mg"}))
	}, 0.88},
	{"how a medicine is taken", texts, func(s *site) bool {
		return s.is("dosage", "frequency", "dosage_instructions", "sig") && s.fits(18) && s.of("prescription", "medication", "order", "patient", "verordnung", "treatment", "drug")
	}, func(s *site) yaml {
		return short("pick", list([]string{"once daily", "twice daily", "three times daily", "every 8 hours", "every 12 hours", "at bedtime", "as needed", "with meals"}))
	}, 0.88},
	{"what an address is for", texts, func(s *site) bool {
		return s.is("label", "type", "kind", "name", "address_type") && s.about("address") && !s.unique
	}, func(s *site) yaml { return short("word", "address_type") }, 0.86},
	{"how a house is heated", texts, func(s *site) bool { return s.is("heating", "heating_type") }, func(s *site) yaml {
		return short("pick", list([]string{"gas", "gas", "electric", "heat pump", "oil", "district heating", "wood pellets"}))
	}, 0.9},
	{"what a picture shows", texts, func(s *site) bool {
		return s.is("caption", "alt", "alt_text", "image_alt") && s.of("photo", "image", "picture", "media", "gallery") && s.fits(20)
	}, func(s *site) yaml {
		return short("pick", list([]string{"Front view", "Side view", "Detail", "View from above", "In use", "Back", "Close-up", "Overview", "Entrance", "Interior"}))
	}, 0.86},
	{"a band", texts, func(s *site) bool {
		return s.is("name", "stage_name", "artist_name", "band", "band_name") && s.about("artist", "band", "performer", "musician") && (s.about("band") || s.besideAny("formed", "disbanded", "listeners", "followers", "label", "genre")) && !s.unique
	}, func(s *site) yaml { return short("prose", "band_name") }, 0.92},
	{"a playlist", texts, func(s *site) bool { return s.is("name", "title") && s.about("playlist", "mixtape") && !s.unique }, func(s *site) yaml { return short("prose", "playlist_name") }, 0.92},
	{"a song's words", texts, func(s *site) bool { return s.is("lyrics") && s.fits(60) }, func(s *site) yaml {
		return call("prose", "genre", "lyrics", "sentences", mapping("min", 4, "max", 8))
	}, 0.92},
	{"kinship", texts, func(s *site) bool {
		return s.ends("relationship", "kinship", "relation", "relationship_type") && (s.of("guardian", "contact", "family", "dependent", "dependant", "beneficiary", "kin", "parent", "relative", "emergency") || s.has("emergency", "guardian", "kin") || s.besideAny("guardian", "emergency", "student", "patient", "dependent"))
	}, func(s *site) yaml { return short("word", "kinship") }, 0.9},
	{"a code of an illness", texts, func(s *site) bool { return s.has("icd", "icd10", "icd9") || s.is("diagnosis_code") }, func(s *site) yaml {
		return short("pattern", "[A-NP-TV-Z][0-9]{2}\\.[0-9]")
	}, 0.93},
	{"a code of a medicine", texts, func(s *site) bool { return s.has("atc") && s.fits(7) }, func(s *site) yaml { return short("pattern", "[ABCDGHJLMNPRSV][0-1][0-9][A-D][A-X][0-9]{2}") }, 0.9},
	{"a form of medicine", texts, func(s *site) bool {
		return s.is("form", "dosage_form") && s.about("medication", "medicine", "drug", "prescription")
	}, func(s *site) yaml {
		return short("pick", list([]string{"tablet", "capsule", "syrup", "injection", "cream", "drops", "inhaler", "patch"}))
	}, 0.9},
	{"a unit of what a laboratory measures", texts, func(s *site) bool {
		return s.is("unit", "units") && s.of("lab", "laboratory", "test", "specimen", "assay")
	}, func(s *site) yaml { return short("word", "laboratory_unit") }, 0.9},
	{"a test of a laboratory", texts, func(s *site) bool {
		return s.is("test_name", "test", "analyte") && s.of("lab", "laboratory", "specimen", "test")
	}, func(s *site) yaml { return short("word", "laboratory_test") }, 0.9},
	{"a unit of what is measured", texts, func(s *site) bool {
		return s.is("unit", "units", "unit_of_measurement") && s.of("sensor", "device", "measurement", "reading", "metric", "meter", "probe", "signal", "channel", "instrument")
	}, func(s *site) yaml { return short("word", "measured_unit") }, 0.9},
	{"what is measured", texts, func(s *site) bool { return s.is("metric", "metric_name", "measurement", "measure", "quantity_kind") }, func(s *site) yaml { return short("word", "metric") }, 0.8},
	{"a merchant's category", texts, func(s *site) bool { return s.is("mcc", "merchant_category_code") && s.fits(4) }, func(s *site) yaml {
		return short("pick", list([]string{"5411", "5812", "5814", "5541", "5912", "4111", "5311", "5732", "7011", "4816", "5999", "8011"}))
	}, 0.92},
	{"a suffix of names", texts, func(s *site) bool { return s.is("suffix", "name_suffix") && s.someone() }, func(s *site) yaml { return short("pick", list([]string{"Jr.", "Sr.", "II", "III", "PhD", "MD"})) }, 0.88},
	{"a shift", texts, func(s *site) bool {
		return s.is("shift", "shift_name") || s.is("name") && s.about("shift") && !s.unique
	}, func(s *site) yaml { return short("pick", list([]string{"Day", "Evening", "Night"})) }, 0.88},
	{"an event of a parcel", texts, func(s *site) bool {
		return s.is("event", "event_type", "scan_type", "checkpoint") && s.about("scan", "tracking", "checkpoint", "event") && s.besideAny("parcel", "shipment", "tracking", "package")
	}, func(s *site) yaml { return short("word", "parcel_event") }, 0.9},
	{"a section", texts, func(s *site) bool { return s.is("section") && s.of("class", "course") }, func(s *site) yaml { return short("pattern", "[A-F]") }, 0.9},
	{"a subject of study", texts, func(s *site) bool {
		return s.is("name", "subject", "subject_name") && s.about("subject") || s.is("subject") && s.of("school", "teacher", "course", "class", "exam")
	}, func(s *site) yaml { return short("word", "school_subject") }, 0.9},
	{"a carrier", texts, func(s *site) bool { return s.is("carrier", "shipping_carrier", "courier", "carrier_name") }, func(s *site) yaml { return short("word", "carrier") }, 0.9},
	{"a user agent", texts, func(s *site) bool { return s.is("user_agent", "useragent", "ua") }, func(s *site) yaml { return short("internet", "user_agent") }, 0.94},
}
