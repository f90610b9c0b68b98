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
		if r.own == "citext" {
			t.Kind = column.Text
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
