package pgcopy

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

var (
	intType  = schema.Type{Name: "integer", Kind: column.Int, Width: 4}
	textType = schema.Type{Name: "text", Kind: column.Text}
	inetType = schema.Type{Name: "inet", Kind: column.Literal}
	uuidType = schema.Type{Name: "uuid", Kind: column.UUID}
)

// Binary is chosen where it saves, and where every column has it.
func TestBetter(t *testing.T) {
	id, name := Column{"id", column.Int, intType}, Column{"name", column.Text, textType}
	ref, host := Column{"ref", column.UUID, uuidType}, Column{"host", column.Literal, inetType}
	for _, c := range []struct {
		columns []Column
		want    Format
	}{
		{[]Column{id, id}, Binary}, {[]Column{id, name, name}, Text}, {[]Column{id, name, ref}, Binary},
		{[]Column{id, ref, host}, Text}, {[]Column{{"x", column.Float, schema.Type{Name: "numeric", Kind: column.Decimal}}, ref}, Text}, {nil, Text},
	} {
		if got := Better(c.columns); got != c.want {
			t.Errorf("%v: %s, want %s", c.columns, got, c.want)
		}
		if _, err := New("t", c.columns, Better(c.columns)); err != nil {
			t.Error(err)
		}
	}
	_, err := New("t", []Column{id, host}, Binary)
	if err == nil || !strings.Contains(err.Error(), "column host: cells of kind literal have no binary form for the type inet") {
		t.Error(err)
	}
}

// The bytes of a stream, by hand.
func TestBinaryBytes(t *testing.T) {
	e, err := New("t", []Column{{"a", column.Int, intType}, {"b", column.Text, textType}, {"c", column.Decimal, schema.Type{Name: "numeric", Kind: column.Decimal}}}, Binary)
	if err != nil {
		t.Fatal(err)
	}
	vecs := make([]column.Vec, 3)
	for i, k := range []column.Kind{column.Int, column.Text, column.Decimal} {
		vecs[i].Reset(k)
	}
	vecs[0].AppendInt(-2)
	vecs[1].AppendNull()
	vecs[2].Scale = 2
	vecs[2].AppendInt(-1234567)
	e.Bind(&column.Batch{N: 1, Vecs: []*column.Vec{&vecs[0], &vecs[1], &vecs[2]}})
	out, err := e.AppendRow(e.Begin(nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x03" + "\x00\x00\x00\x04\xff\xff\xff\xfe" + "\xff\xff\xff\xff" +
		"\x00\x00\x00\x0e\x00\x03\x00\x01\x40\x00\x00\x02\x00\x01\x09\x29\x1a\x2c" + "\xff\xff" // 1 2345 . 6700
	if got := string(e.End(out)); got != want {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}
