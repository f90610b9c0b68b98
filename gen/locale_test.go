package gen

import (
	"regexp"
	"strings"
	"testing"
)

func TestLocales(t *testing.T) {
	login := regexp.MustCompile(`^[a-z]+$`)
	for _, locale := range locales {
		p, g := peopleOf(locale), placesOf(locale)
		if p.first.len() < 140 || p.last.len() < 140 || len(g.places) < 60 || p.women < 60 || p.first.len()-p.women < 60 {
			t.Errorf("%s: %d first names (%d of women), %d last names, %d places", locale, p.first.len(), p.women, p.last.len(), len(g.places))
		}
		if p.firstLogin.len() != p.first.len() || p.lastLogin.len() != p.last.len() {
			t.Errorf("%s: names without a login of their own", locale)
		}
		for _, x := range append(p.firstLogin.texts(), p.lastLogin.texts()...) {
			if !login.MatchString(x) {
				t.Errorf("%s: login %q", locale, x)
			}
		}
	}
	// The columns of a group speak of one person, and of one place.
	first := texts(made(t, `person: {field: first_name, group: g, locale: de_DE}`, 300))
	full := texts(made(t, `person: {field: full_name, group: g, locale: de_DE}`, 300))
	mail := texts(made(t, `person: {field: email, group: g, locale: de_DE}`, 300))
	for i := range full {
		if want := asciiName(first[i], "de_DE") + "." + asciiName(strings.TrimPrefix(full[i], first[i]+" "), "de_DE"); !strings.HasPrefix(full[i], first[i]+" ") || !strings.HasPrefix(mail[i], want) {
			t.Errorf("%s, %s, %s", first[i], full[i], mail[i])
		}
	}
	city := texts(made(t, `address: {field: city, group: g, locale: ja_JP}`, 300))
	zip := texts(made(t, `address: {field: zip, group: g, locale: ja_JP}`, 300))
	line := texts(made(t, `address: {field: full, group: g, locale: ja_JP}`, 300))
	for i := range line {
		if !strings.HasPrefix(line[i], zip[i]+" ") || !strings.Contains(line[i], city[i]) {
			t.Errorf("%s, %s, %s", zip[i], city[i], line[i])
		}
	}
	for name, want := range map[string]string{"Jürgen": "juergen", "Weiß": "weiss", "Groß-Müller": "grossmueller"} {
		if got := asciiName(name, "de_DE"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, want := range map[string]string{"Françoise": "francoise", "Íñigo": "inigo", "Benoît": "benoit"} {
		if got := asciiName(name, "fr_FR"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
