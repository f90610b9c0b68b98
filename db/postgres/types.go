package postgres

import (
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// rawType is a row of pg_type as far as types need it.
type rawType struct {
	name      string // format_type without modifier: "character varying", "public.mood"
	base      string // pg_type.typname where the type is of pg_catalog, else ""
	own       string // pg_type.typname, wherever it lives
	kind      byte   // pg_type.typtype: b, c, d, e, m, p, r
	element   uint32 // of an array: its elements; of a range or multirange: its bounds
	extension string
	fields    []rawField // of a composite

	// Of a domain: what it is over, which may be a domain too.
	over    uint32
	typmod  int32
	dims    int
	notNull bool
	dflt    string
	checks  []*schema.Check
}

// rawField is a field of a composite type.
type rawField struct {
	name   string
	oid    uint32
	typmod int32
	dims   int
}

// typeOf describes a type by its name and modifier. What it is made of is the caller's to add.
func typeOf(r rawType, typmod int32) schema.Type {
	t := schema.Type{Name: r.name, Kind: column.Literal}
	if r.base == "" {
		switch {
		case r.own == "citext":
			t.Kind = column.Text
		case r.extension == "postgis" && (r.own == "geometry" || r.own == "geography"):
			t.Feature = featureOf(typmod)
		}
		return t
	}
	if r.element != 0 {
		return t
	}
	switch r.base {
	case "bool":
		t.Kind = column.Bool
	case "int2":
		t.Kind, t.Width = column.Int, 2
	case "int4":
		t.Kind, t.Width = column.Int, 4
	case "int8":
		t.Kind, t.Width = column.Int, 8
	case "float4":
		t.Kind, t.Width = column.Float, 4
	case "float8":
		t.Kind, t.Width = column.Float, 8
	case "numeric":
		if typmod >= 4 {
			t.Precision = int(typmod-4) >> 16
			t.Scale = int(typmod-4) & 0x7ff
			if t.Scale >= 1024 { // eleven bits with sign, since PostgreSQL 15
				t.Scale -= 2048
			}
			if t.Precision <= 18 && t.Scale >= 0 && t.Scale <= 18 {
				t.Kind = column.Decimal
			}
		}
	case "date":
		t.Kind = column.Date
	case "time", "timetz", "timestamp", "timestamptz":
		t.Scale = 6
		if typmod >= 0 {
			t.Scale = int(typmod)
		}
		t.Zone = strings.HasSuffix(r.base, "tz")
		switch r.base {
		case "time":
			t.Kind = column.Time
		case "timestamp", "timestamptz":
			t.Kind = column.Timestamp
		}
	case "interval":
		if typmod >= 0 {
			t.Keeps, t.Scale = keptOfInterval(typmod)
		}
	case "uuid":
		t.Kind = column.UUID
	case "text":
		t.Kind = column.Text
	case "varchar", "bpchar":
		t.Kind = column.Text
		if typmod >= 4 {
			t.Length = int(typmod) - 4
			t.Fixed = r.base == "bpchar"
		}
	case "name":
		t.Kind, t.Length = column.Text, 63
	case "json":
		t.Kind = column.JSON
	case "jsonb":
		t.Kind, t.JSONB = column.JSON, true
	case "bytea":
		t.Kind = column.Bytes
	case "bit", "varbit":
		t.Length = int(max(typmod, 0))
	}
	return t
}

// featureOf reads a modifier of PostGIS: from the lowest bit, whether points have M and Z, six bits of the subtype, and 21 bits of the
// reference system, with sign.
func featureOf(typmod int32) *schema.Feature {
	if typmod < 0 {
		return nil
	}
	srid := (typmod&0x0fffff00 - typmod&0x10000000) >> 8
	return &schema.Feature{Code: int(typmod>>2) & 0x3f, SRID: int(max(srid, 0)), Z: typmod&2 != 0, M: typmod&1 != 0}
}

// keptOfInterval reads the modifier of an interval: the fields that it names, as bits, and the digits of the second. Of
// the fields only the smallest counts; greater ones stay, whether they are named or not.
func keptOfInterval(typmod int32) (keeps string, digits int) {
	fields, digits := typmod>>16&0x7fff, int(typmod&0xffff)
	if digits > 6 {
		digits = 6
	}
	for _, f := range []struct {
		bit  int
		unit string
	}{{12, "second"}, {11, "minute"}, {10, "hour"}, {3, "day"}, {1, "month"}, {2, "year"}} {
		if fields&(1<<f.bit) != 0 {
			return f.unit, digits
		}
	}
	return "second", digits
}

// castName is the type's name as a cast needs it: "character" and "bit" alone would mean length one.
func castName(t schema.Type) string {
	switch t.Name {
	case "character":
		return "pg_catalog.bpchar"
	case "bit":
		return `pg_catalog."bit"`
	case "character[]":
		return "pg_catalog.bpchar[]"
	case "bit[]":
		return `pg_catalog."bit"[]`
	}
	return t.Name
}

// Accepts tells whether cells of kind k can be written into a column of type t, and read back as such
// cells. Text and Literal go into every type by its text form; every kind goes into text by its
// canonical form.
func Accepts(k column.Kind, t schema.Type) bool {
	if k == column.Invalid {
		return false
	}
	if k == t.Kind || k == column.Text || k == column.Literal {
		return true
	}
	numeric := t.Kind == column.Decimal || t.Kind == column.Literal && t.Name == "numeric"
	switch {
	case t.Kind == column.Text:
		return k != column.Bytes
	case numeric:
		return k == column.Int || k == column.Decimal || k == column.Float
	case t.Kind == column.Float:
		return k == column.Int || k == column.Decimal
	}
	return false
}
