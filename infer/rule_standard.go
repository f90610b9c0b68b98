package infer

// standardRules recognise codes that standards give to countries, languages, scripts and currencies.
var standardRules = []rule{
	{"an ISO number", texts, func(s *site) bool {
		return s.has("iso", "iso3166") && s.has("number", "numeric", "num") || s.is("numeric_code") && s.of("country", "currency")
	},
		func(s *site) yaml { return short("pattern", "[0-9]{3}") }, 0.9},
	{"a script's code", texts, func(s *site) bool { return s.of("script") && (s.isoCode() || s.is("code")) }, func(s *site) yaml { return short("pattern", "[A-Z][a-z]{3}") }, 0.9},
	{"a language's code", texts, func(s *site) bool { return s.of("language") && (s.isoCode() || s.is("code")) }, func(s *site) yaml {
		if s.limit == 3 || s.limit == 0 && s.ends("3") {
			return short("pattern", "[a-z]{3}")
		}
		return short("word", "language_code")
	}, 0.9},
	{"a currency's code", texts, func(s *site) bool { return s.of("currency") && (s.isoCode() || s.is("code")) && s.fits(3) }, func(s *site) yaml { return short("word", "currency") }, 0.9},
	{"a country's part", texts, func(s *site) bool { return s.is("code", "iso_code") && s.ofAll("iso", "3166", "2") && s.fits(5) }, func(s *site) yaml { return short("pattern", "[A-Z]{2}-[A-Z]{2}") }, 0.86},
	{"a country's code", texts, func(s *site) bool {
		return s.isoCode() && (s.limit == 2 || s.ends("alpha2", "alpha_2", "iso2")) || s.is("code") && s.limit == 2 && s.ofAll("iso", "3166", "1")
	}, func(s *site) yaml { return short("word", "country_code") }, 0.9},
	{"a country's code of three letters", texts, func(s *site) bool { return s.isoCode() && (s.limit == 3 || s.ends("alpha3", "alpha_3", "iso3")) }, func(s *site) yaml { return short("word", "country_code3") }, 0.9},
}

// isoCode tells whether a name speaks of a code of ISO.
func (s *site) isoCode() bool {
	return s.has("iso", "alpha", "alpha2", "alpha3", "iso2", "iso3") && !s.has("number", "numeric", "name")
}

// ofAll tells whether the table's name has all of some words.
func (s *site) ofAll(words ...string) bool {
	for _, w := range words {
		if !s.of(w) {
			return false
		}
	}
	return true
}
