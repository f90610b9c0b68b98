package gen

import (
	"slices"
	"strings"
	"sync"
)

// The locales: languages and countries whose names and addresses are known.
var locales = []string{"en_US", "de_DE", "fr_FR", "es_ES", "ja_JP"}

// customs are what a locale writes differently.
type customs struct {
	country, code string
	zone          string
	madam, sir    string
	familyFirst   bool   // the family name comes first
	phone, any    string // regular expressions: numbers that nobody has, where there are such, and of more room
	streetFirst   bool   // the number of the house comes after the street
	between       string // between street and number
}

var customsOf = map[string]customs{
	// The numbers that the Federal Network Agency keeps free for films.
	"de_DE": {country: "Deutschland", code: "DE", zone: "Europe/Berlin", madam: "Frau", sir: "Herr", phone: `\+49 (30 23125|69 90009|40 66969|221 4710|89 99998)[0-9]{3}`, any: `\+49 (30 23125|69 90009|40 66969|221 4710|89 99998)[0-9]{6}`,
		streetFirst: true, between: " "},
	// The numbers that ARCEP keeps free for fiction.
	"fr_FR": {country: "France", code: "FR", zone: "Europe/Paris", madam: "Mme", sir: "M.", phone: `\+33 (1 99 00|2 61 91|3 53 01|4 65 71|5 36 49|6 39 98) [0-9]{2} [0-9]{2}`, any: `\+33 (1 99|2 61|3 53|4 65|5 36|6 39) [0-9]{2} [0-9]{2} [0-9]{2}`,
		between: " "},
	"es_ES": {country: "España", code: "ES", zone: "Europe/Madrid", madam: "Sra.", sir: "Sr.", phone: `\+34 9[1-8]0 00[0-9] [0-9]{3}`, any: `\+34 9[1-8]0 [0-9]{3} [0-9]{3}`,
		streetFirst: true, between: ", "},
	"ja_JP": {country: "日本", code: "JP", zone: "Asia/Tokyo", madam: "様", sir: "様", familyFirst: true, phone: `\+81 (3|6|52)-0[0-9]{3}-[0-9]{4}`, any: `\+81 (3|6|52|11|92)-0[0-9]{3}-[0-9]{4}`,
		streetFirst: true},
}

// checkLocale gives the error for a locale that is not known.
func checkLocale(name string) error {
	if name == "" || slices.Contains(locales, name) {
		return nil
	}
	return unknown("locale", name, locales...)
}

var localPeople = map[string]func() *peopleLists{}

var localPlaces = map[string]func() *placeList{}

func init() {
	for _, name := range locales[1:] {
		localPeople[name] = sync.OnceValue(func() *peopleLists { return readPeople(name) })
		localPlaces[name] = sync.OnceValue(func() *placeList { return readPlaces(name) })
	}
}

// peopleOf gives the people of a locale.
func peopleOf(locale string) *peopleLists {
	if f := localPeople[locale]; f != nil {
		return f()
	}
	return people()
}

// placesOf gives the places of a locale.
func placesOf(locale string) *placeList {
	if f := localPlaces[locale]; f != nil {
		return f()
	}
	return places()
}

// readPeople reads a locale's names. Of names that accounts would write alike, the first one stays.
func readPeople(locale string) *peopleLists {
	k := customsOf[locale]
	p := &peopleLists{customs: &k, jobs: people().jobs}
	read := func(sections ...string) (names, logins *words, first int) {
		var shown, written []string
		seen := map[string]bool{}
		for i, name := range sections {
			for _, line := range section("people_"+locale, name) {
				for word := range strings.FieldsSeq(line) {
					show, login, has := strings.Cut(word, ":")
					if !has {
						login = asciiName(show, locale)
					}
					if !seen[login] && !slices.Contains(shown, show) {
						seen[login] = true
						shown, written = append(shown, show), append(written, login)
					}
				}
			}
			if i == 0 {
				first = len(shown)
			}
		}
		return newWords(shown), newWords(written), first
	}
	p.first, p.firstLogin, p.women = read("female", "male")
	p.last, p.lastLogin, _ = read("last")
	for _, x := range []struct {
		to      **form
		pattern string
	}{{&p.phone, k.phone}, {&p.anyPhone, k.any}} {
		f, err := regexForm(x.pattern, 0)
		if err != nil {
			panic("gen: " + locale + ": " + err.Error())
		}
		*x.to = f
	}
	return p
}

var asciiLetters = strings.NewReplacer("à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "ñ", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o", "ö", "o", "ù", "u", "ú", "u", "û", "u", "ü", "u",
	"ý", "y", "ÿ", "y", "ß", "ss", "œ", "oe", "æ", "ae")

var germanLetters = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

// asciiName writes a name as accounts do: in lower case, a to z.
func asciiName(name, locale string) string {
	name = strings.ToLower(name)
	if locale == "de_DE" {
		name = germanLetters.Replace(name)
	}
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, asciiLetters.Replace(name))
}

// readPlaces reads a locale's places and streets.
func readPlaces(locale string) *placeList {
	k := customsOf[locale]
	g := &placeList{customs: &k}
	file := "address_" + locale
	for _, line := range section(file, "place") {
		part := strings.Split(line, "|")
		p := place{city: part[0], state: part[1], code: part[2], zip: part[3], zone: k.zone}
		var err error
		if p.lat, err = parseDecimal(part[4], 6); err == nil {
			p.lon, err = parseDecimal(part[5], 6)
		}
		if err != nil {
			panic("gen: data/" + file + ".txt: " + line)
		}
		g.places = append(g.places, p)
		g.longest = max(g.longest, len([]rune(p.city)))
	}
	var streets []string
	for _, line := range section(file, "street") {
		streets = append(streets, strings.Split(line, "|")...)
	}
	street, between := listForm(newWords(streets)), literalForm(k.between)
	switch {
	case locale == "ja_JP": // block and house
		dash := literalForm("-")
		g.street = sequenceForm(street, numberForm(1, 9), dash, numberForm(1, 30), dash, numberForm(1, 30))
	case k.streetFirst:
		g.street = sequenceForm(street, between, numberForm(1, 199))
	default:
		g.street = sequenceForm(numberForm(1, 199), between, street)
	}
	return g
}

// full gives how an address is written on one line.
func (k *customs) full(g *placeList) func(b []byte, a spot) []byte {
	if k.code == "JP" { // from the large to the small
		return func(b []byte, a spot) []byte {
			b = append(a.appendZip(b), ' ')
			b = append(append(b, a.place.state...), a.place.city...)
			return g.street.index(b, a.street)
		}
	}
	return func(b []byte, a spot) []byte {
		b = append(g.street.index(b, a.street), ", "...)
		b = append(a.appendZip(b), ' ')
		return append(b, a.place.city...)
	}
}
