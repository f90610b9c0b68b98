package sinktest

import (
	"fmt"
	"math"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// kindsTable has a column for every kind, and for every width and scale that is held in its own way.
func kindsTable() *schema.Table {
	return &schema.Table{
		Name: "every_kind",
		Columns: []*schema.Column{
			{Name: "id", NotNull: true, Type: schema.Type{Name: "integer", Kind: column.Int, Width: 4}},
			{Name: "a_bool", Type: schema.Type{Name: "boolean", Kind: column.Bool}},
			{Name: "an_int2", Type: schema.Type{Name: "smallint", Kind: column.Int, Width: 2}},
			{Name: "an_int4", Type: schema.Type{Name: "integer", Kind: column.Int, Width: 4}},
			{Name: "an_int8", Type: schema.Type{Name: "bigint", Kind: column.Int, Width: 8}},
			{Name: "a_float4", Type: schema.Type{Name: "real", Kind: column.Float, Width: 4}},
			{Name: "a_float8", Type: schema.Type{Name: "double precision", Kind: column.Float, Width: 8}},
			{Name: "a_numeric", Type: schema.Type{Name: "numeric", Kind: column.Decimal, Precision: 15, Scale: 3}},
			{Name: "a_big_numeric", Type: schema.Type{Name: "numeric", Kind: column.Decimal, Precision: 18}},
			{Name: "a_date", Type: schema.Type{Name: "date", Kind: column.Date}},
			{Name: "a_time", Type: schema.Type{Name: "time without time zone", Kind: column.Time, Scale: 6}},
			{Name: "a_timestamp", Type: schema.Type{Name: "timestamp without time zone", Kind: column.Timestamp, Scale: 6}},
			{Name: "a_zoned", Type: schema.Type{Name: "timestamp with time zone", Kind: column.Timestamp, Scale: 6, Zone: true}},
			{Name: "a_uuid", Type: schema.Type{Name: "uuid", Kind: column.UUID}},
			{Name: "a_text", Type: schema.Type{Name: "text", Kind: column.Text}},
			{Name: "a_varchar", Type: schema.Type{Name: "character varying", Kind: column.Text, Length: 60}},
			{Name: "a_jsonb", Type: schema.Type{Name: "jsonb", Kind: column.JSON, JSONB: true}},
			{Name: "some_bytes", Type: schema.Type{Name: "bytea", Kind: column.Bytes}},
			{Name: "an_inet", Type: schema.Type{Name: "inet", Kind: column.Literal}},
			{Name: `Select "x", 'y'`, Type: schema.Type{Name: "text", Kind: column.Text}},
		},
		PrimaryKey: &schema.Unique{Columns: []string{"id"}, Primary: true},
	}
}

// hardCells gives cells of a column that are easy to get wrong. Nulls come on top.
func hardCells(c *schema.Column) *column.Vec {
	v := new(column.Vec)
	v.Reset(c.Type.Kind)
	v.Single = c.Type.Single()
	ints := func(xs ...int64) {
		for _, x := range xs {
			v.AppendInt(x)
		}
	}
	texts := func(xs ...string) {
		for _, x := range xs {
			v.AppendString(x)
		}
	}
	const day = 24 * 3600 * 1_000_000
	switch c.Type.Kind {
	case column.Bool:
		ints(0, 1)
	case column.Int:
		edge := int64(1)<<(c.Type.Width*8-1) - 1
		ints(0, 1, -1, 9, 10, 99, -100, edge, -edge, -edge-1)
	case column.Float:
		if c.Type.Width == 4 {
			for _, f := range []float32{0, float32(math.Copysign(0, -1)), 1, -1, 0.1, 1.0 / 3, 16777216, math.MaxFloat32, math.SmallestNonzeroFloat32, -1e-30} {
				v.AppendFloat(float64(f))
			}
			break
		}
		for _, f := range []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1.0 / 3, 1e15, 1e16, 1e21, 123456789.123456789, 9007199254740993,
			math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072011e-308, -1e-300, math.Pi} {
			v.AppendFloat(f)
		}
	case column.Decimal:
		v.Scale = int32(c.Type.Scale)
		most := int64(math.Pow10(c.Type.Precision)) - 1
		ints(0, 1, -1, 5, -10, 100, 1000, -1500, 123456, most, -most, most/10)
	case column.Date:
		ints(0, 1, -1, 11016 /* 2000-02-29 */, -719162 /* 0001-01-01 */, 2932896 /* 9999-12-31 */, -25567, 20209)
	case column.Time:
		ints(0, 1, 999_999, 1_000_000, 12*3600*1_000_000, day-1, day-1_000_000, 3661_000_100)
	case column.Timestamp:
		ints(0, 1, -1, 500_000, -500_000, -1_000_000, 1_746_057_600_000_000, 951_782_400_000_001,
			-719162*day, -719162*day+1, 2932897*day-1, 2932896*day, -25567*day+123_456)
	case column.UUID:
		v.AppendUUID([16]byte{})
		v.AppendUUID([16]byte{0: 0xff, 6: 0x4f, 8: 0xbf, 15: 0xff})
		v.AppendUUID([16]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4d, 0xef, 0x80, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde})
	case column.Text:
		texts("", " ", "a", "NULL", "null", `\N`, `\.`, `\`, `\\`, `\n`, "\n", "\r", "\r\n", "\t", "a\tb\nc\r\nd", `"`, `""`, `'`, `''`, `a,b`, `,`, `"a","b"`,
			"'; drop table every_kind; --", "\b\f\v\x01\x1f\x7f", "é", "e\u0301", "日本語", "😀👩‍👩‍👧", "\u2028\ufeff\u00a0", "عربى", "0123", "1e5", " 12 ", "-0.0", "0x10", "true",
			"2024-01-01", "$1 ?1 :a @b %s %d", "{a,b}", "trailing space ", "\U0010FFFF")
		if c.Type.Length == 0 {
			texts(strings.Repeat("x", 1<<20), strings.Repeat("äöü\"\\,\n😀", 70_000), strings.Repeat("'", 5000))
		} else {
			texts(strings.Repeat("z", c.Type.Length), strings.Repeat("😀", c.Type.Length))
		}
	case column.JSON:
		deep := strings.Repeat("[", 60) + strings.Repeat("]", 60)
		texts("{}", "[]", "null", "true", "false", "123", "-5", `""`, `"text"`, `"123"`, `"say \"hi\" \\ \n \t \u0001 / é 😀"`, `{"": ""}`,
			`{"a": 1, "bb": [1, 2.5, {"c": null}], "ccc": {"d": {"e": [true, false]}}}`, deep, `["a,b", "c\nd", "'", "\\N"]`,
			`["`+strings.Repeat("long ", 2000)+`"]`)
	case column.Bytes:
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		for _, b := range [][]byte{{}, {0}, {0, 0, 0}, {'\\', 'x'}, []byte(`\x00`), []byte("text"), {0xff, 0xfe}, all, make([]byte, 100_000)} {
			v.AppendBytes(b)
		}
	case column.Literal:
		texts("10.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "fe80::1", "10.1.0.0/16")
	}
	return v
}

// hardRows is a batch of n rows from first on: every hard cell of every column in turn, with a null in
// every seventh cell of the columns that take nulls. Its first column is the row's number plus one.
func hardRows(t *sink.Target, first int64, n int) *column.Batch {
	b := &column.Batch{First: first, N: n, Names: t.Columns}
	for k, name := range t.Columns {
		v := new(column.Vec)
		v.Reset(t.Kinds[k])
		hard := hardCells(t.Table.Column(name))
		v.Scale, v.Single = hard.Scale, hard.Single
		for i := range n {
			row := first + int64(i)
			switch {
			case k == 0:
				v.AppendInt(row + 1)
			case (row+int64(k))%7 == 0 && !t.Table.Column(name).NotNull:
				v.AppendNull()
			default:
				v.AppendCell(hard, int((row+int64(k))%int64(hard.Len())))
			}
		}
		b.Vecs = append(b.Vecs, v)
	}
	return b
}

// itemsTable is a small table with an integer key from a sequence, a unique text and a unique UUID.
func itemsTable() *schema.Table {
	return &schema.Table{
		Name: "items",
		Columns: []*schema.Column{
			{Name: "id", NotNull: true, Identity: "by default", Type: schema.Type{Name: "bigint", Kind: column.Int, Width: 8}},
			{Name: "name", NotNull: true, Type: schema.Type{Name: "character varying", Kind: column.Text, Length: 100}},
			{Name: "ref", NotNull: true, Type: schema.Type{Name: "uuid", Kind: column.UUID}},
			{Name: "note", Type: schema.Type{Name: "text", Kind: column.Text}},
			{Name: "price", Type: schema.Type{Name: "numeric", Kind: column.Decimal, Precision: 10, Scale: 2}},
			{Name: "made_at", NotNull: true, Type: schema.Type{Name: "timestamp without time zone", Kind: column.Timestamp, Scale: 6}},
		},
		PrimaryKey: &schema.Unique{Columns: []string{"id"}, Primary: true},
		Uniques:    []*schema.Unique{{Columns: []string{"name"}}, {Columns: []string{"ref"}}},
	}
}

// itemRows is a batch of n ordinary rows of the items table: row r has the id r+1, and cells that
// follow from r.
func itemRows(first int64, n int) *column.Batch {
	b := &column.Batch{First: first, N: n, Names: []string{"id", "name", "ref", "note", "price", "made_at"}}
	vecs := make([]column.Vec, 6)
	for k, kind := range []column.Kind{column.Int, column.Text, column.UUID, column.Text, column.Decimal, column.Timestamp} {
		vecs[k].Reset(kind)
		b.Vecs = append(b.Vecs, &vecs[k])
	}
	vecs[4].Scale = 2
	for i := range n {
		row := first + int64(i)
		vecs[0].AppendInt(row + 1)
		vecs[1].AppendString(itemName(row))
		vecs[2].AppendUUID(itemRef(row))
		if row%3 == 0 {
			vecs[3].AppendNull()
		} else {
			vecs[3].AppendString(strings.Repeat("note ", int(row%5)))
		}
		if row%4 == 1 {
			vecs[4].AppendNull()
		} else {
			vecs[4].AppendInt(row*7 - 1000)
		}
		vecs[5].AppendInt(1_746_057_600_000_000 + row*1_000_003)
	}
	return b
}

func itemName(row int64) string { return fmt.Sprintf("item %d", row) }

func itemRef(row int64) (u [16]byte) {
	for i := range 8 {
		u[15-i] = byte(row >> (8 * i))
	}
	u[0], u[6], u[8] = 0xab, 0x40, 0x80
	return u
}

// show is a cell as failures print it.
func show(v *column.Vec, i int) string {
	if v.Null(i) {
		return "null"
	}
	s := v.String(i)
	if len(s) > 100 {
		return fmt.Sprintf("%.100q... (%d bytes)", s, len(s))
	}
	return fmt.Sprintf("%q", s)
}
