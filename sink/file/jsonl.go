package file

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// JSONL is one JSON object a line (https://jsonlines.org). Numbers and booleans are JSON's, decimals with
// all their digits; JSON cells stand as they are; everything else is its canonical text as a string, see
// column.Vec.AppendText, and so are NaN and the infinities, for which JSON has no number.
type JSONL struct{}

// Name gives "jsonl".
func (JSONL) Name() string { return "jsonl" }

// Ext gives ".jsonl".
func (JSONL) Ext() string { return ".jsonl" }

// Encoder makes an encoder.
func (JSONL) Encoder(t *sink.Target) (Encoder, error) {
	e := &jsonEncoder{cells: make([]appendCell, len(t.Columns))}
	types := typesOf(t)
	for k, kind := range t.Kinds {
		key := "{"
		if k > 0 {
			key = ", "
		}
		e.keys = append(e.keys, append(column.AppendJSONString([]byte(key), t.Columns[k]), ": "...))
		e.cells[k] = jsonCell(kind, types[k].Zone)
	}
	return e, nil
}

type jsonEncoder struct {
	keys  [][]byte
	cells []appendCell
}

func (e *jsonEncoder) Header(dst []byte) []byte          { return dst }
func (e *jsonEncoder) Footer(dst []byte, _ int64) []byte { return dst }

func (e *jsonEncoder) Append(dst []byte, b *column.Batch) ([]byte, error) {
	if err := whole(b); err != nil {
		return dst, err
	}
	for i := range b.N {
		for k, v := range b.Vecs {
			dst = append(dst, e.keys[k]...)
			if v.HasNulls() && v.Null(i) {
				dst = append(dst, "null"...)
			} else {
				dst = e.cells[k](dst, v, i)
			}
		}
		if len(b.Vecs) == 0 {
			dst = append(dst, '{')
		}
		dst = append(dst, "}\n"...)
	}
	return dst, nil
}

// jsonCell chooses the function for a kind.
func jsonCell(k column.Kind, zone bool) appendCell {
	quoted := func(text appendCell) appendCell {
		return func(dst []byte, v *column.Vec, i int) []byte {
			return append(text(append(dst, '"'), v, i), '"')
		}
	}
	switch k {
	case column.Bool, column.Int, column.Decimal, column.JSON:
		return func(dst []byte, v *column.Vec, i int) []byte { return v.AppendText(dst, i) }
	case column.Float:
		return func(dst []byte, v *column.Vec, i int) []byte {
			if x := v.Floats[i]; math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Appendf(dst, "%q", v.String(i))
			}
			return v.AppendText(dst, i)
		}
	case column.Date, column.Time, column.UUID:
		return quoted(func(dst []byte, v *column.Vec, i int) []byte { return v.AppendText(dst, i) })
	case column.Timestamp:
		return quoted(timestampCell(zone))
	case column.Bytes:
		return func(dst []byte, v *column.Vec, i int) []byte {
			return column.AppendJSONString(dst, v.AppendText(nil, i))
		}
	}
	return func(dst []byte, v *column.Vec, i int) []byte { return column.AppendJSONString(dst, v.Bytes(i)) }
}

// timestampCell appends moments, which are UTC; where the column has a zone, they say so.
func timestampCell(zone bool) appendCell {
	if zone {
		return func(dst []byte, v *column.Vec, i int) []byte {
			return append(column.AppendTimestamp(dst, v.Ints[i]), "+00"...)
		}
	}
	return func(dst []byte, v *column.Vec, i int) []byte { return column.AppendTimestamp(dst, v.Ints[i]) }
}
