package check

import (
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// baseTypes are the types of PostgreSQL that this package knows, by their names in SQL and the catalog.
var baseTypes = map[string]*typ{
	"boolean": boolType, "bool": boolType,
	"smallint": int2Type, "int2": int2Type, "smallserial": int2Type,
	"integer": int4Type, "int4": int4Type, "int": int4Type, "serial": int4Type,
	"bigint": int8Type, "int8": int8Type, "bigserial": int8Type,
	"numeric": numericType, "decimal": numericType,
	"real": float4Type, "float4": float4Type,
	"double precision": float8Type, "float8": float8Type, "float": float8Type,
	"text": textType, "character varying": textType, "varchar": textType, "name": nil,
	"character": charType, "char": charType, "bpchar": charType,
	"citext": citextType,
	"bytea":  bytesType,
	"date":   dateType,
	"time":   timeType, "time without time zone": timeType,
	"timestamp": timestampType, "timestamp without time zone": timestampType,
	"timestamptz": instantType, "timestamp with time zone": instantType,
	"interval": intervalType,
	"uuid":     uuidType,
	"json":     jsonType, "jsonb": jsonbType,
	"int4range": rangeOf("int4range", int4Type), "int8range": rangeOf("int8range", int8Type), "numrange": rangeOf("numrange", numericType),
	"daterange": rangeOf("daterange", dateType), "tsrange": rangeOf("tsrange", timestampType), "tstzrange": rangeOf("tstzrange", instantType),
}

func rangeOf(name string, elem *typ) *typ {
	return &typ{kind: kRange, name: name, elem: elem, lists: elem.kind == kInt || elem.kind == kDate}
}

// columnType gives the type of a column's cells.
func columnType(sc *schema.Column) *typ {
	t := typeOf(&sc.Type)
	if t.text() && (sc.Collation == "C" || sc.Collation == "POSIX" || sc.Collation == "ucs_basic") {
		c := *t
		c.bytes = true
		return &c
	}
	return t
}

// typeOf gives the type that the schema describes. Its names are the catalog's; where it has none (a schema
// made by hand), the kind of the cells says enough.
func typeOf(st *schema.Type) *typ {
	if st.Name == "" && st.Base == "" {
		return kindType(st.Kind)
	}
	opaque := func() *typ { return &typ{kind: kOpaque, name: st.Name} }
	switch {
	case len(st.Enum) > 0:
		return &typ{kind: kEnum, name: cmpName(st.EnumName, st.Name), labels: st.Enum}
	case st.Category == schema.ArrayType || strings.HasSuffix(st.Name, "[]"):
		if st.Element != nil {
			if e := typeOf(st.Element); e.kind != kOpaque && e.kind != kArray {
				return arrayOf(e)
			}
		} else if e := baseTypes[bareName(strings.TrimSuffix(st.Name, "[]"))]; e != nil {
			return arrayOf(e)
		}
		return opaque()
	case st.Category == schema.MultirangeType || st.Category == schema.CompositeType:
		return opaque()
	}
	t := baseTypes[bareName(st.Name)]
	if t == nil && st.Base != "" {
		t = baseTypes[st.Base]
	}
	if t == nil && (st.Extension == "citext" || strings.HasSuffix(st.Name, ".citext")) {
		t = citextType
	}
	if t == nil {
		return opaque()
	}
	if t == charType {
		c := *t
		c.length = max(st.Length, 1)
		return &c
	}
	return t
}

func cmpName(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// bareName takes the arguments off a type's name: "numeric(10,2)" is numeric.
func bareName(s string) string {
	if before, rest, ok := strings.Cut(s, "("); ok {
		_, after, _ := strings.Cut(rest, ")")
		return strings.TrimSpace(before + after)
	}
	return s
}

// named gives the type that a name in an expression means.
func (c *compiler) named(n TypeName) (*typ, error) {
	elem := n
	elem.Array = false
	t := c.scalar(elem)
	if t == nil {
		return nil, unknown("the type %s", elem)
	}
	if n.Array {
		return arrayOf(t), nil
	}
	return t, nil
}

func (c *compiler) scalar(n TypeName) *typ {
	if n.Schema == "" && !n.Quoted {
		if t := baseTypes[n.Name]; t != nil {
			if t == charType {
				ct := *t
				if len(n.Args) > 0 {
					ct.length, _ = strconv.Atoi(n.Args[0])
				} else if n.Name != "bpchar" {
					ct.length = 1
				}
				return &ct
			}
			return t
		}
	}
	if n.Schema == "pg_catalog" {
		return baseTypes[n.Name]
	}
	if c.table == nil {
		return nil
	}
	for _, sc := range c.table.Columns { // enums and domains, which some column of the table has
		for _, st := range []*schema.Type{&sc.Type, sc.Type.Element} {
			if st == nil {
				continue
			}
			for _, name := range []string{st.EnumName, st.Name, st.Domain} {
				if name != "" && sameName(name, n) {
					return typeOf(st)
				}
			}
		}
	}
	if n.Name == "citext" {
		return citextType
	}
	return nil
}

// sameName tells whether a type's name in an expression is the one in the catalog, qualified or not.
func sameName(catalog string, n TypeName) bool {
	plain := func(s string) string { return strings.ReplaceAll(s, `"`, "") }
	name := plain(catalog)
	if name == n.Name || name == n.Schema+"."+n.Name {
		return true
	}
	_, last, ok := strings.Cut(name, ".")
	return ok && n.Schema == "" && last == n.Name
}

// loader reads a cell of a column of type t from the Vec number at.
func loader(t *typ, at int) func(*machine) value {
	switch t.kind {
	case kBool, kInt, kDate, kTime, kTimestamp:
		return func(m *machine) value {
			v := m.cells[at]
			if v.Null(m.row) {
				return null
			}
			if v.Kind.Integer() && v.Kind != column.Decimal {
				return value{n: v.Ints[m.row]}
			}
			return m.read(t, v)
		}
	case kNumeric:
		return func(m *machine) value {
			v := m.cells[at]
			switch {
			case v.Null(m.row):
				return null
			case v.Kind == column.Decimal:
				return value{n: v.Ints[m.row], scale: v.Scale}
			case v.Kind == column.Int:
				return value{n: v.Ints[m.row]}
			}
			return m.read(t, v)
		}
	case kFloat:
		return func(m *machine) value {
			v := m.cells[at]
			switch {
			case v.Null(m.row):
				return null
			case v.Kind == column.Float && t.width == 4:
				return float(float64(float32(v.Floats[m.row])))
			case v.Kind == column.Float:
				return float(v.Floats[m.row])
			}
			return m.read(t, v)
		}
	case kText, kCitext, kJSON, kJSONB, kBytes, kUUID, kOpaque:
		binary := t.kind == kBytes || t.kind == kUUID
		return func(m *machine) value {
			v := m.cells[at]
			switch {
			case v.Null(m.row):
				return null
			case v.Kind == column.UUID && t.kind == kUUID, v.Kind == column.Bytes && t.kind == kBytes, !binary && v.Kind.Variable() && v.Kind != column.Bytes:
				return text(v.Bytes(m.row))
			case binary:
				return m.read(t, v)
			}
			return m.take(v.AppendText(m.buf, m.row))
		}
	}
	return func(m *machine) value {
		v := m.cells[at]
		if v.Null(m.row) {
			return null
		}
		return m.read(t, v)
	}
}

// read reads a cell by its text.
func (m *machine) read(t *typ, v *column.Vec) value {
	out, err := t.input(v.String(m.row))
	if err != nil {
		return m.fail(err)
	}
	return out
}
