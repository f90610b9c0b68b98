package blueprint_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
)

// parse gives the node of a YAML text.
func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Content[0]
}

// decodeInto decodes a YAML text into a new T. It gives the value as %+v writes it, or the problems.
func decodeInto[T any](t *testing.T, text string) string {
	t.Helper()
	d := blueprint.NewDecoder(nil, generators)
	var v T
	d.Decode(parse(t, text), &v)
	if err := d.Err(); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%+v", v)
}

type word string

// DecodeNode implements NodeDecoder: it accepts capitals alone.
func (w *word) DecodeNode(d *blueprint.Decoder, n *yaml.Node) {
	var s string
	d.Decode(n, &s)
	if s != strings.ToUpper(s) {
		d.Problem(n, "want capitals, found %q", s)
		return
	}
	*w = word(s)
}

type inner struct {
	A int    `yaml:"a" required:"true"`
	B string `yaml:"b"`
}

type embedded struct {
	Seed int64 `yaml:"seed"`
}

type all struct {
	embedded
	Text     string                   `yaml:"text"`
	Yes      bool                     `yaml:"yes"`
	Int      int                      `yaml:"int"`
	Int32    int32                    `yaml:"int32"`
	Uint     uint64                   `yaml:"uint"`
	Float    float64                  `yaml:"float"`
	Maybe    *int64                   `yaml:"maybe"`
	Either   *blueprint.Value         `yaml:"either"`
	List     []string                 `yaml:"list"`
	Inner    inner                    `yaml:"inner"`
	Inners   []inner                  `yaml:"inners"`
	Pointer  *inner                   `yaml:"pointer"`
	Value    blueprint.Value          `yaml:"value"`
	Weights  blueprint.Ordered[int64] `yaml:"weights"`
	Duration blueprint.Duration       `yaml:"duration"`
	DateTime blueprint.DateTime       `yaml:"datetime"`
	Gen      *blueprint.Generator     `yaml:"gen"`
	Gens     []blueprint.Generator    `yaml:"gens"`
	Mode     string                   `yaml:"mode" enum:"uniform,normal"`
	Modes    []string                 `yaml:"modes" enum:"uniform,normal"`
	Word     word                     `yaml:"word"`
	Node     *yaml.Node               `yaml:"node"`
	Ignored  func()
}

func TestDecodeMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"txet: a", `1:1: unknown key "txet": did you mean "text"?`},
		{"zzzzzz: a", `1:1: unknown key "zzzzzz"`},
		{"Ignored: a", `1:1: unknown key "Ignored"`},
		{"5", "1:1: want a mapping with seed, text, yes, int, int32, uint, ..., found integer 5"},
		{"[a]", "1:1: want a mapping with seed, text, yes, int, int32, uint, ..., found a list"},
		{"text: 5", "1:7: text: want a text, found integer 5: put it in quotes"},
		{"text: true", "1:7: text: want a text, found boolean true: put it in quotes"},
		{"text: [a]", "1:7: text: want a text, found a list"},
		{"text:", "1:6: text: want a text, found nothing (null)"},
		{"text: " + strings.Repeat("x", 100), ""},
		{"yes: yes", `1:6: yes: want true or false, found text "yes"`},
		{"int: abc", `1:6: int: want an integer, found text "abc"`},
		{"int: 2.5", "1:6: int: want an integer, found number 2.5"},
		{"int: 1e99", "1:6: int: want an integer, found number 1e99"},
		{"int: 9223372036854775808", "1:6: int: want an integer, found 9223372036854775808, which is too large for an integer: put it in quotes if it is a text"},
		{"int: 1e6", ""},
		{"int: 0x10", ""},
		{"int: 1_000", ""},
		{"int: -0", ""},
		{"int: 010", "1:6: int: want an integer, found 010, a number with a leading zero: put it in quotes if it is a text"},
		{"int32: 2147483648", "1:8: int32: 2147483648 does not fit 32 bits"},
		{"uint: 18446744073709551615", ""},
		{"uint: 18446744073709551616", "1:7: uint: want an integer that is not negative, found 18446744073709551616, which is too large for an integer: put it in quotes if it is a text"},
		{"uint: -1", "1:7: uint: want an integer that is not negative, found integer -1"},
		{"float: 3", ""},
		{"float: .inf", "1:8: float: want a number, found .inf, which is no finite number"},
		{"float: 1e999", `1:8: float: want a number, found text "1e999"`},
		{"float: x", `1:8: float: want a number, found text "x"`},
		{"maybe: null", ""},
		{"maybe: x", `1:8: maybe: want an integer, found text "x"`},
		{"list: a", `1:7: list: want a list, found text "a"`},
		{"list: [a, 5, [b]]", "1:11: list[1]: want a text, found integer 5: put it in quotes\n1:14: list[2]: want a text, found a list"},
		{"inner: {}", `1:8: inner: "a" is missing`},
		{"inner:", `1:1: inner: "a" is missing`},
		{"inner: {a: x, c: 1}", "1:12: a: want an integer, found text \"x\"\n1:15: inner: unknown key \"c\": there are a, b"},
		{"inners: [{a: 1}, {b: x}, 5]", "1:18: inners[1]: \"a\" is missing\n1:26: inners[2]: want a mapping with a, b, found integer 5"},
		{"pointer: {b: x}", `1:10: pointer: "a" is missing`},
		{"value: [1]", "1:8: value: want a number, a text, true, false or null, found a list"},
		{"value: 99999999999999999999", "1:8: value: found 99999999999999999999, which is too large for an integer: put it in quotes if it is a text"},
		{"value: 01", "1:8: value: found 01, a number with a leading zero: put it in quotes if it is a text"},
		{"value: !!binary aGk=", `1:8: value: found "aGk=" with the unknown YAML tag !!binary`},
		{"value: !!int abc", `1:8: value: found "abc" with the unknown YAML tag !!int`},
		{"weights: [a]", "1:10: weights: want a mapping, found a list"},
		{"weights: {a: b, 01: 1}", "1:14: a: want an integer, found text \"b\"\n1:17: weights: a key cannot be 01, a number with a leading zero: put it in quotes if it is a text"},
		{"duration: 10", `1:11: duration: want a duration such as "10s", "5m", "2h" or "30d", found integer 10: give the unit, 10s for seconds`},
		{"duration: 1.5", `1:11: duration: want a duration such as "10s", "5m", "2h" or "30d", found number 1.5: give the unit, 1.5s for seconds`},
		{"duration: true", `1:11: duration: want a duration such as "10s", "5m", "2h" or "30d", found boolean true`},
		{"duration: 10 s", `1:11: duration: want a duration such as "10s", "5m", "2h" or "30d", found text "10 s"`},
		{"duration: 0.5us", `1:11: duration: the duration is finer than a microsecond: "0.5us"`},
		{"duration: 999999999d", `1:11: duration: the duration is too large: "999999999d"`},
		{"datetime: 5", `1:11: datetime: want a date and time such as "2025-05-01" or "2025-05-01 13:30:00", found integer 5`},
		{"datetime: 2025-02-30", `1:11: datetime: want a date and time such as "2025-05-01" or "2025-05-01 13:30:00", found text "2025-02-30"`},
		{"datetime: 2025-02-03T10:00:00Z", `1:11: datetime: want a date and time such as "2025-05-01" or "2025-05-01 13:30:00", without a time zone, found text "2025-02-03T10:00:00Z"`},
		{"gen: {uuidd: }", `1:7: gen: unknown generator "uuidd": did you mean "uuid"?`},
		{"gen: {uuid: , unique: true}", `1:15: gen: "unique" belongs to a column: within a generator's arguments there are only nulls and when`},
		{"gen: {uuid: , nulls: 2}", `1:22: nulls: 2 is out of range: a share is from 0 to 1`},
		{"gens: [uuid, [x], {}]", "1:14: gens[1]: want a generator, found a list\n1:19: gens[2]: a generator is missing: name one as a key: {integer: {min: 1, max: 6}}"},
		{"mode: nromal", `1:7: mode: unknown value "nromal": did you mean "normal"?`},
		{"mode: zipf", `1:7: mode: unknown value "zipf": there are uniform, normal`},
		{"modes: [normal, nromal]", `1:17: modes: unknown value "nromal": did you mean "normal"?`},
		{"word: abc", `1:7: word: want capitals, found "abc"`},
		{"word: 5", `1:7: word: want a text, found integer 5: put it in quotes`},
		{"node: {anything: [goes]}", ""},
	} {
		got := decodeInto[all](t, c.text)
		if c.want == "" && strings.HasPrefix(got, "{") {
			continue
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.text, got, c.want)
		}
	}
}

func TestDecodeValues(t *testing.T) {
	d := blueprint.NewDecoder(nil, generators)
	var got all
	d.Decode(parse(t, `
seed: 9
text: 2025-05-01
yes: true
int: -1e3
int32: 5
uint: 18446744073709551615
float: 2
maybe: 5
either: null
list: [a, "5"]
inner: {a: 1}
inners: [{a: 2, b: x}]
pointer: {a: 3}
value: 2.5
weights: {b: 1, 2: 3, true: 4, "2": 5}
duration: -1h30m
datetime: 2025-05-01T10:00:00.5
gen: {float: {min: 0}, nulls: 0.5}
gens: [uuid, 7, null]
mode: normal
modes: [uniform]
word: ABC
`), &got)
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	at := func(line, column int) blueprint.Pos { return blueprint.Pos{Line: line, Column: column} }
	five := int64(5)
	want := all{
		embedded: embedded{9}, Text: "2025-05-01", Yes: true, Int: -1000, Int32: 5, Uint: math.MaxUint64, Float: 2,
		Maybe: &five, Either: &blueprint.Value{Pos: at(10, 9)}, List: []string{"a", "5"},
		Inner: inner{A: 1}, Inners: []inner{{2, "x"}}, Pointer: &inner{A: 3}, Value: blueprint.Value{V: 2.5, Pos: at(15, 8)},
		Weights: blueprint.Ordered[int64]{
			{Key: "b", KeyValue: blueprint.Value{V: "b", Pos: at(16, 11)}, Value: 1, Pos: at(16, 11)},
			{Key: "2", KeyValue: blueprint.Value{V: int64(2), Pos: at(16, 17)}, Value: 3, Pos: at(16, 17)},
			{Key: "true", KeyValue: blueprint.Value{V: true, Pos: at(16, 23)}, Value: 4, Pos: at(16, 23)},
			{Key: "2", KeyValue: blueprint.Value{V: "2", Pos: at(16, 32)}, Value: 5, Pos: at(16, 32)},
		},
		Duration: -5400e6, DateTime: 1746093600_500000,
		Gen:  &blueprint.Generator{Name: "float", Nulls: 0.5, Pos: at(19, 7)},
		Gens: []blueprint.Generator{{Name: "uuid", Pos: at(20, 8)}, {Name: "constant", Pos: at(20, 14)}, {Name: "constant", Pos: at(20, 17)}},
		Mode: "normal", Modes: []string{"uniform"}, Word: "ABC",
	}
	ignoreNodes := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[*yaml.Node]() }, cmp.Ignore())
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(all{}, embedded{}), ignoreNodes); diff != "" {
		t.Error(diff)
	}
	if got.Gen.Args.Content[1].Value != "0" || got.Gens[0].Args != nil || got.Gens[1].Args.Value != "7" || got.Gens[2].Args.Value != "null" {
		t.Errorf("arguments %+v, %+v", got.Gen.Args, got.Gens)
	}
}

// shortText takes a text in place of a mapping, shortValue any scalar.
type shortText struct {
	Text string `yaml:"text" short:"true" required:"true" enum:"a,b"`
	N    int    `yaml:"n"`
}
type shortValue struct {
	Value blueprint.Value `yaml:"value" short:"true"`
}
type shortList struct {
	List []string `yaml:"list" short:"true"`
}

func TestDecodeShort(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{decodeInto[shortText](t, "a"), "{Text:a N:0}"},
		{decodeInto[shortText](t, "{text: b, n: 2}"), "{Text:b N:2}"},
		{decodeInto[shortText](t, "c"), `1:1: text: unknown value "c": there are a, b`},
		{decodeInto[shortText](t, "5"), "1:1: want a text, found integer 5: put it in quotes"},
		{decodeInto[shortText](t, "null"), `1:1: "text" is missing`},
		{decodeInto[shortText](t, "{n: 2}"), `1:1: "text" is missing`},
		{decodeInto[shortText](t, "[a]"), "1:1: want a text, found a list"},
		{decodeInto[shortValue](t, "null"), "{Value:{V:<nil> Pos:1:1}}"},
		{decodeInto[shortValue](t, "5"), "{Value:{V:5 Pos:1:1}}"},
		{decodeInto[shortValue](t, "{value: x}"), "{Value:{V:x Pos:1:9}}"},
		{decodeInto[shortList](t, "[a, b]"), "{List:[a b]}"},
		{decodeInto[shortList](t, "a"), `1:1: want a list, found text "a"`},
		{decodeInto[struct{}](t, "null"), "{}"},
		{decodeInto[struct{}](t, "{}"), "{}"},
		{decodeInto[struct{}](t, "5"), "1:1: want nothing: there are no arguments, found integer 5"},
		{decodeInto[struct{}](t, "{a: 1}"), `1:2: unknown key "a"`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// TestDecodeGenerator decodes the arguments of a blueprint's generators: positions name the file.
func TestDecodeGenerator(t *testing.T) {
	b, err := resolve(fstest.MapFS{
		"b.yaml": file("sower: 1\ninclude: [c.yaml]\n"),
		"c.yaml": file("parameters: {n: {type: integer, default: 1}}\ntables:\n  t:\n    rows: 1\n    columns:\n      a: text\n      b: {text: {text: c, n: \"x${n}\"}}\n      c: {text: {text: a, n: \"${n + 1}\"}}\n      d: {text: }\n      e: {json: [{texx: 1}]}\n"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`c.yaml:6:10: text: "text" is missing`,
		"c.yaml:7:24: text: unknown value \"c\": there are a, b\nc.yaml:7:30: n: want an integer, found text \"x1\" (x${n})",
		"{a 2}",
		`c.yaml:9:11: text: "text" is missing`,
		`c.yaml:10:19: json[0]: unknown generator "texx": did you mean "text"?`,
	}
	for i, c := range b.Tables[0].Columns {
		d := b.NewDecoder()
		var got string
		if c.Generator.Name == "json" {
			var v []blueprint.Generator
			d.DecodeGenerator(c.Generator, &v)
			got = fmt.Sprint(v)
		} else {
			var v shortText
			d.DecodeGenerator(c.Generator, &v)
			got = fmt.Sprint(v)
		}
		if err := d.Err(); err != nil {
			got = err.Error()
		}
		if got != want[i] {
			t.Errorf("%s: got\n%s\nwant\n%s", c.Name, got, want[i])
		}
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		want blueprint.Duration
		back string
	}{
		{"10s", 10e6, "10s"}, {"5m", 300e6, "5m"}, {"2h", 7200e6, "2h"}, {"30d", 30 * 86400e6, "30d"}, {"2w", 14 * 86400e6, "14d"},
		{"-5m", -300e6, "-5m"}, {"+5m", 300e6, "5m"}, {"1.5h", 5400e6, "90m"}, {"1h30m", 5400e6, "90m"}, {"250ms", 250e3, "250ms"},
		{"7us", 7, "7us"}, {"0s", 0, "0s"}, {".5s", 500e3, "500ms"}, {"1.000001s", 1000001, "1000001us"}, {"1.5m", 90e6, "90s"},
		{"1.0us", 1, "1us"}, {"106751991d", 106751991 * 86400e6, "106751991d"},
	} {
		got, err := blueprint.ParseDuration(c.text)
		if err != nil || got != c.want || got.String() != c.back {
			t.Errorf("%s: got %d (%s), %v, want %d (%s)", c.text, got, got, err, c.want, c.back)
		}
	}
	for _, text := range []string{"", "-", "s", "10", "1.2.3s", ".s", "10x", "10 s", "--5s", "5s5", "1e3s", "106751992d", "99999999999999999999s", "106751991d23h", "1.0000001s", "０s"} {
		if got, err := blueprint.ParseDuration(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestDateTime(t *testing.T) {
	for _, c := range []struct {
		text string
		want blueprint.DateTime
		back string
	}{
		{"1970-01-01", 0, "1970-01-01 00:00:00"},
		{"2025-09-21 23:59:59", 1758499199e6, "2025-09-21 23:59:59"},
		{"2025-09-21T23:59:59.123456", 1758499199123456, "2025-09-21 23:59:59.123456"},
		{"0001-01-01", -62135596800e6, "0001-01-01 00:00:00"},
		{"9999-12-31 23:59:59.999999", 253402300799999999, "9999-12-31 23:59:59.999999"},
		{"2024-02-29", 1709164800e6, "2024-02-29 00:00:00"},
	} {
		got, err := blueprint.ParseDateTime(c.text)
		if err != nil || got != c.want || got.String() != c.back {
			t.Errorf("%s: got %d (%s), %v, want %d (%s)", c.text, got, got, err, c.want, c.back)
		}
	}
	for _, text := range []string{"", "2025", "2025-5-1", "2023-02-29", "2025-05-01 10:00", "2025-05-01 24:00:00", "0000-01-01", "2025-05-01 10:00:00.1234567", "2025-05-01 10:00:00,5", "10000-01-01", "2025-05-01Z"} {
		if got, err := blueprint.ParseDateTime(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, got)
		}
	}
}

func TestDecodePanicsOnWrongTypes(t *testing.T) {
	for name, into := range map[string]any{"no pointer": all{}, "map": new(map[string]int), "nil": (*all)(nil)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			blueprint.NewDecoder(nil, nil).Decode(parse(t, "{a: 1}"), into)
		}()
	}
}
