package meaning

import (
	"slices"
	"strings"
)

// Land is a country with what goes with it, and how many hundredths of the rows it has where nothing is known of them.
type Land struct {
	Code, Code3, Name, Currency, Language, Locale, Zone string
	Phone, Tax                                          string // regular expressions; Tax: of a firm's tax number
	Tongue                                              string // the language's name
	IBAN                                                string // the code with which account numbers begin; "" where there are none
	Share                                               int
}

// Lands are the countries from which most rows of such a database come, the commonest first.
var Lands = []Land{
	{"US", "USA", "United States", "USD", "en", "en_US", "America/New_York", `\+1-[2-9][0-9]{2}-555-01[0-9]{2}`, `[1-9][0-9]-[0-9]{7}`, "English", "", 38},
	{"GB", "GBR", "United Kingdom", "GBP", "en", "en_GB", "Europe/London", `\+44 20 7946 0[0-9]{3}`, `GB[1-9][0-9]{8}`, "English", "GB", 11},
	{"DE", "DEU", "Germany", "EUR", "de", "de_DE", "Europe/Berlin", `\+49 (30|40|89) [1-9][0-9]{6}`, `DE[1-9][0-9]{8}`, "German", "DE", 11},
	{"CA", "CAN", "Canada", "CAD", "en", "en_CA", "America/Toronto", `\+1-(416|604|514)-555-01[0-9]{2}`, `[1-9][0-9]{8}`, "English", "", 8},
	{"FR", "FRA", "France", "EUR", "fr", "fr_FR", "Europe/Paris", `\+33 1 99 00 [0-9]{2} [0-9]{2}`, `FR[0-9]{2}[1-9][0-9]{8}`, "French", "FR", 7},
	{"ES", "ESP", "Spain", "EUR", "es", "es_ES", "Europe/Madrid", `\+34 91[0-9] [0-9]{3} [0-9]{3}`, `ES[A-HJ][0-9]{8}`, "Spanish", "ES", 4},
	{"IT", "ITA", "Italy", "EUR", "it", "it_IT", "Europe/Rome", `\+39 06 [1-9][0-9]{6}`, `IT0[0-9]{10}`, "Italian", "IT", 4},
	{"NL", "NLD", "Netherlands", "EUR", "nl", "nl_NL", "Europe/Amsterdam", `\+31 20 [1-9][0-9]{6}`, `NL[0-9]{9}B0[1-9]`, "Dutch", "NL", 4},
	{"AU", "AUS", "Australia", "AUD", "en", "en_AU", "Australia/Sydney", `\+61 2 5550 [0-9]{4}`, `[1-9][0-9]{10}`, "English", "", 4},
	{"SE", "SWE", "Sweden", "SEK", "sv", "sv_SE", "Europe/Stockholm", `\+46 8 465 004 [0-9]{2}`, `SE[0-9]{10}01`, "Swedish", "SE", 2},
	{"CH", "CHE", "Switzerland", "CHF", "de", "de_CH", "Europe/Zurich", `\+41 44 [1-9][0-9]{2} [0-9]{2} [0-9]{2}`, `CHE[1-9][0-9]{8}`, "German", "CH", 2},
	{"PL", "POL", "Poland", "PLN", "pl", "pl_PL", "Europe/Warsaw", `\+48 22 [1-9][0-9]{6}`, `PL[1-9][0-9]{9}`, "Polish", "PL", 2},
	{"BR", "BRA", "Brazil", "BRL", "pt", "pt_BR", "America/Sao_Paulo", `\+55 11 [2-5][0-9]{7}`, `[1-9][0-9]{7}0001[0-9]{2}`, "Portuguese", "", 2},
	{"JP", "JPN", "Japan", "JPY", "ja", "ja_JP", "Asia/Tokyo", `\+81 3 [3-6][0-9]{7}`, `T[1-9][0-9]{12}`, "Japanese", "", 1},
}

// ofLand gives what a column holds in each country, beside one whose name has these words; nil where it is nothing of one.
func (r *reading) ofLand(c *Column, country []string) func(Land) string {
	room := func(n int) bool { return c.Type.Length == 0 || c.Type.Length >= n }
	switch name := strings.Join(r.own(c), "_"); name {
	case "currency", "currency_code", "default_currency":
		if !r.priced() {
			return func(l Land) string { return l.Currency }
		}
	case "locale":
		if room(5) {
			return func(l Land) string { return l.Locale }
		}
	case "language", "language_code", "lang", "native_language", "preferred_language":
		if room(10) && !c.has(set("lang code")) {
			return func(l Land) string { return l.Tongue }
		}
		return func(l Land) string { return l.Language }
	case "timezone", "time_zone", "tz":
		city := func(o *Column) bool { return o.has(set("city state")) && o.text() && o.Refers == nil }
		if !slices.ContainsFunc(r.Columns, city) { // which says more
			return func(l Land) string { return l.Zone }
		}
	case "phone", "phone_number", "mobile", "telephone":
		if room(20) {
			return func(l Land) string { return l.Phone }
		}
	case "vat", "vatin", "vat_number", "vat_id", "vat_no", "vat_nr", "tax_number", "tax_id", "tax_no":
		if room(14) {
			return func(l Land) string { return l.Tax }
		}
	case "bic", "bic_code", "swift", "swift_code":
		if room(8) {
			return func(l Land) string { return `[A-Z]{4}` + l.Code + `[A-Z2-9]{2}` }
		}
	case "iban":
		if room(28) {
			return func(l Land) string { return l.IBAN }
		}
	case "country", "country_name":
		if len(country) == 2 && country[1] != "name" {
			return func(l Land) string { return l.Name }
		}
	}
	return nil
}

// lands lets the currency, the language, the time zone and the numbers of a row be those of its country.
func (r *reading) lands() {
	for _, on := range r.Columns {
		if !on.text() || on.Refers != nil || on.Unique || len(on.Values) > 0 || r.about(set("country currency language locale")) {
			continue
		}
		own := r.own(on)
		name := strings.Join(own, "_")
		of := func(l Land) string { return l.Name }
		switch {
		case name == "country_code" || name == "country" && on.Type.Length == 2 || name == "country_iso":
			of = func(l Land) string { return l.Code }
		case name == "country" && on.Type.Length == 3:
			of = func(l Land) string { return l.Code3 }
		case name == "country" || name == "country_name":
		default:
			continue
		}
		for _, c := range r.Columns {
			if c == on || !c.text() || c.Refers != nil || c.Unique || c.literal() != "" || len(c.Values) > 0 {
				continue
			}
			look := r.ofLand(c, own)
			if look == nil {
				continue
			}
			k := &Cases{On: on.Name, Else: look(Lands[0]), IBAN: c.has(set("iban"))}
			for _, l := range Lands {
				k.Of = append(k.Of, Case{of(l), look(l)})
			}
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " goes with " + on.Name, Confidence: 0.82, Cases: k, Reads: []string{on.Name}})
		}
		return
	}
}

// sited: an airport goes by the name of its city.
func (r *reading) sited() {
	name, city := r.Column("name"), (*Column)(nil)
	for _, c := range r.Columns {
		switch words := strings.Join(r.own(c), "_"); {
		case words == "name" && c.text():
			name = c
		case (words == "city" || words == "city_name" || words == "municipality") && c.text() && c.NotNull &&
			c.Refers == nil:
			city = c
		}
	}
	if r.about(set("airport airfield")) && name != nil && city != nil && !name.Unique {
		r.claim(Claim{Column: name.Name, Says: r.Name + "." + name.Name + " is that of its " + city.Name,
			Confidence: 0.85,
			Text:       "{" + city.Name + "} Airport", Reads: []string{city.Name}})
	}
}

// priced tells whether a row's currency is that of what it belongs to: of an order's shop, not of a customer's plan.
func (r *reading) priced() bool {
	for _, b := range r.Columns {
		if b.Refers == nil || b.Refers.Self || !b.NotNull || b.Refers.Parent == nil || b.Refers.Parent.about(set("plan tier product")) {
			continue
		}
		for _, o := range b.Refers.Parent.Columns {
			if o.has(set("currency")) && o.NotNull {
				return true
			}
		}
	}
	return false
}
