package file

import (
	"bytes"
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// CSV is comma-separated values as RFC 4180 has them, in UTF-8 and with a header, but that lines end
// in a bare newline. A null is an empty field without quotes, an empty text is "", which is how
// PostgreSQL's COPY ... CSV HEADER reads them. All cells are in their canonical text, see
// column.Vec.AppendText; a moment with a time zone, where that is known, ends in +00.
type CSV struct{}

// Name gives "csv".
func (CSV) Name() string { return "csv" }

// Ext gives ".csv".
func (CSV) Ext() string { return ".csv" }

// Encoder makes an encoder.
func (CSV) Encoder(t *sink.Target) (Encoder, error) {
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("a table without columns has no lines")
	}
	e := &csvEncoder{columns: t.Columns, cells: make([]appendCell, len(t.Columns))}
	types := typesOf(t)
	for k, kind := range t.Kinds {
		e.cells[k] = appendCellOf(kind, types[k].Zone)
	}
	return e, nil
}

type csvEncoder struct {
	columns []string
	cells   []appendCell
}

func (e *csvEncoder) Header(dst []byte) []byte {
	for k, name := range e.columns {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = appendField(dst, []byte(name))
	}
	return append(dst, '\n')
}

func (e *csvEncoder) Footer(dst []byte, _ int64) []byte { return dst }

func (e *csvEncoder) Append(dst []byte, b *column.Batch) ([]byte, error) {
	if err := whole(b); err != nil {
		return dst, err
	}
	cells := e.cells
	for i := range b.N {
		for k, v := range b.Vecs {
			if k > 0 {
				dst = append(dst, ',')
			}
			if v.HasNulls() && v.Null(i) {
				continue
			}
			dst = cells[k](dst, v, i)
		}
		dst = append(dst, '\n')
	}
	return dst, nil
}

// appendCell appends a cell that is not null as a field.
type appendCell func(dst []byte, v *column.Vec, i int) []byte

// appendCellOf chooses the function for a kind, once a column.
func appendCellOf(k column.Kind, zone bool) appendCell {
	switch k {
	case column.Timestamp:
		return timestampCell(zone)
	case column.UUID:
		return func(dst []byte, v *column.Vec, i int) []byte { return column.AppendUUIDText(dst, v.Bytes(i)) }
	case column.Text, column.JSON, column.Literal:
		return func(dst []byte, v *column.Vec, i int) []byte { return appendField(dst, v.Bytes(i)) }
	}
	// The text of the other kinds never needs quotes.
	return func(dst []byte, v *column.Vec, i int) []byte { return v.AppendText(dst, i) }
}

// appendField appends a text, in quotes where it needs them.
func appendField(dst, s []byte) []byte {
	if !needsQuotes(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		at := bytes.IndexByte(s, '"')
		if at < 0 {
			break
		}
		dst = append(dst, s[:at+1]...)
		dst = append(dst, '"')
		s = s[at+1:]
	}
	dst = append(dst, s...)
	return append(dst, '"')
}

// special are the bytes of a text that put it into quotes.
var special = [256]bool{'"': true, ',': true, '\n': true, '\r': true}

func needsQuotes(s []byte) bool {
	if len(s) == 0 || string(s) == `\.` { // \. alone on a line ends PostgreSQL's COPY
		return true
	}
	if s[0] == ' ' || s[len(s)-1] == ' ' || s[0] == '\t' || s[len(s)-1] == '\t' { // some readers trim
		return true
	}
	if len(s) >= 64 {
		return bytes.IndexByte(s, '"') >= 0 || bytes.IndexByte(s, ',') >= 0 || bytes.IndexByte(s, '\n') >= 0 || bytes.IndexByte(s, '\r') >= 0
	}
	for _, c := range s {
		if special[c] {
			return true
		}
	}
	return false
}
