package blueprint_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
)

const declarations = `sower: 1
parameters:
  count: {type: integer, default: 10, min: 0, max: 1000}
  big: {type: integer, default: 0}
  share: {type: number, default: 0.5, min: 0, max: 1}
  name: {type: string, default: x}
  active: {type: boolean, default: false}
  admin: {type: uuid, default: 00000000-0000-4000-8000-000000000000}
  start: {type: datetime, default: 2025-05-01, min: 2025-01-01, max: 2025-12-31 23:59:59}
  token: {type: uuid, env: TOKEN, required: true}
  place: {type: string, required: true}
`

func TestGiven(t *testing.T) {
	files := fstest.MapFS{"b.yaml": file(declarations)}
	for _, c := range []struct {
		name  string
		value any
		want  string // the value with its type, or the problem
	}{
		{"count", "7", "int64 7"},
		{"count", " 1_000 ", "int64 1000"},
		{"count", 7, "int64 7"},
		{"count", int64(7), "int64 7"},
		{"count", uint64(7), "int64 7"},
		{"count", 7.0, "int64 7"},
		{"count", json.Number("7"), "int64 7"},
		{"count", "-5", "b.yaml:3:3: count is -5 (from flag --count): at least 0"},
		{"count", "1001", "b.yaml:3:3: count is 1001 (from flag --count): at most 1000"},
		{"count", "7.5", `b.yaml:3:3: count is "7.5" (from flag --count): want an integer`},
		{"count", 7.5, `b.yaml:3:3: count is 7.5 (from flag --count): want an integer`},
		{"count", "", `b.yaml:3:3: count is "" (from flag --count): want an integer`},
		{"count", true, `b.yaml:3:3: count is true (from flag --count): want an integer`},
		{"count", nil, `b.yaml:3:3: count is <nil> (from flag --count): want an integer`},
		{"count", []any{1}, `b.yaml:3:3: count is [1] (from flag --count): want an integer`},
		{"count", "99999999999999999999", `b.yaml:3:3: count is "99999999999999999999" (from flag --count): too large for an integer`},
		{"big", "9223372036854775807", "int64 9223372036854775807"},
		{"big", uint64(math.MaxUint64), `b.yaml:4:3: big is 18446744073709551615 (from flag --big): too large for an integer`},
		{"big", 1e300, `b.yaml:4:3: big is 1e+300 (from flag --big): want an integer`},
		{"share", "0.25", "float64 0.25"},
		{"share", 1, "float64 1"},
		{"share", "1.5", "b.yaml:5:3: share is 1.5 (from flag --share): at most 1"},
		{"share", "NaN", `b.yaml:5:3: share is "NaN" (from flag --share): want a number`},
		{"share", math.Inf(1), `b.yaml:5:3: share is +Inf (from flag --share): want a number`},
		{"name", "", "string "},
		{"name", 5, "string 5"},
		{"name", true, "string true"},
		{"name", "a\x00b", `b.yaml:6:3: name is "a\x00b" (from flag --name): want at most 65536 bytes of UTF-8 text`},
		{"name", strings.Repeat("x", 70_000), `b.yaml:6:3: name is "` + strings.Repeat("x", 59) + `…" (from flag --name): want at most 65536 bytes of UTF-8 text`},
		{"active", "Yes", "bool true"},
		{"active", "0", "bool false"},
		{"active", true, "bool true"},
		{"active", "perhaps", `b.yaml:7:3: active is "perhaps" (from flag --active): want true or false`},
		{"active", 1, `b.yaml:7:3: active is 1 (from flag --active): want true or false`},
		{"admin", adminUUID, "string 6f9619ff-8b86-4d01-b42d-00cf4fc964ff"},
		{"admin", "6f9619ff8b864d01b42d00cf4fc964ff", `b.yaml:8:3: admin is "6f9619ff8b864d01b42d00cf4fc964ff" (from flag --admin): want a UUID such as "123e4567-e89b-42d3-a456-426614174000"`},
		{"admin", 5, `b.yaml:8:3: admin is 5 (from flag --admin): want a UUID such as "123e4567-e89b-42d3-a456-426614174000"`},
		{"start", "2025-06-01", "string 2025-06-01 00:00:00"},
		{"start", "2025-06-01T10:00:00.250", "string 2025-06-01 10:00:00.25"},
		{"start", "2024-12-31 23:59:59.999999", `b.yaml:9:3: start is "2024-12-31 23:59:59.999999" (from flag --start): at least 2025-01-01 00:00:00`},
		{"start", "2025-12-31 23:59:59.5", `b.yaml:9:3: start is "2025-12-31 23:59:59.5" (from flag --start): at most 2025-12-31 23:59:59`},
		{"start", "2025-06-01 10:00:00+02:00", `b.yaml:9:3: start is "2025-06-01 10:00:00+02:00" (from flag --start): want a date and time such as "2025-05-01" or "2025-05-01 13:30:00", without a time zone`},
		{"start", "soon", `b.yaml:9:3: start is "soon" (from flag --start): want a date and time such as "2025-05-01" or "2025-05-01 13:30:00"`},
		{"strat", "soon", `unknown parameter "strat" (from flag --strat): did you mean "start"?`},
	} {
		values := given(c.name, c.value)
		values["token"] = blueprint.Given{Value: adminUUID}
		values["place"] = blueprint.Given{Value: "here"}
		b, err := resolve(files, values)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			for _, p := range b.Parameters {
				if p.Name == c.name {
					got = fmt.Sprintf("%T %v", p.Value, p.Value)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s = %v: got\n%s\nwant\n%s", c.name, c.value, got, c.want)
		}
	}
}

func TestGivenAllAtOnce(t *testing.T) {
	values := map[string]blueprint.Given{
		"count": {Value: "-1", Source: "environment SOWER_COUNT"},
		"share": {Value: 2.5, Source: "config file c.json"},
		"name":  {Value: "y"},
		"start": {Value: "x"},
	}
	const want = `b.yaml:3:3: count is -1 (from environment SOWER_COUNT): at least 0
b.yaml:5:3: share is 2.5 (from config file c.json): at most 1
b.yaml:9:3: start is "x": want a date and time such as "2025-05-01" or "2025-05-01 13:30:00"
b.yaml:10:3: token is required and has no value: set the flag --token or the environment variable TOKEN
b.yaml:11:3: place is required and has no value: set the flag --place or the environment variable SOWER_PLACE`
	_, err := resolve(fstest.MapFS{"b.yaml": file(declarations)}, values)
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestResolveTwice shows that a Document keeps nothing of a Resolve.
func TestResolveTwice(t *testing.T) {
	d, err := blueprint.Open(fstest.MapFS{"b.yaml": file("sower: 1\nparameters: {n: {type: integer, default: 1}}\ntables: {a: {rows: \"${n}\"}}\n")}, "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{5, 6, -1, 7} {
		b, err := d.Resolve(given("n", n), generators)
		if n < 0 {
			if err == nil || err.Error() != "b.yaml:3:20: a: rows is -1 (${n}): at least 0" {
				t.Errorf("got %v", err)
			}
			continue
		}
		if err != nil || b.Tables[0].Parts[0].Rows != n || b.Parameters[0].Value != n {
			t.Errorf("%d: got %v, %v", n, b, err)
		}
	}
	if p := d.Parameters()[0]; p.Value != nil {
		t.Errorf("the declaration has the value %v", p.Value)
	}
}
