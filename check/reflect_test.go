package check

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
)

// reflected is what the catalog says of tables, as far as this package's tests need it.
const reflected = `
select json_agg(json_build_object('table', c.oid::regclass::text, 'columns', (
    select json_agg(json_build_object('name', a.attname, 'notnull', a.attnotnull or t.typnotnull, 'type', format_type(coalesce(nullif(b.oid, 0), t.oid), null),
      'enum', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
      'length', case when t.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 when b.typname in ('varchar', 'bpchar') and t.typtypmod > 4 then t.typtypmod - 4 else 0 end) order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_type d1 on d1.oid = t.typbasetype and t.typtype = 'd' left join pg_type d2 on d2.oid = d1.typbasetype and d1.typtype = 'd'
    left join pg_type b on b.oid = coalesce(nullif(d2.oid, 0), d1.oid)
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'checks', (
    select json_agg(json_build_object('name', k.conname, 'expr', pg_get_expr(k.conbin, k.conrelid))) from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'),
  'domains', (
    with recursive d as (
      select a.attname, a.atttypid as t from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      union all select d.attname, t.typbasetype from d join pg_type t on t.oid = d.t where t.typtype = 'd')
    select json_agg(json_build_object('column', d.attname, 'name', k.conname, 'expr', pg_get_expr(k.conbin, 0))) from d join pg_constraint k on k.contypid = d.t and k.contype = 'c')
)) from pg_class c where c.relkind = 'r' and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`

var kinds = map[string]column.Kind{
	"smallint": column.Int, "integer": column.Int, "bigint": column.Int, "numeric": column.Decimal, "real": column.Float, "double precision": column.Float,
	"boolean": column.Bool, "text": column.Text, "character varying": column.Text, "character": column.Text, "date": column.Date, "uuid": column.UUID, "bytea": column.Bytes,
	"timestamp without time zone": column.Timestamp, "timestamp with time zone": column.Timestamp, "time without time zone": column.Time, "json": column.JSON, "jsonb": column.JSON,
}

var functionText = regexp.MustCompile(`(?is)create function (\w+)\.(\w+)\(([^)]*)\).*?language (\w+) immutable( strict)?\s+(?:as \$\$(.*?)\$\$|return (.*?));`)

func reflectTables(t testing.TB, s *pgtest.Server, url, ddl string) ([]*schema.Table, Options) {
	var found []struct {
		Table   string
		Columns []struct {
			Name    string
			NotNull bool
			Type    string
			Enum    []string
			Length  int
		}
		Checks  []struct{ Name, Expr string }
		Domains []struct{ Column, Name, Expr string }
	}
	if err := json.Unmarshal([]byte(s.Psql(t, url, reflected)), &found); err != nil {
		t.Fatal(err)
	}
	var out []*schema.Table
	for _, f := range found {
		tb := &schema.Table{Name: f.Table}
		for _, c := range f.Columns {
			st := schema.Type{Name: c.Type, Kind: kinds[c.Type], Length: c.Length, Enum: c.Enum}
			switch {
			case len(c.Enum) > 0:
				st.Kind, st.EnumName = column.Text, c.Type
			case st.Kind == column.Invalid:
				st.Kind = column.Literal
			}
			if strings.HasSuffix(c.Type, "[]") {
				st.Category = schema.ArrayType
			}
			st.Width = map[string]int{"smallint": 2, "integer": 4, "bigint": 8, "real": 4, "double precision": 8}[c.Type]
			tb.Columns = append(tb.Columns, &schema.Column{Name: c.Name, NotNull: c.NotNull, Type: st})
		}
		for _, k := range f.Checks {
			tb.Checks = append(tb.Checks, &schema.Check{Name: k.Name, Expression: k.Expr})
		}
		for _, k := range f.Domains {
			tb.Checks = append(tb.Checks, &schema.Check{Name: k.Name, Expression: k.Expr, Domain: "d", Columns: []string{k.Column}})
		}
		out = append(out, tb)
	}
	o := Options{Functions: map[string]*schema.Function{}, Now: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)}
	for _, m := range functionText.FindAllStringSubmatch(ddl, -1) {
		f := &schema.Function{Name: m[1] + "." + m[2], Language: m[4], Strict: m[5] != "", Body: strings.TrimSpace(m[6] + m[7])}
		for a := range strings.SplitSeq(m[3], ",") {
			f.Args = append(f.Args, strings.Fields(a)[0])
		}
		o.Functions[f.Name] = f
	}
	return out, o
}
