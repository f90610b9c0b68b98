package gen

import (
	"fmt"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// TestGroupAgrees: the columns of a group are about one person, and about one place.
func TestGroupAgrees(t *testing.T) {
	get := func(maker, field string) []string {
		return texts(made(t, fmt.Sprintf("%s: {field: %s, group: g}", maker, field), 2000))
	}
	first, last, full, user, email := get("person", "first_name"), get("person", "last_name"), get("person", "full_name"), get("person", "username"), get("person", "email")
	gender, title := get("person", "gender"), get("person", "title")
	internet := get("internet", "email")
	women := section("names", "female")
	for i := range first {
		if full[i] != first[i]+" "+last[i] {
			t.Fatalf("%s %s is %s", first[i], last[i], full[i])
		}
		if want := strings.ToLower(first[i] + "." + last[i]); strings.TrimRight(user[i], "0123456789") != want {
			t.Fatalf("%s has the username %s", full[i], user[i])
		}
		if name, domain, _ := strings.Cut(email[i], "@"); name != user[i] || !strings.Contains(domain, "example.") {
			t.Fatalf("%s has the e-mail address %s", user[i], email[i])
		}
		if internet[i] != email[i] {
			t.Fatal("internet gives another e-mail address")
		}
		if woman := slices.Contains(women, first[i]); woman != (gender[i] == "female") || woman != (title[i] == "Ms.") {
			t.Fatalf("%s is %s, %s", first[i], gender[i], title[i])
		}
	}
	street, city, state, code, zip, full2 := get("address", "street"), get("address", "city"), get("address", "state"), get("address", "state_code"), get("address", "zip"), get("address", "full")
	zone := get("address", "time_zone")
	lat := made(t, `address: {field: latitude, group: g}`, 2000)
	lon := made(t, `address: {field: longitude, group: g}`, 2000)
	known := map[string]place{}
	for _, p := range places().places {
		known[p.city+p.code] = p
	}
	for i := range street {
		if want := fmt.Sprintf("%s, %s, %s %s", street[i], city[i], code[i], zip[i]); full2[i] != want {
			t.Fatalf("%s is %s", want, full2[i])
		}
		p := known[city[i]+code[i]]
		if _, err := time.LoadLocation(zone[i]); err != nil || zone[i] != p.zone || zone[i] == "" {
			t.Fatalf("%s has the time zone %q: %v", city[i], zone[i], err)
		}
		if p.state != state[i] || !strings.HasPrefix(zip[i], p.zip) {
			t.Fatalf("%s is in %s %s", city[i], state[i], zip[i])
		}
		if math.Abs(lat.Floats[i]-float64(p.lat)/1e6) > 0.0501 || math.Abs(lon.Floats[i]-float64(p.lon)/1e6) > 0.0501 {
			t.Fatalf("%s lies at %v, %v", city[i], lat.Floats[i], lon.Floats[i])
		}
	}
	other := texts(made(t, `person: {field: full_name, group: other}`, 2000))
	if same := slices.Equal(other, full); same {
		t.Error("two groups are the same people")
	}
}

func TestGroupWithoutTable(t *testing.T) {
	b := newBench()
	b.c.TableKey = rng.Key{}
	if _, err := b.parse(`person: {field: email, group: g}`); err == nil || err.Error() != `group "g": there is no table whose columns could share it` {
		t.Error(err)
	}
}

// TestUsernames: distinct over blocks of rows far apart, short, parsable, and natural in small tables.
func TestUsernames(t *testing.T) {
	f, b := mustMake(t, `person: username`)
	pairs := int64(people().pairs())
	seen := map[string]int64{}
	shape := regexp.MustCompile(`^[a-z]+\.[a-z]+([1-9][0-9]*)?$`)
	for _, first := range []int64{0, pairs - 5000, pairs, 2*pairs - 3, 40 * pairs, 1_000_000_000 - 20_000} {
		v := b.fill(t, f, Rows{First: first, N: 20_000}, 0)
		for i, s := range texts(v) {
			row := first + int64(i)
			if before, twice := seen[s]; twice && before != row {
				t.Fatalf("%s is row %d and row %d", s, before, row)
			}
			seen[s] = row
			if !shape.MatchString(s) || len(s) > 30 {
				t.Fatalf("row %d is %s", row, s)
			}
		}
	}
	plain, short := 0, 0
	for _, s := range texts(b.fill(t, f, Rows{N: 10_000}, 0)) {
		n := len(s) - len(strings.TrimRight(s, "0123456789"))
		if n == 0 {
			plain++
		}
		if n <= 2 {
			short++
		}
	}
	if short != 10_000 {
		t.Errorf("%d of 10000 have at most two digits", short)
	}
	wantShare(t, "without a number", plain, 10_000, 0.4+0.6*0.01)

	// All first names and last names come up alike.
	firsts := map[string]int{}
	for s := range seen {
		name, _, _ := strings.Cut(s, ".")
		firsts[name]++
	}
	for name, n := range firsts {
		wantShare(t, name, n, len(seen), 1/float64(people().first.len()))
	}
}

// TestIdentityIsABijection: each block uses each pair of names once.
func TestIdentityIsABijection(t *testing.T) {
	f, _ := mustMake(t, `person: username`)
	p := f.(*person)
	pairs := int64(p.people.pairs())
	for _, c := range []struct {
		block   int64
		attempt uint32
	}{{0, 0}, {3, 0}, {3, 4}} {
		seen := make([]bool, pairs)
		for i := range pairs {
			id := p.identify(c.block*pairs+i, c.attempt)
			at := int64(id.first)*int64(p.people.last.len()) + int64(id.last)
			if seen[at] || id.block != uint64(c.block) {
				t.Fatalf("block %d, attempt %d: pair %d comes twice", c.block, c.attempt, at)
			}
			seen[at] = true
		}
	}
}

// TestUsernameNumbers: the numbers of unique usernames grow with the rows.
func TestUsernameNumbers(t *testing.T) {
	for _, c := range []struct {
		rows int64
		card uint64
	}{{0, 1}, {1000, 1}, {6305, 1}, {6306, 10}, {1e6, 1000}, {1e9, 1e6}} {
		b := newBench()
		b.c.Rows = c.rows
		f, err := b.parse(`person: username`)
		if err != nil {
			t.Fatal(err)
		}
		ix := f.(Indexed)
		if got := ix.Card(); got != c.card*people().pairs() {
			t.Errorf("%d rows: card %d is %d pairs", c.rows, got, got/people().pairs())
		}
		if n := f.(Bounded).Bounds().MaxLen; n > 30 {
			t.Errorf("%d rows: usernames of %d characters", c.rows, n)
		}
		rows := max(c.rows, 1)
		for _, row := range []int64{0, rows / 2, rows - 1} {
			if s := b.fill(t, f, Rows{First: row, N: 1}, 99).String(0); len(s) > f.(Bounded).Bounds().MaxLen {
				t.Errorf("%s is longer than the bound %d", s, f.(Bounded).Bounds().MaxLen)
			}
		}
	}
}

func TestPhone(t *testing.T) {
	for _, c := range []struct {
		rows int64
		card uint64
	}{{35_600, 71_200}, {35_601, 712 * 9999}} {
		b := newBench()
		b.c.Rows = c.rows
		f, err := b.parse(`person: phone`)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.(Indexed).Card(); got != c.card {
			t.Errorf("%d rows: card %d", c.rows, got)
		}
		for _, s := range texts(b.fill(t, f, Rows{N: 100}, 0)) {
			if !strings.HasPrefix(s[6:], "-555-01") {
				t.Fatal(s)
			}
		}
	}
}

func TestPersonErrors(t *testing.T) {
	wantError(t, `person: age`, `field "age" is unknown: email, first_name, full_name, gender, job_title, last_name, phone, title, username`)
	wantError(t, `person: {field: username, separator: "+"}`, `separator "+" is unknown: ., _ or -`)
	wantError(t, `internet: ip`, `field "ip" is unknown: avatar_url, color, domain, email, extension, file_name, file_path, hashtag, host, image_url, ipv4, ipv6, mac, mime_type, password_hash, path, query, slug, url, user_agent`)
	wantError(t, `internet: {field: slug, username: name}`, `username and group go with the field email alone`)
	wantError(t, `internet: {field: email, username: name, group: g}`, `username and group exclude each other: both say whose address it is`)
	wantError(t, `internet: {field: email, username: id}`, `id is of kind integer: a text is wanted`)
	wantError(t, `internet: {field: email, username: nobody}`, `there is no cell "nobody"`)
	wantError(t, `address: planet`, `field "planet" is unknown: city, country, country_code, full, latitude, longitude, state, state_code, street, time_zone, unit, zip`)
	wantError(t, `address: {field: city, locale: de_AT}`, `locale "de_AT" is unknown: en_US, de_DE, fr_FR, es_ES or ja_JP`)
	wantError(t, `address: latitude`, `a latitude with 16 digits behind the point: 0 to 15 are supported`, schema.Type{Kind: column.Decimal, Precision: 20, Scale: 16})
	wantError(t, `company: ceo`, `field "ceo" is unknown: catch_phrase, department, industry, name, product`)
}

// TestNobodyIsReached: every address is one that is kept free.
func TestNobodyIsReached(t *testing.T) {
	kept := regexp.MustCompile(`^([a-z0-9-]+\.)*example\.(com|org|net)$`)
	for _, text := range []string{`internet: email`, `person: email`, `internet: {field: email, username: name}`} {
		f, b := mustMake(t, text)
		for attempt := range uint32(3) {
			for _, s := range texts(b.fill(t, f, Rows{N: testRows}, attempt)) {
				a, err := mail.ParseAddress(s)
				if err != nil || a.Address != s {
					t.Fatalf("%s: %v", s, err)
				}
				if _, domain, _ := strings.Cut(s, "@"); !kept.MatchString(domain) {
					t.Fatal(s)
				}
			}
		}
	}
	for _, s := range texts(made(t, `internet: domain`, testRows)) {
		if !kept.MatchString(s) {
			t.Fatal(s)
		}
	}
	for _, s := range texts(made(t, `internet: url`, testRows)) {
		host, _, _ := strings.Cut(strings.TrimPrefix(s, "https://"), "/")
		if !kept.MatchString(host) {
			t.Fatal(s)
		}
	}
	var nets []netip.Prefix
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "2001:db8::/32"} {
		nets = append(nets, netip.MustParsePrefix(p))
	}
	for _, field := range []string{"ipv4", "ipv6"} {
		for _, s := range texts(made(t, "internet: "+field, 5000)) {
			a, err := netip.ParseAddr(s)
			if err != nil || a.String() != s || !slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(a) }) {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	for _, s := range texts(made(t, "internet: mac", testRows)) {
		if m, err := net.ParseMAC(s); err != nil || m.String() != s || m[0] != 2 {
			t.Fatal(s)
		}
	}
}

func TestEmailOfUsername(t *testing.T) {
	f, b := mustMake(t, `internet: {field: email, username: title}`)
	if f.(Distinct).Distinct() {
		t.Error("addresses of names that come again are not distinct")
	}
	rows := Rows{First: 3, N: 2} // an empty name, and null
	v := new(column.Vec)
	v.Reset(column.Text)
	err := f.Fill(v, &Span{Rows: rows, Inputs: b.cells(rows), Scratch: new(Scratch)})
	if err == nil || !strings.HasPrefix(err.Error(), `row 3: title is "", and no e-mail address begins like this`) {
		t.Error(err)
	}
	if got := texts(b.fill(t, f, Rows{First: 4, N: 1}, 0)); got[0] != "null" {
		t.Error(got)
	}
	g, b := mustMake(t, `internet: {field: email, username: bad name}`)
	rows = Rows{N: 1}
	v.Reset(column.Text)
	if err := g.Fill(v, &Span{Rows: rows, Inputs: b.cells(rows), Scratch: new(Scratch)}); err == nil {
		t.Error("an address with a blank")
	}
	f, b = mustMake(t, `internet: {field: email, username: name}`)
	if s := b.fill(t, f, Rows{First: 5, N: 1}, 12).String(0); s != "user5@m12.example.com" {
		t.Error(s)
	}
	rule := f.(Ruled).Rules()[0]
	if got := rule.SQL(sqlText{name: "postgres"}, "x", []string{"u"}); !strings.HasPrefix(got, `(x like u || '@%' and x ~ '[^@ ]+@((example\.com|`) {
		t.Error(got)
	}
}

func TestPoints(t *testing.T) {
	for _, scale := range []int{0, 2, 6, 9} {
		f, b := mustMake(t, `address: longitude`, schema.Type{Kind: column.Decimal, Precision: 14, Scale: scale})
		v := b.fill(t, f, Rows{N: testRows}, 0)
		bounds := f.(Bounded).Bounds()
		rule := f.(Ruled).Rules()[0]
		for i, x := range v.Ints {
			if x < bounds.Min || x > bounds.Max || !rule.Cell(v, i, nil) {
				t.Fatalf("scale %d: %s", scale, v.String(i))
			}
		}
		if int(v.Scale) != scale {
			t.Errorf("scale %d is %d", scale, v.Scale)
		}
	}
}

// TestCardsAreKnown: what is often unique can be.
func TestCardsAreKnown(t *testing.T) {
	for _, text := range []string{
		`person: username`, `person: email`, `person: full_name`, `person: phone`, `internet: email`, `internet: domain`, `internet: url`, `internet: slug`,
		`internet: ipv4`, `internet: ipv6`, `internet: mac`, `internet: file_name`, `company: name`, `company: product`, `address: street`, `address: zip`, `text: {words: {min: 2, max: 5}}`,
	} {
		f, _ := mustMake(t, text)
		if f.(Indexed).Card() < 5*testRows {
			t.Errorf("%s: card %d", text, f.(Indexed).Card())
		}
	}
}
