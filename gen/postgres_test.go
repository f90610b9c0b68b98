package gen

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// stored are generators in columns of types whose cells are texts of PostgreSQL's.
var stored = []struct {
	ddl string // the column's type
	typ schema.Type
	of  []string
}{
	{"inet", literalType("inet"), []string{"network", "network: {family: 6}"}},
	{"cidr", literalType("cidr"), []string{"network", "network: {family: 6}"}},
	{"macaddr", literalType("macaddr"), []string{"network"}},
	{"macaddr8", literalType("macaddr8"), []string{"network"}},
	{"bit(12)", literalType("bit"), []string{"bits: 12"}},
	{"bit varying(20)", literalType("varbit"), []string{"bits: {min: 1, max: 20}", "bits: {length: 0}"}},
	{"bytea", schema.Type{Name: "bytea", Kind: column.Bytes}, []string{"bytes: 32", "bytes: {min: 0, max: 20}"}},
	{"interval", literalType("interval"), []string{
		"interval: {min: -400, max: 400}", "interval: {min: -30, max: 300, unit: months}", "interval: {min: -20, max: 20, unit: years}",
		"interval: {min: -500, max: 9000, unit: minutes}", "interval: {min: -5000000, max: 5000000, unit: microseconds}",
		"interval: {max: 5000, step: 10, unit: milliseconds}", "interval: {max: 1000, unit: hours}", "interval: {max: 100, unit: weeks}"}},
	{"timetz", literalType("timetz"), []string{"time", `time: {zone: "+05:30", step: 15m}`, `time: {zone: "-08", precision: 2}`}},
	{"money", literalType("money"), []string{"decimal: {min: -2000, max: 5000000}", "decimal: {max: 100, step: 0.25}", "price: {max: 20000}"}},
	{"numeric(30)", schema.Type{Name: "numeric", Kind: column.Literal, Precision: 30}, []string{
		`decimal: {max: "999999999999999999999999999999", min: "-999999999999999999999999999999"}`, "decimal: {min: -50, max: 50}", "price: {max: 200}"}},
	{"numeric(38,18)", schema.Type{Name: "numeric", Kind: column.Literal, Precision: 38, Scale: 18}, []string{
		`decimal: {max: "1234567890123456789.5"}`, "decimal: {min: -50, max: 50, scale: 2}", "price: {max: 200}"}},
	{"numeric", schema.Type{Name: "numeric", Kind: column.Literal}, []string{`decimal: {min: -1000, max: "100000000000000000000000", scale: 4}`, "decimal: {max: 9}", "price: {max: 200}"}},
	{"numeric(78)", schema.Type{Name: "numeric", Kind: column.Literal, Precision: 78}, []string{`decimal: {min: "1000000000000000000", max: "50000000000000000000000000000"}`}},
	{"point", literalType("point"), []string{"geometry", "geometry: {min: 0, max: 1, scale: 6}"}},
	{"line", literalType("line"), []string{"geometry"}},
	{"lseg", literalType("lseg"), []string{"geometry"}},
	{"box", literalType("box"), []string{"geometry", "geometry: {min: -1, max: 1, scale: 0}"}},
	{"path", literalType("path"), []string{"geometry"}},
	{"polygon", literalType("polygon"), []string{"geometry"}},
	{"circle", literalType("circle"), []string{"geometry", "geometry: {min: -1000000, max: 1000000, scale: 0}"}},
	{"int4range", literalType("int4range"), []string{"range", "range: {from: -5, to: 5, min_length: 2, max_length: 3}", "slot: {step: 10, length: 5}"}},
	{"int8range", literalType("int8range"), []string{"range: {from: 5000000000, to: 6000000000, step: 1000}", "slot"}},
	{"numrange", literalType("numrange"), []string{"range", "range: {from: -1.5, to: 1.5, min_length: 0.25, max_length: 1, scale: 3}", "slot: {scale: 0}"}},
	{"daterange", literalType("daterange"), []string{"range", "range: {from: 1990-01-01, to: 1990-03-01}", "slot: {step: 7, length: 5, min_length: 2}"}},
	{"tsrange", literalType("tsrange"), []string{"range", "range: {step: 1ms, max_length: 1s}", "slot: {from: 2025-01-01, to: 2025-12-31}"}},
	{"tstzrange", literalType("tstzrange"), []string{"range", "slot: {step: 90m, length: 1h, min_length: 15m}"}},
	{"int4multirange", literalType("int4multirange"), []string{"range", "range: {from: 0, to: 100, max_length: 5, pieces: {min: 2, max: 6}}", "slot"}},
	{"int8multirange", literalType("int8multirange"), []string{"range"}},
	{"nummultirange", literalType("nummultirange"), []string{"range"}},
	{"datemultirange", literalType("datemultirange"), []string{"range", "range: {pieces: 12}"}},
	{"tsmultirange", literalType("tsmultirange"), []string{"range"}},
	{"tstzmultirange", literalType("tstzmultirange"), []string{"range", "slot"}},
	{"tsvector", literalType("tsvector"), []string{"document", "document: {max: 30}"}},
	{"tsquery", literalType("tsquery"), []string{"document"}},
	{"xml", literalType("xml"), []string{"document"}},
	{"jsonpath", literalType("jsonpath"), []string{"document"}},
	{"ltree", literalType("public.ltree"), []string{"document"}},
	{"lquery", literalType("public.lquery"), []string{"document"}},
	{"hstore", literalType("public.hstore"), []string{"document"}},
	{"oid", literalType("oid"), []string{"system"}},
	{"xid", literalType("xid"), []string{"system"}},
	{"xid8", literalType("xid8"), []string{"system"}},
	{"cid", literalType("cid"), []string{"system"}},
	{"tid", literalType("tid"), []string{"system"}},
	{"pg_lsn", literalType("pg_lsn"), []string{"system"}},
	{"pg_snapshot", literalType("pg_snapshot"), []string{"system"}},
	{"txid_snapshot", literalType("txid_snapshot"), []string{"system"}},
	{`"char"`, literalType(`"char"`), []string{"system"}},
	{"name", literalType("name"), []string{"system"}},
	{"refcursor", literalType("refcursor"), []string{"system"}},
	{"regtype", literalType("regtype"), []string{"system"}},
	{"regclass", literalType("regclass"), []string{"system"}},
	{"regnamespace", literalType("regnamespace"), []string{"system"}},
	{"text[]", literalType("text[]"), []string{
		"list: {of: {pattern: '[ -~]{0,3}'}, max: 5}", "list: {of: {pattern: '(?i)null|x'}, max: 5}", "list: {of: {word: color}, min: 1, max: 3, distinct: true}",
		"list: {of: {text: {words: 3}, nulls: 0.3}, max: 4}", "list: {of: {list: {of: {pattern: '[a-c{},\"]'}, min: 2, max: 2}}, max: 3}"}},
	{"int[]", literalType("integer[]"), []string{"list: {of: {integer: {min: -5, max: 5}}, min: 2, max: 4, distinct: true}",
		"list: {of: {list: {of: {list: {of: {integer: {max: 9}}, min: 1, max: 1}}, min: 2, max: 2}}, max: 3}"}},
	{"float8[]", literalType("double precision[]"), []string{"list: {of: {float: {max: 0.001}}, max: 5}", "list: {of: {float: {max: 1e20}}, max: 5}"}},
	{"float4[]", literalType("real[]"), []string{"list: {of: {float: {max: 0.001}}, max: 5}", "list: {of: {float: {max: 1e8}}, max: 5}"}},
	{"bool[]", literalType("boolean[]"), []string{"list: {of: boolean, max: 5}"}},
	{"numeric(8,2)[]", literalType("numeric[]"), []string{"list: {of: {decimal: {max: 100}}, max: 5}"}},
	{"timestamptz[]", literalType("timestamp with time zone[]"), []string{"list: {of: {timestamp: {from: 2025-01-01, to: 2025-02-01}}, max: 5}"}},
	{"timestamp[]", literalType("timestamp without time zone[]"), []string{"list: {of: {timestamp: {from: 2025-01-01, to: 2025-02-01, precision: 2}}, max: 5}"}},
	{"date[]", literalType("date[]"), []string{"list: {of: {date: {from: 2025-01-01, to: 2025-02-01}}, max: 5}"}},
	{"time[]", literalType("time without time zone[]"), []string{"list: {of: {time: {precision: 1}}, max: 5}"}},
	{"uuid[]", literalType("uuid[]"), []string{"list: {of: uuid, max: 5}"}},
	{"bytea[]", literalType("bytea[]"), []string{"list: {of: {bytes: 4}, max: 5}"}},
	{"jsonb[]", literalType("jsonb[]"), []string{"list: {of: {object: {a: {integer: {max: 9}}, b: {word: color}}}, max: 3}"}},
	{"inet[]", literalType("inet[]"), []string{"list: {of: network, max: 3}"}},
	{"tstzrange[]", literalType("tstzrange[]"), []string{"list: {of: range, max: 3}"}},
	{"interval[]", literalType("interval[]"), []string{"list: {of: {interval: {max: 9}}, max: 3}"}},
	{"box[]", literalType("box[]"), []string{"list: {of: geometry, max: 3}"}},
	{"pair", literalType("public.pair"), []string{
		`composite: {a: {integer: {max: 9}}, b: {pattern: '[ -~]{0,4}'}, c: {timestamp: {from: 2025-01-01, to: 2025-02-01, precision: 1}, nulls: 0.2}, d: boolean, e: {list: {of: {pattern: '[ab", ]{0,2}'}, max: 3}}}`}},
	{"real", schema.Type{Name: "real", Kind: column.Float, Width: 4}, []string{"float: {max: 1}", "float: {max: 5, step: 0.1}", "float: {min: 100000, max: 100001}"}},
}

func literalType(name string) schema.Type { return schema.Type{Name: name, Kind: column.Literal} }

// TestStored: PostgreSQL gives the cells back as they were written.
func TestStored(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "stored")
		s.Psql(t, url, `create extension ltree; create extension hstore; create type pair as (a int, b text, c timestamptz, d bool, e text[])`)
		var sql strings.Builder
		sql.WriteString("set timezone = 'UTC'; set lc_monetary = 'C'; set intervalstyle = 'postgres'; create table seen (what int, row int, want text, got text);\n")
		var names []string
		for n, x := range stored {
			fmt.Fprintf(&sql, "create table t%d (what int, row int, want text, x %s);\n", n, x.ddl)
			for _, g := range x.of {
				typ := x.typ
				if x.ddl == "pair" {
					typ.Fields = []schema.Field{{Name: "a"}, {Name: "b"}, {Name: "c", Type: schema.Type{Kind: column.Timestamp, Zone: true}}, {Name: "d"}, {Name: "e"}}
				}
				f, b := mustMake(t, g, typ)
				cells := texts(b.fill(t, f, Rows{N: 100}, 0))
				if ix, ok := f.(Indexed); ok && ix.Card() > 0 {
					var v column.Vec
					v.Reset(f.Kind())
					for _, i := range []uint64{0, ix.Card() / 2, ix.Card() - 1} {
						ix.AppendIndex(&v, i, new(Scratch))
					}
					cells = append(cells, texts(&v)...)
				}
				if typ.Width == 4 {
					v := b.fill(t, f, Rows{N: 100}, 0)
					for row, x := range v.Floats {
						if cells[row] = string(appendFloatText(nil, x, 32)); x != float64(float32(x)) {
							t.Errorf("%s: %v is no number of single precision", g, x)
						}
					}
					cells = cells[:100]
				}
				for row, cell := range cells {
					quoted := "'" + strings.ReplaceAll(cell, "'", "''") + "'"
					fmt.Fprintf(&sql, "insert into t%d values (%d, %d, %s, %s);\n", n, len(names), row, quoted, quoted)
				}
				names = append(names, x.ddl+" <- "+g)
			}
			// The type's own output, not a cast, which some types have another one for.
			fmt.Fprintf(&sql, "insert into seen select what, row, want, format('%%s', x) from t%d;\n", n)
		}
		sql.WriteString(`select what || '|' || row || '|' || want || '|' || coalesce(got, 'null') from seen where want is distinct from got order by what, row limit 50;`)
		out := s.Psql(t, url, sql.String())
		for line := range strings.Lines(out) {
			var what int
			if _, err := fmt.Sscanf(line, "%d|", &what); err == nil {
				t.Errorf("%s: row, written, read: %s", names[what], line)
			}
		}
		if n := s.Psql(t, url, "select count(*) > 10000 and count(distinct what) > 100 from seen"); n != "t" {
			t.Errorf("too few cells were compared: %q", s.Psql(t, url, "select count(*), count(distinct what) from seen"))
		}
	})
}
