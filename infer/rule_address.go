package infer

// addressRules recognise parts of postal addresses and places. Those of one row are of one address.
var addressRules = []rule{
	{"a street", texts, func(s *site) bool {
		return !s.about("node", "interface", "server", "proxy", "peer", "device") && s.is("street", "address", "address1", "address_1", "address_line1", "address_line_1", "street_address", "line1", "line_1", "addr", "road") ||
			s.ends("street", "street_address", "address_line1", "address_line_1", "address_1") ||
			s.ends("address") && !s.has("email", "ip", "mac", "mail", "wallet", "contract", "token", "hash", "block", "remote", "client", "server", "host", "memory", "proxy", "listen", "bind", "peer", "gateway", "socket", "node", "local", "source", "destination", "src", "dst") && !s.about("node", "interface", "server", "proxy", "peer", "device")
	}, func(s *site) yaml {
		if s.besideAny("house") && s.limit != 0 && s.limit < 24 || s.near("house_number", "house_no", "house_nr", "street_number", "street_no") {
			return short("pattern", "(Oak|Maple|Cedar|Park|Lake|Hill|Church|Station|Mill|Garden|River|School|Market|Bridge|Forest|Meadow|King|Queen|Rose|Linden|Birch|Chestnut|Sunset|Harbor) (Street|Road|Avenue|Lane|Drive)")
		}
		return s.address("street", "street_address", "address_line_1", "address_line1", "address_1", "address1", "street", "address", "line_1", "line1")
	}, 0.85},
	{"a second line of an address", texts, func(s *site) bool {
		return s.is("address2", "address_2", "address_line2", "address_line_2", "line2", "line_2", "apartment", "suite") || s.is("unit") && s.besideAny("street", "city", "address", "zip", "postal") || s.ends("address_line2", "address_line_2")
	}, func(s *site) yaml { return short("address", "unit") }, 0.75},
	{"a city", texts, func(s *site) bool {
		return s.is("city", "city_name", "town", "municipality", "locality") || s.ends("city", "town") || s.is("name") && s.of("city", "town")
	}, func(s *site) yaml {
		return s.address("city", "city_name", "city", "town", "municipality", "locality", "name")
	}, 0.93},
	{"a state or region", texts, func(s *site) bool {
		return s.is("province", "region", "county", "state_province", "state_name", "prefecture") || s.ends("province") ||
			s.is("state") && (s.sibling("city", "zip", "zip_code", "postal_code", "country", "street", "address") || s.of("address", "location")) ||
			s.ends("state") && s.has("billing", "shipping", "home", "mailing") || s.is("name") && s.of("province", "region") ||
			s.ends("region", "state", "district", "county", "province") && s.near("city", "town", "zip", "postal_code", "zip_code", "address", "street", "address2", "city_id", "country")
	}, func(s *site) yaml {
		if !s.fits(20) {
			return s.address("state_code", "state", "province", "region")
		}
		return s.address("state", "state_province", "state", "province", "region", "county", "district", "name")
	}, 0.85},
	{"a state's code", texts, func(s *site) bool {
		return s.is("state_code", "state_province_code", "province_code", "region_code", "state_abbr", "state_abbreviation", "province_abbr") || s.is("abbr", "abbreviation") && s.about("state", "province")
	}, func(s *site) yaml {
		return s.address("state_code", "state_province_code", "state_code", "province_code", "region_code", "state_abbr", "state_abbreviation", "province_abbr")
	}, 0.9},
	{"a postal code", texts, func(s *site) bool {
		return s.has("zip", "zipcode", "postcode", "postalcode") || s.ends("postal_code", "post_code")
	}, func(s *site) yaml {
		return s.address("zip", "zip_code", "postal_code", "post_code", "zipcode", "postcode", "zip")
	}, 0.93},
	{"a country's code", texts, func(s *site) bool {
		return s.is("country_code", "country_iso", "iso_country", "alpha2", "alpha_2", "iso2", "nationality_code") || s.ends("country_code") || s.has("country") && s.limit == 2 || s.is("code", "iso", "iso_code") && s.of("country")
	}, func(s *site) yaml {
		if s.limit == 3 {
			return s.common("country_code3")
		}
		if !s.unique && s.near("city", "state", "region", "zip", "postal_code", "zip_code", "town") {
			return s.address("country_code", "country_code", "country")
		}
		return s.common("country_code")
	}, 0.9},
	{"a country's code of three letters", texts, func(s *site) bool { return s.is("alpha3", "alpha_3", "iso3") || s.has("country") && s.limit == 3 },
		func(s *site) yaml { return s.common("country_code3") }, 0.9},
	{"a country", texts, func(s *site) bool {
		return s.is("country", "country_name", "nationality") || s.ends("country") || s.is("name") && s.of("country")
	}, func(s *site) yaml {
		if !s.unique && s.near("city", "state", "region", "zip", "postal_code", "zip_code", "town") { // of which country the city is
			return s.address("country", "country", "country_name")
		}
		return s.common("country")
	}, 0.9},
	{"a latitude", reals, func(s *site) bool { return s.is("lat", "latitude") || s.ends("lat", "latitude") }, func(s *site) yaml {
		return s.address("latitude", "latitude", "lat")
	}, 0.95},
	{"a longitude", reals, func(s *site) bool {
		return s.is("lng", "lon", "long", "longitude") || s.ends("lng", "lon", "longitude")
	}, func(s *site) yaml {
		return s.address("longitude", "longitude", "lng", "lon", "long")
	}, 0.95},
	{"where a firm sits", texts, func(s *site) bool { return s.is("headquarters", "hq", "hq_city", "hq_location") }, func(s *site) yaml {
		return s.address("city", "headquarters")
	}, 0.88},
	{"a venue", texts, func(s *site) bool {
		return s.is("venue", "venue_name") || s.is("name") && s.about("venue", "stadium", "theater", "theatre", "hall")
	}, func(s *site) yaml {
		if s.unique {
			return s.address("city", "location")
		}
		return short("prose", "venue_name")
	}, 0.88},
	{"a place", texts, func(s *site) bool {
		return s.is("location", "place", "venue", "birthplace") || s.is("name") && s.of("location", "place", "venue", "warehouse")
	},
		func(s *site) yaml { return s.address("city", "location") }, 0.7},
	{"a time zone", texts, func(s *site) bool { return s.has("timezone", "tz") || s.ends("time_zone") }, func(s *site) yaml {
		if !s.unique && s.near("city", "state", "zip", "postal_code", "zip_code", "town") {
			return s.address("time_zone", "timezone", "time_zone", "tz")
		}
		return s.common("time_zone")
	}, 0.95},
}

func (s *site) address(field string, last ...string) yaml {
	args := []any{"field", field, "group", s.group(last...)}
	if s.locale != "" && s.locale != "en_US" {
		args = append(args, "locale", s.locale)
	}
	return call("address", args...)
}

// sibling tells whether the table has a column of one of these names.
func (s *site) sibling(names ...string) bool {
	for _, n := range names {
		if s.table.schema.Column(n) != nil {
			return true
		}
	}
	return false
}
