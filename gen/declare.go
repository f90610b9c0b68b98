package gen

import (
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Declare gives the type of a column that keeps the cells of a generator, where no database says it: the type that
// these cells are made for. Base is the name that PostgreSQL has for it.
func Declare(f Filler) schema.Type {
	switch f := f.(type) {
	case *nullable:
		return Declare(f.Filler)
	case *literals:
		return madeFor(f.typ)
	case *counted:
		if f.typ != "" {
			return madeFor(f.typ)
		}
	case *lexemes:
		return madeFor("tsvector")
	case *feature:
		return schema.Type{Kind: column.Literal, Name: "geometry", Base: "geometry", Extension: "postgis"}
	case *wide:
		return madeFor("numeric")
	case *slots:
		if f.field == "range" {
			return madeFor(slotRanges[f.axis.typ])
		}
	case *list:
		element := Declare(f.of)
		dimensions := 1
		if element.Category == schema.ArrayType {
			dimensions, element = element.Dimensions+1, *element.Element
		}
		return schema.Type{Kind: column.Literal, Category: schema.ArrayType, Element: &element, Dimensions: dimensions}
	case *composite:
		t := schema.Type{Kind: column.Literal, Category: schema.CompositeType}
		for i, name := range f.names {
			t.Fields = append(t.Fields, schema.Field{Name: name, Type: Declare(f.fills[i])})
		}
		return t
	}
	return plainType(f)
}

// slotRanges are the ranges over what slots lie on.
var slotRanges = map[string]string{
	"int4": "int4range", "int8": "int8range", "numeric": "numrange", "date": "daterange", "timestamp": "tsrange",
	"timestamptz": "tstzrange",
}

// plainType is the type of cells that their kind tells all of.
func plainType(f Filler) schema.Type {
	t := schema.Type{Kind: f.Kind()}
	switch t.Kind {
	case column.Int:
		t.Width = 8
		if b := boundsOf(f); b != (Bounds{}) && b.Min >= -1<<31 && b.Max < 1<<31 {
			t.Width = 4
		}
	case column.Float:
		t.Width = 8
	case column.Decimal:
		t.Precision = 18
		if s, ok := f.(Scaled); ok {
			t.Scale = s.Scale()
		}
	case column.Timestamp, column.Time:
		t.Scale = 6
	case column.JSON:
		t.JSONB = true
	}
	return t
}

func madeFor(name string) schema.Type {
	if of, own := strings.CutSuffix(name, " range"); own {
		return schema.Type{Kind: column.Literal, Category: schema.RangeType, Name: name, Element: &schema.Type{Kind: column.Literal, Name: of, Base: of}}
	}
	if of, own := strings.CutSuffix(name, " multirange"); own {
		return schema.Type{Kind: column.Literal, Category: schema.MultirangeType, Name: name, Element: &schema.Type{Kind: column.Literal, Name: of, Base: of}}
	}
	t := schema.Type{Kind: column.Literal, Name: name, Base: name}
	switch name {
	case "ltree", "lquery":
		t.Extension = "ltree"
	case "hstore":
		t.Extension = "hstore"
	}
	return t
}
