package sqlite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sowerdata/sower/column"
)

func TestDialect(t *testing.T) {
	db := create(t, "create table t (x)")
	d := Dialect{}
	object := d.Text(`{"s": "it's \"x\"", "n": 1.5, "i": 7, "b": true, "f": false, "z": null, "a": ["x", "y", "x"], "o d.d$": "odd", "q\"q": "quoted", "": "empty", "u": ["p", "q"]}`)
	for expr, want := range map[string]string{
		d.Ident("", "a b", `c"d`):                     "",
		d.Text("it's") + ` || ''`:                     "it's",
		d.Text("a\x00b") + " = 'a' || char(0) || 'b'": "1",
		d.Value(nil):                                               "<nil>",
		d.Value(true):                                              "1",
		d.Value(int64(math.MinInt64)):                              "-9223372036854775808",
		d.Value(2.0) + " / 4":                                      "0.5",
		d.Value(math.Inf(-1)):                                      "-Inf",
		d.Value("x'y"):                                             "x'y",
		d.Prefix("'äöü😀x'", 4):                                     "äöü😀",
		d.Length("'äöü😀x'"):                                        "5",
		d.JSONField(object, "s"):                                   `it's "x"`,
		d.JSONField(object, "n"):                                   "1.5",
		"typeof(" + d.JSONField(object, "i") + ")":                 "text",
		d.JSONField(object, "b"):                                   "true",
		d.JSONField(object, "f"):                                   "false",
		d.JSONField(object, "z"):                                   "<nil>",
		d.JSONField(object, "none"):                                "<nil>",
		d.JSONField(object, "o d.d$"):                              "odd",
		d.JSONField(object, `q"q`):                                 "quoted",
		d.JSONField(object, ""):                                    "empty",
		d.JSONField("null", "s"):                                   "<nil>",
		d.JSONArray(object, "a"):                                   `["x","y","x"]`,
		d.JSONLength(d.JSONArray(object, "a")):                     "3",
		d.JSONLength("'[]'"):                                       "0",
		d.JSONLength("null"):                                       "<nil>",
		d.JSONDistinct(d.JSONArray(object, "a")):                   "0",
		d.JSONDistinct(d.JSONArray(object, "u")):                   "1",
		d.JSONDistinct(`'[null, null]'`):                           "0",
		d.JSONDistinct(`'[1, "1", true]'`):                         "1",
		d.JSONDistinct("null"):                                     "1",
		d.JSONWithin(d.JSONArray(object, "a"), []string{"x"}):      "0",
		d.JSONWithin(d.JSONArray(object, "a"), []string{"y", "x"}): "1",
		d.JSONWithin(`'["it''s"]'`, []string{"it's"}):              "1",
		d.JSONWithin(`'[1]'`, []string{"1"}):                       "0",
		d.JSONWithin("null", []string{"1"}):                        "1",
		d.Greatest("3"):                                            "3",
		d.Greatest("null", "'2024-01-01 00:00:00'", "'2024-01-01 00:00:00.5'"): "2024-01-01 00:00:00.5",
		d.Greatest("null", "null"):                     "<nil>",
		d.AddMicros("'2024-02-28 23:59:59.999999'", 1): "2024-02-29 00:00:00",
		d.AddMicros("'2024-03-01 00:00:00'", -500_000): "2024-02-29 23:59:59.500000",
		d.AddMicros("null", 5):                         "<nil>",
		d.Matches("'abc'", "a|abc"):                    "1",
		d.Matches("'abcd'", "abc"):                     "0",
		d.Matches("'a\nb'", "a.b"):                     "0",
		d.Matches("'it''s'", "it's"):                   "1",
		d.Matches("null", "x"):                         "<nil>",
		d.Matches("15", "[0-9]+"):                      "1",
	} {
		if want == "" {
			if expr != `"a b"."c""d"` {
				t.Errorf("Ident: %s", expr)
			}
			continue
		}
		if got := scalar(t, db, "select "+expr); got != want {
			t.Errorf("%s: %s, want %s", expr, got, want)
		}
	}
	// Within a query the arguments are columns.
	sqlExec(t, db, "insert into t values (3), (null), (7)")
	if got := scalar(t, db, "select group_concat(g) from (select "+d.Greatest("x", "5")+" as g from t)"); got != "5,5,7" {
		t.Errorf("Greatest of a column: %s", got)
	}
	if _, err := db.QueryInt(t.Context(), "select 1 where "+d.Matches("'a'", "("), nil); err == nil {
		t.Error("a wrong pattern was taken")
	}
	if _, err := db.QueryInt(t.Context(), "select "+d.AddMicros("'soon'", 1), nil); err == nil {
		t.Error("a wrong timestamp was taken")
	}
}

// A cell's literal is what was stored of it.
func TestCellLiterals(t *testing.T) {
	db := create(t, "create table t (id integer primary key, b boolean, i bigint, f double precision, d numeric(15, 3), day date, at time, ts timestamp, u uuid, s text, j json, x blob, l inet)")
	columns := []string{"id", "b", "i", "f", "d", "day", "at", "ts", "u", "s", "j", "x", "l"}
	target := targetFor(t, db, "t", columns...)
	vecs := []*column.Vec{
		vec(t, column.Int, 0, "0", "1", "2"), vec(t, column.Bool, 0, "true", "false", "<null>"), vec(t, column.Int, 0, "-9223372036854775808", "5", "<null>"), vec(t, column.Float, 0, "0.1", "-3", "1e+300"),
		vec(t, column.Decimal, 3, "-0.001", "12.500", "7.000"), vec(t, column.Date, 0, "0001-01-01", "2024-02-29", "<null>"), vec(t, column.Time, 0, "00:00:00", "23:59:59.5", "<null>"),
		vec(t, column.Timestamp, 0, "1969-12-31 23:59:59.999999", "2024-02-29 00:00:00", "<null>"), vec(t, column.UUID, 0, "01234567-89ab-4def-8012-3456789abcde", "<null>", "<null>"),
		vec(t, column.Text, 0, "it's", "", "<null>"), vec(t, column.JSON, 0, `{"a": "'"}`, "[]", "5"), vec(t, column.Bytes, 0, `\x00ff`, `\x`, "<null>"), vec(t, column.Literal, 0, "::1", "10.0.0.1", "<null>"),
	}
	if err := load(t, db, target, 0, vecs...); err != nil {
		t.Fatal(err)
	}
	for k, v := range vecs {
		for i := range v.Len() {
			literal := Dialect{}.Cell(v, i)
			if got := scalar(t, db, fmt.Sprintf("select %s is %s and typeof(%[1]s) = typeof(%[2]s) or typeof(%[1]s) in ('integer', 'real') and %[1]s is %[2]s from t where id = %d", quoteIdent(columns[k]), literal, i)); got != "1" {
				t.Errorf("%s row %d is not %s", columns[k], i, literal)
			}
		}
	}
}

// Float literals are read as the same bits.
func TestFloatLiterals(t *testing.T) {
	db := create(t, "create table t (x)")
	random := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		f := math.Float64frombits(random.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		var got float64
		if err := db.reads.QueryRow("select " + floatText(f)).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != f {
			t.Errorf("%s is read as %g", floatText(f), got)
		}
	}
}
