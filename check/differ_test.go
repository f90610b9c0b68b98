package check

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// sampleColumn is a column of the table over which expressions are compared, and what its cells are drawn from.
type sampleColumn struct {
	name, ddl string
	t         schema.Type
	values    []string
}

var texts = []string{"", " ", "a", "A", "abc", "ABC", "Abc", " abc", "abc ", "a_c", "a%c", `a\c`, "AB-12", "ab-12", "user@example.com", "https://example.com/x", "0x12ab", "Zürich", "ÉCOLE", "日本語", "line\nbreak", "tab\there", "open", "closed", "void", "12", "-3", "3.50", "x,y,z", "2020-02-30", "aaaaaaaaaaaaaaaaaaaaaaaaa"}

var dates = []string{"2020-01-01", "1999-12-31", "2024-02-29", "2021-03-31", "1970-01-01", "1969-12-30", "2030-06-15", "infinity"}
var moments = []string{"2020-01-01 00:00:00", "2020-01-01 00:00:01", "2024-02-29 13:14:15.678901", "1969-12-31 23:59:59.5", "2021-03-31 12:00:00", "2035-01-01 00:00:00", "-infinity"}

func sampleColumns() []sampleColumn {
	moods := []string{"sad", "ok", "happy"}
	num := schema.Type{Name: "numeric", Kind: column.Decimal}
	list := func(t schema.Type, name string) schema.Type {
		return schema.Type{Name: name, Kind: column.Literal, Category: schema.ArrayType, Element: &t}
	}
	span := func(name string) schema.Type {
		return schema.Type{Name: name, Kind: column.Literal, Category: schema.RangeType}
	}
	txt := schema.Type{Name: "text", Kind: column.Text}
	i4 := schema.Type{Name: "integer", Kind: column.Int, Width: 4}
	ints := []string{"0", "1", "-1", "2", "3", "5", "7", "10", "100", "-100", "32767"}
	docs := []string{`{}`, `{"a": 1}`, `{"a": {"b": "x"}, "k": null}`, `[]`, `[1, 2, "a"]`, `"str"`, `12.50`, `true`, `null`, `{"a": "text", "n": 1e2, "é": "ü\n"}`, `[{"a": 1}]`}
	return []sampleColumn{
		{"i2", "smallint", schema.Type{Name: "smallint", Kind: column.Int, Width: 2}, ints},
		{"i4", "integer", i4, append([]string{"2147483647", "-2147483648", "12345"}, ints...)},
		{"i5", "integer", i4, ints},
		{"i8", "bigint", schema.Type{Name: "bigint", Kind: column.Int, Width: 8}, append([]string{"9223372036854775807", "-9223372036854775808"}, ints...)},
		{"n", "numeric(10,2)", schema.Type{Name: "numeric", Kind: column.Decimal, Precision: 10, Scale: 2}, []string{"0", "1.5", "-1.25", "99.99", "100", "0.01", "33.33", "12345678.90"}},
		{"nn", "numeric", num, []string{"0", "0.1", "2.5", "-2.5", "3.14159", "1000000", "0.000001", "7"}},
		{"f8", "double precision", schema.Type{Name: "double precision", Kind: column.Float, Width: 8}, []string{"0", "0.1", "-0.5", "2.5", "3.5", "1e10", "1e-7", "NaN", "Infinity", "123456789.123"}},
		{"f4", "real", schema.Type{Name: "real", Kind: column.Float, Width: 4}, []string{"0", "0.1", "-0.5", "2.5", "1e10", "0.3333333"}},
		{"b", "boolean", schema.Type{Name: "boolean", Kind: column.Bool}, []string{"true", "false"}},
		{"b2", "boolean", schema.Type{Name: "boolean", Kind: column.Bool}, []string{"true", "false"}},
		{"t", "text", txt, texts},
		{"t2", "text", txt, texts},
		{"tc", `text collate "C"`, schema.Type{Name: "text", Kind: column.Text}, texts},
		{"v", "varchar(30)", schema.Type{Name: "character varying", Kind: column.Text, Length: 30}, texts},
		{"ch", "char(5)", schema.Type{Name: "character", Kind: column.Text, Length: 5, Fixed: true}, []string{"", "a", "abc", "ABCDE", "x  y", "über"}},
		{"d", "date", schema.Type{Name: "date", Kind: column.Date}, dates},
		{"d2", "date", schema.Type{Name: "date", Kind: column.Date}, dates},
		{"ts", "timestamp", schema.Type{Name: "timestamp without time zone", Kind: column.Timestamp}, moments},
		{"tz", "timestamptz", schema.Type{Name: "timestamp with time zone", Kind: column.Timestamp, Zone: true}, moments},
		{"tz2", "timestamptz", schema.Type{Name: "timestamp with time zone", Kind: column.Timestamp, Zone: true}, moments},
		{"tm", "time", schema.Type{Name: "time without time zone", Kind: column.Time}, []string{"00:00:00", "12:30:00", "23:59:59.999999"}},
		{"iv", "interval", schema.Type{Name: "interval", Kind: column.Literal}, []string{"1 day", "-1 days", "1 mon", "30 days", "1 year 2 mons 3 days 04:05:06.5", "-00:00:01", "24:00:00", "00:00:00"}},
		{"u", "uuid", schema.Type{Name: "uuid", Kind: column.UUID}, []string{"00000000-0000-0000-0000-000000000000", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"}},
		{"by", "bytea", schema.Type{Name: "bytea", Kind: column.Bytes}, []string{`\x`, `\x00ff`, `\x0102030405`}},
		{"j", "json", schema.Type{Name: "json", Kind: column.JSON}, docs},
		{"jb", "jsonb", schema.Type{Name: "jsonb", Kind: column.JSON, JSONB: true}, docs},
		{"m", "mood", schema.Type{Name: "mood", Kind: column.Text, Enum: moods, EnumName: "mood"}, moods},
		{"ta", "text[]", list(txt, "text[]"), []string{"{}", "{a}", "{a,b,c}", `{"x y",NULL,"q\"t"}`, "{b,b}"}},
		{"ia", "integer[]", list(i4, "integer[]"), []string{"{}", "{1}", "{1,2,3}", "{3,NULL}", "{5,5,7,9}"}},
		{"r", "int4range", span("int4range"), []string{"empty", "[1,5)", "[1,10)", "(,3)", "[7,)", "(,)", "[5,6)"}},
		{"r2", "int4range", span("int4range"), []string{"empty", "[1,5)", "[2,4)", "(,3)", "[5,)", "(,)"}},
		{"nr", "numrange", span("numrange"), []string{"empty", "[1.5,2.5]", "(1.5,2.5)", "[2.5,3)", "(,0]"}},
		{"dr", "daterange", span("daterange"), []string{"empty", "[2020-01-01,2020-02-01)", "[2020-01-15,)", "(,2020-01-01)"}},
		{"tr", "tstzrange", span("tstzrange"), []string{"empty", `["2020-01-01 00:00:00+00","2020-01-02 00:00:00+00")`, `["2020-01-01 12:00:00+00",)`}},
	}
}

// cellVec puts text forms into a Vec as the column's cells.
func cellVec(t testing.TB, st schema.Type, cells []*string) *column.Vec {
	v := new(column.Vec)
	v.Reset(st.Kind)
	scale := int32(st.Scale)
	if st.Kind == column.Decimal && st.Precision == 0 {
		scale = 8
	}
	v.Scale = scale
	ct := typeOf(&st)
	if ct.kind == kOpaque {
		ct = kindType(st.Kind)
	}
	for _, c := range cells {
		if c == nil {
			v.AppendNull()
			continue
		}
		switch st.Kind {
		case column.Text, column.JSON, column.Literal:
			v.AppendString(*c)
		case column.Bytes:
			b, err := hex.DecodeString((*c)[2:])
			if err != nil {
				t.Fatal(err)
			}
			v.AppendBytes(b)
		case column.Float:
			f, err := strconv.ParseFloat(*c, 64)
			if err != nil {
				t.Fatal(err)
			}
			v.AppendFloat(f)
		default:
			s := strings.TrimSuffix(*c, "+00")
			x, err := ct.input(s)
			if err != nil {
				t.Fatal(err)
			}
			switch st.Kind {
			case column.UUID:
				v.AppendUUID([16]byte(x.b))
			case column.Decimal:
				v.AppendInt(roundNumeric(x, scale).n)
			default:
				v.AppendInt(x.n)
			}
		}
	}
	return v
}

const differRows = 240

// sample draws rows and gives the SQL that inserts them.
func sample(cols []sampleColumn) string {
	r := rand.New(rand.NewPCG(1, 2))
	var ddl, out strings.Builder
	fmt.Fprint(&ddl, "create type mood as enum ('sad','ok','happy'); create table s (id int primary key")
	for _, c := range cols {
		fmt.Fprintf(&ddl, ", %s %s", c.name, c.ddl)
	}
	fmt.Fprintln(&ddl, ");")
	fmt.Fprintln(&out, "insert into s values")
	for i := range differRows {
		if i > 0 {
			fmt.Fprintln(&out, ",")
		}
		fmt.Fprintf(&out, "(%d", i)
		for _, c := range cols {
			if r.IntN(6) == 0 {
				fmt.Fprint(&out, ", null")
			} else {
				fmt.Fprintf(&out, ", '%s'", strings.ReplaceAll(c.values[r.IntN(len(c.values))], "'", "''"))
			}
		}
		fmt.Fprint(&out, ")")
	}
	return ddl.String() + out.String() + ";\n"
}

// attempt evaluates an expression over a row; what fails gives e.
const attempt = `
create function attempt(e text, i int) returns text language plpgsql as $$
declare out boolean;
begin
  execute 'select ' || e || ' from s where id = ' || i into out;
  return case when out then 't' when not out then 'f' else 'n' end;
exception when others then return 'e';
end $$;
`

// Every expression, as the server prints it, has for every row the value that the server gives it, or the
// package says that it does not know.
func TestDiffersNot(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "checks")
		cols := sampleColumns()
		s.Psql(t, url, sample(cols)+attempt+differFunctions)
		table := &schema.Table{Name: "s"}
		for _, c := range cols {
			sc := &schema.Column{Name: c.name, Type: c.t}
			if c.name == "tc" {
				sc.Collation = "C"
			}
			table.Columns = append(table.Columns, sc)
		}
		vecs := map[string]*column.Vec{}
		var rows []map[string]*string
		var fields []string
		for _, c := range cols {
			fields = append(fields, fmt.Sprintf("'%s', %s::text", c.name, c.name))
			if c.t.Fixed {
				fields[len(fields)-1] = fmt.Sprintf("'%s', %s", c.name, c.name)
			}
		}
		got := s.Psql(t, url, "set timezone = 'UTC'; select json_agg(json_build_object("+strings.Join(fields, ", ")+") order by id) from s")
		if err := json.Unmarshal([]byte(got), &rows); err != nil {
			t.Fatal(err)
		}
		for _, c := range cols {
			cells := make([]*string, len(rows))
			for i, r := range rows {
				cells[i] = r[c.name]
			}
			vecs[c.name] = cellVec(t, c.t, cells)
		}
		var sql strings.Builder
		for i, e := range differExpressions {
			fmt.Fprintf(&sql, "alter table s add constraint c%d check (%s) not valid;\n", i, e)
		}
		sql.WriteString(`set timezone = 'UTC';
select json_agg(json_build_object('name', c.conname, 'text', pg_get_expr(c.conbin, c.conrelid),
  'values', (select string_agg(attempt(pg_get_expr(c.conbin, c.conrelid), s.id), '' order by s.id) from s), 'now', extract(epoch from now())))
from pg_constraint c where c.contype = 'c' and conrelid = 's'::regclass;`)
		var results []struct {
			Name, Text, Values string
			Now                float64
		}
		if err := json.Unmarshal([]byte(s.Psql(t, url, sql.String())), &results); err != nil {
			t.Fatal(err)
		}
		if len(results) != len(differExpressions) {
			t.Fatalf("%d results for %d expressions", len(results), len(differExpressions))
		}
		known, cells := 0, 0
		for _, r := range results {
			o := Options{Functions: differBodies, Now: time.UnixMicro(int64(r.Now * 1e6)).UTC()}
			p, err := Compile(table, r.Text, "", o)
			var e *ErrUnknown
			if errors.As(err, &e) {
				if !strings.HasPrefix(e.What, "the order of texts") {
					t.Logf("unknown: %s: %v", r.Text, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", r.Text, err)
				continue
			}
			known++
			ev := p.Evaluator()
			in := make([]*column.Vec, len(p.Columns))
			for k, name := range p.Columns {
				in[k] = vecs[name]
			}
			wrong, unsure := 0, 0
			for i := range differRows {
				got, err := ev.Eval(in, i)
				want := r.Values[i]
				if err != nil {
					if want != 'e' && !errors.As(err, &e) && !errors.Is(err, errLocale) {
						if unsure++; unsure > 1 {
							continue
						}
						t.Logf("%s: row %d: %v, and the server says %c", r.Text, i, err, want)
					}
					continue
				}
				cells++
				if c := "ftn"[got]; c != want {
					if wrong++; wrong == 1 {
						var given []string
						for k, name := range p.Columns {
							given = append(given, fmt.Sprintf("%s=%q(null %v)", name, in[k].String(i), in[k].Null(i)))
						}
						t.Errorf("%s gives %c, and the server says %c, over %s", r.Text, c, want, strings.Join(given, " "))
					}
				}
			}
		}
		t.Logf("%d of %d expressions are known; %d values agree", known, len(results), cells)
		if known < len(differExpressions)*9/10 {
			t.Errorf("only %d of %d expressions are known", known, len(differExpressions))
		}
	})
}
