package meaning

import "strings"

// Land is a country with what goes with it, and how many hundredths of the rows it has where nothing is known of them.
type Land struct {
	Code, Code3, Name, Currency, Language, Locale, Zone string
	Phone                                               string // a regular expression
	Share                                               int
}

// Lands are the countries from which most rows of such a database come, the commonest first.
var Lands = []Land{
	{"US", "USA", "United States", "USD", "en", "en_US", "America/New_York", `\+1-[2-9][0-9]{2}-555-01[0-9]{2}`, 38},
	{"GB", "GBR", "United Kingdom", "GBP", "en", "en_GB", "Europe/London", `\+44 20 7946 0[0-9]{3}`, 11},
	{"DE", "DEU", "Germany", "EUR", "de", "de_DE", "Europe/Berlin", `\+49 (30|40|89) [1-9][0-9]{6}`, 11},
	{"CA", "CAN", "Canada", "CAD", "en", "en_CA", "America/Toronto", `\+1-(416|604|514)-555-01[0-9]{2}`, 8},
	{"FR", "FRA", "France", "EUR", "fr", "fr_FR", "Europe/Paris", `\+33 1 99 00 [0-9]{2} [0-9]{2}`, 7},
	{"ES", "ESP", "Spain", "EUR", "es", "es_ES", "Europe/Madrid", `\+34 91[0-9] [0-9]{3} [0-9]{3}`, 4},
	{"IT", "ITA", "Italy", "EUR", "it", "it_IT", "Europe/Rome", `\+39 06 [1-9][0-9]{6}`, 4},
	{"NL", "NLD", "Netherlands", "EUR", "nl", "nl_NL", "Europe/Amsterdam", `\+31 20 [1-9][0-9]{6}`, 4},
	{"AU", "AUS", "Australia", "AUD", "en", "en_AU", "Australia/Sydney", `\+61 2 5550 [0-9]{4}`, 4},
	{"SE", "SWE", "Sweden", "SEK", "sv", "sv_SE", "Europe/Stockholm", `\+46 8 465 004 [0-9]{2}`, 2},
	{"CH", "CHE", "Switzerland", "CHF", "de", "de_CH", "Europe/Zurich", `\+41 44 [1-9][0-9]{2} [0-9]{2} [0-9]{2}`, 2},
	{"PL", "POL", "Poland", "PLN", "pl", "pl_PL", "Europe/Warsaw", `\+48 22 [1-9][0-9]{6}`, 2},
	{"BR", "BRA", "Brazil", "BRL", "pt", "pt_BR", "America/Sao_Paulo", `\+55 11 [2-5][0-9]{7}`, 2},
	{"JP", "JPN", "Japan", "JPY", "ja", "ja_JP", "Asia/Tokyo", `\+81 3 [3-6][0-9]{7}`, 1},
}

// lands lets the currency, the language and the time zone of a row be those of its country.
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
			var to func(Land) string
			switch name := strings.Join(r.own(c), "_"); {
			case name == "currency" || name == "currency_code" || name == "default_currency":
				if r.priced() {
					continue
				}
				to = func(l Land) string { return l.Currency }
			case name == "locale" && (c.Type.Length == 0 || c.Type.Length >= 5):
				to = func(l Land) string { return l.Locale }
			case name == "language" && c.Type.Length == 2 || name == "language_code" || name == "lang":
				to = func(l Land) string { return l.Language }
			case name == "timezone" || name == "time_zone" || name == "tz":
				to = func(l Land) string { return l.Zone }
			case (name == "phone" || name == "phone_number" || name == "mobile" || name == "telephone") && (c.Type.Length == 0 || c.Type.Length >= 20):
				to = func(l Land) string { return l.Phone }
			case (name == "country" || name == "country_name") && len(own) == 2 && own[1] != "name":
				to = func(l Land) string { return l.Name }
			default:
				continue
			}
			k := &Cases{On: on.Name, Else: to(Lands[0])}
			for _, l := range Lands {
				k.Of = append(k.Of, Case{of(l), to(l)})
			}
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " goes with " + on.Name, Confidence: 0.82, Cases: k, Reads: []string{on.Name}})
		}
		return
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
