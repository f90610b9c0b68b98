package infer

// thingRules recognise words of a trade: makes of cars, kinship, codes of illnesses, units of what is measured.
var thingRules = []rule{
	{"a make of cars", texts, func(s *site) bool {
		return s.is("make", "car_make", "vehicle_make") || s.is("manufacturer", "brand") && s.about("vehicle", "car", "truck", "motorcycle", "automobile")
	}, func(s *site) yaml { return short("word", "car_make") }, 0.93},
	{"a model of cars", texts, func(s *site) bool {
		return s.is("model", "car_model", "model_name") && s.about("vehicle", "car", "truck", "automobile")
	}, func(s *site) yaml { return short("word", "car_model") }, 0.9},
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
