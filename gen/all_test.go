package gen

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

var update = flag.Bool("update", false, "write testdata/golden.txt anew")

// examples are generators of every kind. Their first cells are goldens: where one changes, so do the
// rows of everybody's next run, which CHANGELOG.md must say.
var examples = []string{
	`address: street`,
	`address: unit`,
	`address: city`,
	`address: state`,
	`address: state_code`,
	`address: zip`,
	`address: country`,
	`address: country_code`,
	`address: latitude`,
	`address: {field: longitude, group: home}`,
	`address: {field: full, group: home}`,
	`address: {field: street, group: home}`,
	`address: {field: city, group: home}`,
	`address: {field: state, group: home}`,
	`address: {field: state_code, group: home}`,
	`address: {field: zip, group: home}`,
	`address: {field: country, group: home}`,
	`address: {field: country_code, group: home}`,
	`aggregate: things`,
	`aggregate: {of: things, sum: price}`,
	`aggregate: {of: things, avg: price, scale: 2}`,
	`aggregate: {of: things, any: flag}`,
	`aggregate: {of: things, max: created_at, empty: "2025-01-01 00:00:00"}`,
	`array: {of: {integer: {min: 1, max: 6}}, min: 0, max: 4}`,
	`array: {of: {template: "{kind}!"}, min: 1, max: 3}`,
	`array: {of: {array: {of: {date: {from: "2025-01-01", to: "2025-12-31"}}, max: 2}}, max: 3}`,
	`array: {of: {switch: {on: kind, cases: {cat: {pick: [purr, hiss]}, dog: {cell: name}}}}, max: 4}`,
	`boolean`,
	`boolean: 0.9`,
	`boolean: 1`,
	`cell: name`,
	`cell: maybe`,
	`company: name`,
	`company: catch_phrase`,
	`company: industry`,
	`company: department`,
	`company: product`,
	`constant: 7`,
	`constant: null`,
	`date: {from: "2025-01-01", to: "2025-12-31"}`,
	`decimal: {max: 100}`,
	`decimal: {min: "-1.5", max: 1.5, scale: 1}`,
	`decimal: {min: 0.01, max: "9999.99", distribution: lognormal, mean: 3}`,
	`expression: price * (id % 5 + 1)`,
	`expression: {expr: "upper(prefix(name, 5)) + ' ' + coalesce(title, '-')", type: text}`,
	`expression: "created_at > parent.created_at ? done_at : max(created_at, done_at)"`,
	`expression: 'kind in ["cat", "dog"] and not flag'`,
	`expression: round(ratio / (number + 0.5), 3)`,
	`float: {min: -1, max: 1}`,
	`float: {max: 5, step: 0.5, distribution: normal}`,
	`integer: {min: 1, max: 6}`,
	`integer: {min: 1, max: 6, distribution: normal}`,
	`integer: {min: 10, max: 100, step: 5, distribution: exponential, mean: 20}`,
	`integer: {max: 1000, distribution: lognormal, mean: 4}`,
	`integer: {min: 1, max: 1000000, distribution: zipf}`,
	`integer: {min: -9223372036854775808, max: 9223372036854775807}`,
	`internet: email`,
	`internet: {field: email, username: name}`,
	`internet: {field: email, group: owner}`,
	`internet: domain`,
	`internet: url`,
	`internet: ipv4`,
	`internet: ipv6`,
	`internet: mac`,
	`internet: user_agent`,
	`internet: slug`,
	`internet: color`,
	`internet: file_name`,
	`internet: mime_type`,
	`internet: password_hash`,
	`latest: [created_at, done_at]`,
	`object: {n: {integer: {min: 1, max: 3}}, who: {cell: name}, at: {timestamp: {from: "2025-01-01", to: "2025-02-01"}}, u: {uuid: 4}, d: {decimal: {max: 9}}}`,
	`offset: {from: created_at, min: 1s, max: 2h, share: 0.5}`,
	`ordinal`,
	`ordinal: {of: scattered, start: 0}`,
	`ordinal: {prefix: "L-", width: 3}`,
	`pattern: "[A-Z]{3}-[0-9]{4}"`,
	`pattern: "(foo|ba[rz])+\\.[a-z]{2,}"`,
	`pattern: "[a-z]{40}"`,
	`pattern: "(?i)select \\w+ from [^\"]{1,5}"`,
	`pattern: "[äöü]{3}"`,
	`pattern: {match: ['^[A-Z]', '[0-9]$'], none: ['[^ -~]'], min_length: 5, max_length: 9}`,
	`pattern: {like: ['https://%'], not_like: ['% %']}`,
	`pattern: {match: ['^[ab]{1,2}$']}`,
	`person: first_name`,
	`person: last_name`,
	`person: full_name`,
	`person: gender`,
	`person: title`,
	`person: username`,
	`person: {field: username, separator: _}`,
	`person: email`,
	`person: job_title`,
	`person: phone`,
	`person: {field: first_name, group: owner}`,
	`person: {field: last_name, group: owner}`,
	`person: {field: full_name, group: owner}`,
	`person: {field: gender, group: owner}`,
	`person: {field: title, group: owner}`,
	`person: {field: username, group: owner}`,
	`person: {field: email, group: owner}`,
	`person: {field: first_name, group: owner, locale: de_DE}`,
	`person: {field: last_name, group: owner, locale: de_DE}`,
	`person: {field: full_name, group: owner, locale: de_DE}`,
	`person: {field: title, group: owner, locale: de_DE}`,
	`person: {field: username, group: owner, locale: de_DE}`,
	`person: {field: email, group: owner, locale: de_DE}`,
	`person: {field: phone, locale: de_DE}`,
	`person: {field: full_name, locale: de_DE}`,
	`person: {field: username, locale: de_DE}`,
	`address: {field: street, group: home, locale: de_DE}`,
	`address: {field: city, group: home, locale: de_DE}`,
	`address: {field: state, group: home, locale: de_DE}`,
	`address: {field: state_code, group: home, locale: de_DE}`,
	`address: {field: zip, group: home, locale: de_DE}`,
	`address: {field: country, group: home, locale: de_DE}`,
	`address: {field: country_code, group: home, locale: de_DE}`,
	`address: {field: full, group: home, locale: de_DE}`,
	`address: {field: latitude, group: home, locale: de_DE}`,
	`address: {field: street, locale: de_DE}`,
	`address: {field: zip, locale: de_DE}`,
	`person: {field: first_name, group: owner, locale: fr_FR}`,
	`person: {field: last_name, group: owner, locale: fr_FR}`,
	`person: {field: full_name, group: owner, locale: fr_FR}`,
	`person: {field: title, group: owner, locale: fr_FR}`,
	`person: {field: username, group: owner, locale: fr_FR}`,
	`person: {field: email, group: owner, locale: fr_FR}`,
	`person: {field: phone, locale: fr_FR}`,
	`person: {field: full_name, locale: fr_FR}`,
	`person: {field: username, locale: fr_FR}`,
	`address: {field: street, group: home, locale: fr_FR}`,
	`address: {field: city, group: home, locale: fr_FR}`,
	`address: {field: state, group: home, locale: fr_FR}`,
	`address: {field: state_code, group: home, locale: fr_FR}`,
	`address: {field: zip, group: home, locale: fr_FR}`,
	`address: {field: country, group: home, locale: fr_FR}`,
	`address: {field: country_code, group: home, locale: fr_FR}`,
	`address: {field: full, group: home, locale: fr_FR}`,
	`address: {field: latitude, group: home, locale: fr_FR}`,
	`address: {field: street, locale: fr_FR}`,
	`address: {field: zip, locale: fr_FR}`,
	`person: {field: first_name, group: owner, locale: es_ES}`,
	`person: {field: last_name, group: owner, locale: es_ES}`,
	`person: {field: full_name, group: owner, locale: es_ES}`,
	`person: {field: title, group: owner, locale: es_ES}`,
	`person: {field: username, group: owner, locale: es_ES}`,
	`person: {field: email, group: owner, locale: es_ES}`,
	`person: {field: phone, locale: es_ES}`,
	`person: {field: full_name, locale: es_ES}`,
	`person: {field: username, locale: es_ES}`,
	`address: {field: street, group: home, locale: es_ES}`,
	`address: {field: city, group: home, locale: es_ES}`,
	`address: {field: state, group: home, locale: es_ES}`,
	`address: {field: state_code, group: home, locale: es_ES}`,
	`address: {field: zip, group: home, locale: es_ES}`,
	`address: {field: country, group: home, locale: es_ES}`,
	`address: {field: country_code, group: home, locale: es_ES}`,
	`address: {field: full, group: home, locale: es_ES}`,
	`address: {field: latitude, group: home, locale: es_ES}`,
	`address: {field: street, locale: es_ES}`,
	`address: {field: zip, locale: es_ES}`,
	`person: {field: first_name, group: owner, locale: ja_JP}`,
	`person: {field: last_name, group: owner, locale: ja_JP}`,
	`person: {field: full_name, group: owner, locale: ja_JP}`,
	`person: {field: username, group: owner, locale: ja_JP}`,
	`person: {field: email, group: owner, locale: ja_JP}`,
	`person: {field: phone, locale: ja_JP}`,
	`person: {field: full_name, locale: ja_JP}`,
	`person: {field: username, locale: ja_JP}`,
	`address: {field: street, group: home, locale: ja_JP}`,
	`address: {field: city, group: home, locale: ja_JP}`,
	`address: {field: state, group: home, locale: ja_JP}`,
	`address: {field: state_code, group: home, locale: ja_JP}`,
	`address: {field: zip, group: home, locale: ja_JP}`,
	`address: {field: country, group: home, locale: ja_JP}`,
	`address: {field: country_code, group: home, locale: ja_JP}`,
	`address: {field: full, group: home, locale: ja_JP}`,
	`address: {field: latitude, group: home, locale: ja_JP}`,
	`address: {field: street, locale: ja_JP}`,
	`address: {field: zip, locale: ja_JP}`,
	`pick: [a, b, c]`,
	`pick: {weights: {x: 1, y: 2.5}}`,
	`pick: {pool: colors}`,
	`prefix: {of: title, length: 3}`,
	`slug: title`,
	`slug: {of: name, number: id}`,
	`prompt: {templates: templates, domains: x, general: colors, max_general: 2, min_domain: 2, max_domain: 3}`,
	`prose: article_title`,
	`prose: {genre: review, of: name, by: number, sentences: {min: 1, max: 4}}`,
	`prose: {genre: product_name, by: kind}`,
	`prose: {genre: article, group: self, sentences: {min: 7, max: 15}}`,
	`quota: {shares: {a: 1, b: 2}}`,
	`reference: other`,
	`reference: {table: other, pick: zipf}`,
	`reference: {table: other, top: 7}`,
	`reference: {table: other, exact: {admin: 10}}`,
	`reference: {table: other, per_parent: {min: 5, max: 15}}`,
	`reference: things`,
	`sequence`,
	`sequence: {start: 100, step: -1}`,
	`subset: {pool: colors, max: 3}`,
	`switch: {on: kind, cases: {cat: {pick: [purr, hiss]}, dog: {cell: name}}, else: {prefix: {of: title, length: 2}}}`,
	`switch: {on: number, cases: {3: {constant: three}}}`,
	`template: "{name} <{id}> {{{price}}}"`,
	`text`,
	`text: {words: {min: 1, max: 9}}`,
	`text: {words: 3, max_length: 12}`,
	`text: {sentences: {min: 1, max: 5}, max_length: 100}`,
	`text: {paragraphs: {min: 1, max: 2}}`,
	`text: {paragraphs: 4, max_length: 500}`,
	`text: {words: 2, min_length: 20, max_length: 32}`,
	`text: {words: 1, min_length: 2, max_length: 2, case: upper}`,
	`text: {sentences: 2, case: lower}`,
	`time: {from: "08:00", to: "17:30:00", precision: 0}`,
	`time`,
	`timestamp: {from: "2025-01-01", to: "2025-12-31", precision: 3}`,
	`timestamp: {from: "2025-01-01", to: "2025-03-31", zone: Europe/Berlin}`,
	`timestamp: {from: "2024-01-01", to: "2025-12-31", precision: 0, zone: Europe/Berlin, shape: {usual: shop, growth: 1.7}}`,
	`timestamp: {from: "2024-01-01", to: "2025-12-31", step: 15m, shape: {months: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], growth: 0.5}}`,
	`timestamp: {from: "2020-01-01", to: "2030-12-31", not_after: [created_at]}`,
	`uuid`,
	`uuid: {version: 7, at: created_at}`,
	`{pick: [a, b], nulls: 0.3}`,
	`bits: 8`,
	`bits: {min: 1, max: 12}`,
	`bytes: 32`,
	`bytes: {min: 0, max: 10}`,
	`composite: {a: {integer: {min: 1, max: 9}}, b: {text: {words: 2}}, c: {cell: maybe}}`,
	`composite: {a: {pattern: '[ab", ]{0,3}'}, b: boolean}`,
	`decimal: {min: 1, max: 9, step: 0.25}`,
	`document: tsvector`,
	`document: tsquery`,
	`document: xml`,
	`document: ltree`,
	`document: lquery`,
	`document: hstore`,
	`document: jsonpath`,
	`date: {from: "2025-01-06", to: "2025-12-31", step: 7}`,
	`geometry: point`,
	`geometry: line`,
	`geometry: lseg`,
	`geometry: box`,
	`geometry: path`,
	`geometry: polygon`,
	`geometry: {type: circle, min: 0, max: 9, scale: 0}`,
	`geometry: {type: st_point, group: home}`,
	`geometry: {type: st_linestring, srid: 0}`,
	`geometry: st_polygon`,
	`geometry: st_multipoint`,
	`geometry: st_multilinestring`,
	`geometry: st_multipolygon`,
	`geometry: {type: st_collection, z: true}`,
	`geometry: {type: st_multilinestring, srid: 3857, z: true, m: true}`,
	`interval: {max: 30}`,
	`interval: {min: -20, max: 40, unit: months}`,
	`interval: {min: -500, max: 100000, step: 25, unit: milliseconds}`,
	`list: {of: {integer: {min: 1, max: 6}}, min: 0, max: 4}`,
	`list: {of: {template: "{kind}, {name}"}, min: 1, max: 3}`,
	`list: {of: {word: color}, min: 1, max: 4, distinct: true}`,
	`list: {of: {list: {of: boolean, min: 2, max: 2}}, max: 3}`,
	`network: inet`,
	`network: {type: inet, family: 6}`,
	`network: cidr`,
	`network: {type: cidr, family: 6}`,
	`network: macaddr`,
	`network: macaddr8`,
	`price`,
	`price: {min: 0.5, max: 5000}`,
	`range`,
	`range: {type: numrange, from: 0, to: 1, min_length: 0.1, max_length: 0.5}`,
	`range: daterange`,
	`range: {type: tstzrange, step: 15m}`,
	`range: tsmultirange`,
	`slot`,
	`slot: {field: end, length: 45m, group: booking}`,
	`slot: {field: range, type: date, step: 7, length: 5}`,
	`slot: {field: start, type: int8, from: 100, to: 100100}`,
	`slot: {field: end, type: date, step: 7, length: 5, min_length: 2, group: week}`,
	`system: oid`,
	`system: tid`,
	`system: pg_lsn`,
	`system: pg_snapshot`,
	`system: name`,
	`time: {from: "08:00", to: "20:00", step: 15m, zone: "+02"}`,
	`timestamp: {from: "2025-01-01", to: "2025-12-31", step: 1h}`,
	`code: md5`,
	`code: sha256`,
	`code: git`,
	`code: token`,
	`code: base64`,
	`code: api_key`,
	`code: ulid`,
	`code: otp`,
	`code: semver`,
	`code: iban`,
	`code: bic`,
	`code: credit_card`,
	`code: imei`,
	`code: ean13`,
	`code: ean8`,
	`code: upc`,
	`code: isbn13`,
	`code: isbn10`,
	`code: issn`,
	`code: vin`,
	`code: license_plate`,
	`code: sku`,
	`code: serial`,
	`code: order_number`,
	`code: tracking_number`,
	`code: coupon`,
	`code: ticket`,
	`code: {type: hash, digits: 16, upper: true}`,
	`internet: extension`,
	`internet: host`,
	`internet: path`,
	`internet: file_path`,
	`internet: image_url`,
	`internet: avatar_url`,
	`internet: query`,
	`internet: hashtag`,
	`json: settings`,
	`json: metadata`,
	`json: address`,
	`json: tags`,
	`json: geo`,
	`json: profile`,
	`json: preferences`,
	`json: permissions`,
	`json: event`,
	`json: money`,
	`json: product`,
	`json: contact`,
	`json: links`,
	`json: attributes`,
	`json: error`,
	`json: config`,
	`json: list`,
	`json: translations`,
	`json: dimensions`,
	`json: schedule`,
	`word: color`,
	`word: {list: country_code, case: lower}`,
}

func TestEveryGeneratorHasAnExample(t *testing.T) {
	for _, name := range Names() {
		if !slices.ContainsFunc(examples, func(e string) bool { return strings.HasPrefix(strings.TrimLeft(e, "{"), name) }) {
			t.Errorf("%s has none", name)
		}
	}
}

// each runs a test for every example.
func each(t *testing.T, test func(t *testing.T, f Filler, b *bench)) {
	for _, text := range examples {
		t.Run(text, func(t *testing.T) {
			f, b := mustMake(t, text)
			test(t, f, b)
		})
	}
}

// TestInvariance is law 1: a cell depends on its row, not on the rows around it.
func TestInvariance(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		for _, attempt := range []uint32{0, 2} {
			whole := b.fill(t, f, Rows{N: testRows}, attempt)
			var v column.Vec
			scratch := new(Scratch)
			for _, size := range []int{1, 7, 333} {
				v.Reset(f.Kind())
				for first := 0; first < testRows; first += size {
					rows := Rows{First: int64(first), N: min(size, testRows-first)}
					if err := f.Fill(&v, &Span{Rows: rows, Attempt: attempt, Inputs: b.cells(rows), Scratch: scratch}); err != nil {
						t.Fatal(err)
					}
				}
				wantSame(t, fmt.Sprintf("in pieces of %d", size), whole, &v, nil)
			}
			var list []int64
			for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(testRows) {
				list = append(list, int64(i))
			}
			wantSame(t, "as a list", whole, b.fill(t, f, Rows{N: testRows, List: list}, attempt), list)
		}
	})
}

func wantSame(t *testing.T, how string, want, got *column.Vec, rows []int64) {
	t.Helper()
	if got.Kind != want.Kind || got.Scale != want.Scale || got.Len() != want.Len() {
		t.Fatalf("%s: %d cells of kind %s and scale %d, want %d, %s, %d", how, got.Len(), got.Kind, got.Scale, want.Len(), want.Kind, want.Scale)
	}
	for i := range got.Len() {
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		if !got.Equal(i, want, row) {
			t.Fatalf("%s: row %d is %q, want %q", how, row, got.String(i), want.String(row))
		}
	}
}

// TestAnotherSeed: what is random depends on the key.
func TestAnotherSeed(t *testing.T) {
	for _, text := range examples {
		f, b := mustMake(t, text)
		one := texts(b.fill(t, f, Rows{N: testRows}, 0))
		other := newBench()
		other.c.TableKey = rng.NewKey(2, "things")
		other.c.Key = other.c.TableKey.Derive("x")
		g, err := other.parse(text)
		if err != nil {
			t.Fatal(err)
		}
		two := texts(other.fill(t, g, Rows{N: testRows}, 0))
		name, _, _ := strings.Cut(strings.TrimLeft(text, "{"), ":")
		still := []string{"aggregate", "cell", "constant", "expression", "latest", "prefix", "sequence", "slug", "template"}
		still = append(still, "boolean: 1", "address: {field: country", "switch: {on: number", "slot: {field: range", "slot: {field: start", "slot: {field: end, length")
		fixed := slices.ContainsFunc(still, func(s string) bool { return name == s || strings.HasPrefix(text, s) }) || text == "slot"
		if same := slices.Equal(one, two); same != fixed {
			t.Errorf("%s: same cells for two seeds: %v", text, same)
		}
	}
}

// TestRulesOfOwnCells: every rule is true of what its Filler makes, and says itself in SQL.
func TestRulesOfOwnCells(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		r, ok := f.(Ruled)
		if !ok {
			return
		}
		for _, attempt := range []uint32{0, 1, 5} {
			v := b.fill(t, f, Rows{N: testRows}, attempt)
			in := b.cells(Rows{N: testRows})
			for _, rule := range r.Rules() {
				if rule.Text == "" {
					t.Error("a rule without a text")
				}
				for i := range v.Len() {
					if rule.Cell != nil && !rule.Cell(v, i, in) {
						t.Fatalf("%q is not true of row %d: %q", rule.Text, i, v.String(i))
					}
				}
				if rule.SQL != nil {
					names := make([]string, len(in))
					for _, d := range []string{"postgres", "sqlite"} {
						rule.SQL(sqlText{name: d}, "x", names)
					}
				}
			}
		}
	})
}

// TestBounds: no cell is beyond the bounds, and the longest text is not far from them.
func TestBounds(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		bounded, ok := f.(Bounded)
		if !ok || f.Facts().Unbounded || f.Kind().Variable() && bounded.Bounds() == (Bounds{}) {
			return
		}
		bounds := bounded.Bounds()
		for _, attempt := range []uint32{0, 7} {
			own := cellBounds(b.fill(t, f, Rows{N: testRows}, attempt))
			if f.Kind().Variable() {
				if own.MaxLen > bounds.MaxLen {
					t.Errorf("a text of %d characters, and %d is the bound", own.MaxLen, bounds.MaxLen)
				}
			} else if f.Kind().Integer() && f.Kind() != column.Bool && (own.Min < bounds.Min || own.Max > bounds.Max) {
				t.Errorf("cells from %d to %d, and the bounds are %d to %d", own.Min, own.Max, bounds.Min, bounds.Max)
			}
		}
	})
}

// TestCard: distinct indexes give distinct values, which obey the rules and the bounds.
func TestCard(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		ix, ok := f.(Indexed)
		if !ok || ix.Card() == 0 {
			return
		}
		const most = 100_000
		card := ix.Card()
		if card > full {
			t.Fatalf("card is %d", card)
		}
		perm := rng.NewPerm(rng.NewKey(1, "sample"), card)
		seen := map[string]uint64{}
		v, sc := new(column.Vec), new(Scratch)
		v.Reset(f.Kind())
		for n := range min(card, most) {
			i := n
			if card > most && n%2 == 0 { // neighbours and far ones
				i = perm.At(n)
			}
			begin := v.Len()
			ix.AppendIndex(v, i, sc)
			if v.Len() != begin+1 {
				t.Fatalf("index %d appends %d cells", i, v.Len()-begin)
			}
			s := v.String(begin)
			if f.Kind() == column.Text && strings.HasPrefix(t.Name(), "TestCard/person") {
				s = strings.ToLower(s)
			}
			if before, twice := seen[s]; twice && before != i {
				t.Fatalf("%q has the indexes %d and %d", s, before, i)
			}
			seen[s] = i
		}
		in := b.cells(Rows{N: v.Len()})
		if r, ok := f.(Ruled); ok {
			for _, rule := range r.Rules() {
				for i := range v.Len() {
					if rule.Cell != nil && !rule.Cell(v, i, in) {
						t.Fatalf("%q is not true of index %d: %q", rule.Text, i, v.String(i))
					}
				}
			}
		}
		if bounded, ok := f.(Bounded); ok && f.Kind() == column.Text {
			if own := cellBounds(v); own.MaxLen > bounded.Bounds().MaxLen {
				t.Errorf("a text of %d characters, and %d is the bound", own.MaxLen, bounded.Bounds().MaxLen)
			}
		}
	})
}

// TestDistinct: Fillers that say so are distinct over all rows and attempts.
func TestDistinct(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		d, ok := f.(Distinct)
		if !ok || !d.Distinct() {
			return
		}
		var all []string
		attempts := 6
		switch f.(type) {
		case *sequence, *filled, *slots, *slug: // one value a row
			attempts = 1
		}
		for attempt := range attempts {
			for _, s := range texts(b.fill(t, f, Rows{N: testRows}, uint32(attempt))) {
				all = append(all, strings.ToLower(s))
			}
		}
		if n := distinct(all); n != len(all) {
			t.Errorf("%d distinct cells of %d", n, len(all))
		}
	})
}

// TestNoAllocations: once its memory is there, a Filler needs no more.
func TestNoAllocations(t *testing.T) {
	each(t, func(t *testing.T, f Filler, b *bench) {
		s := &Span{Rows: Rows{N: testRows}, Inputs: b.cells(Rows{N: testRows}), Scratch: new(Scratch)}
		v := new(column.Vec)
		n := testing.AllocsPerRun(3, func() {
			v.Reset(f.Kind())
			if err := f.Fill(v, s); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestGolden(t *testing.T) {
	var out strings.Builder
	for _, text := range examples {
		f, b := mustMake(t, text)
		fmt.Fprintf(&out, "%s\n\t%s\n", text, f)
		v := b.fill(t, f, Rows{N: 3}, 0)
		for _, s := range texts(v) {
			fmt.Fprintf(&out, "\t= %s\n", strings.ReplaceAll(s, "\n", "\\n"))
		}
		if ix, ok := f.(Indexed); ok && ix.Card() > 0 {
			var w column.Vec
			w.Reset(f.Kind())
			ix.AppendIndex(&w, ix.Card()-1, new(Scratch))
			fmt.Fprintf(&out, "\t%d values, the last: %s\n", ix.Card(), w.String(0))
		}
	}
	path := filepath.Join("testdata", "golden.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		if wantLines[i] != gotLines[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s\nIf this is meant: go test ./gen -run Golden -update, and say so in CHANGELOG.md", i+1, gotLines[i], wantLines[i])
		}
	}
	if len(wantLines) != len(gotLines) {
		t.Fatalf("%d lines, want %d", len(gotLines), len(wantLines))
	}
}

func BenchmarkFill(b *testing.B) {
	for _, text := range examples {
		b.Run(text, func(b *testing.B) {
			f, bench := mustMake(b, text)
			s := &Span{Rows: Rows{N: testRows}, Inputs: bench.cells(Rows{N: testRows}), Scratch: new(Scratch)}
			v := new(column.Vec)
			b.ReportAllocs()
			for b.Loop() {
				v.Reset(f.Kind())
				if err := f.Fill(v, s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/testRows, "ns/cell")
		})
	}
}
