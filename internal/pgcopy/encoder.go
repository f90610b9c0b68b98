package pgcopy

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Format is one of COPY's formats.
type Format uint8

// The formats.
const (
	Text Format = iota
	Binary
)

// Column describes a column to write.
type Column struct {
	Name string
	Kind column.Kind // of the cells that come
	Type schema.Type // of the column; in the text format it may be the zero Type
}

// Encoder appends the rows of batches. It belongs to one goroutine.
type Encoder struct {
	Format Format

	table string // for errors
	cols  []encoder
	first int64 // row number of row 0 of the batch
}

// encoder writes the cells of one column.
type encoder struct {
	op    op
	name  string
	v     *column.Vec
	nulls bool    // the batch may hold nulls
	zone  bool    // a moment with a time zone, which is UTC
	clean bool    // variable kinds: no byte of the batch needs an escape, or is a NUL
	data  []byte  // v.Data
	offs  []int32 // v.Offsets
	ints  []int64 // v.Ints
}

// op names the kernel that writes a cell.
type op uint8

const (
	opNone op = iota

	// text
	opInt       // decimal digits
	opDecimal   // digits with a point
	opFloat     // shortest text that reads back as the same double
	opFloat4    // the same for single precision
	opBool      // t or f
	opDate      // as PostgreSQL writes dates, BC included
	opTime      //
	opTimestamp // UTC wall clock
	opUUID      //
	opBytes     // \x and hex digits, the backslash escaped

	// both
	opText      // variable kinds: the bytes, escaped where they must be
	opCanonical // any other kind into a column of text: Vec.AppendText

	// binary
	opInt2
	opInt4
	opInt8
	opNumeric    // of a Decimal
	opIntNumeric // of an Int
	opReal       // of a Float
	opDouble     // of a Float
	opIntReal    // of an Int
	opIntDouble  // of an Int
	opByte       // a boolean
	opDays       // since 2000-01-01
	opMicros     // of a time of day
	opMicros2000 // since 2000-01-01
	opRaw16      // a UUID
	opRaw        // bytea
	opJSONB      // the version and the text
)

// New makes an encoder for a table's columns. In the binary format an error names a column whose cells
// have no binary form.
func New(table string, columns []Column, f Format) (*Encoder, error) {
	e := &Encoder{Format: f, table: table, cols: make([]encoder, len(columns))}
	for i, c := range columns {
		e.cols[i].name, e.cols[i].zone = c.Name, c.Type.Zone
		if f == Text {
			e.cols[i].op = chooseText(c.Kind, c.Type)
		} else {
			e.cols[i].op = chooseBinary(c.Kind, c.Type)
		}
		if e.cols[i].op == opNone {
			return nil, fmt.Errorf("column %s: cells of kind %s have no %s form for the type %s", c.Name, c.Kind, f, typeName(c.Type))
		}
	}
	return e, nil
}

// String gives the format's name.
func (f Format) String() string {
	if f == Binary {
		return "binary"
	}
	return "text"
}

func typeName(t schema.Type) string {
	if t.Name == "" {
		return "that is not known"
	}
	return t.Name
}

// chooseText gives the kernel that writes cells of kind k into a column of type t as text. The pair is
// one that the server converts.
func chooseText(k column.Kind, t schema.Type) op {
	switch k {
	case column.Bytes:
		return opBytes
	case column.Text, column.JSON, column.Literal:
		return opText
	case column.Int:
		return opInt
	case column.Decimal:
		return opDecimal
	case column.UUID:
		return opUUID
	}
	if t.Kind == column.Text {
		return opCanonical
	}
	switch k {
	case column.Float:
		if t.Kind == column.Float && t.Width == 4 {
			return opFloat4
		}
		return opFloat
	case column.Bool:
		return opBool
	case column.Date:
		return opDate
	case column.Time:
		return opTime
	case column.Timestamp:
		return opTimestamp
	}
	return opNone
}

// Begin appends what a stream or file begins with.
func (e *Encoder) Begin(dst []byte) []byte {
	if e.Format == Text {
		return dst
	}
	return append(dst, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
}

// End appends what a stream or file ends with.
func (e *Encoder) End(dst []byte) []byte {
	if e.Format == Text {
		return dst
	}
	return append(dst, 0xff, 0xff)
}

// Bind points e at the cells of a batch, whose Vecs are of the columns' kinds.
func (e *Encoder) Bind(b *column.Batch) {
	e.first = b.First
	for i := range e.cols {
		c, v := &e.cols[i], b.Vecs[i]
		c.v, c.nulls = v, v.HasNulls()
		c.data, c.offs, c.ints = v.Data, v.Offsets, v.Ints
		switch {
		case c.op == opText && e.Format == Text:
			c.clean = plain(v.Data[v.Offsets[0]:v.Offsets[v.Len()]])
		case c.op == opText || c.op == opJSONB:
			c.clean = bytes.IndexByte(v.Data[v.Offsets[0]:v.Offsets[v.Len()]], 0) < 0
		}
	}
}

// Unbind lets go of the batch.
func (e *Encoder) Unbind() {
	for i := range e.cols {
		c := &e.cols[i]
		c.v, c.data, c.offs, c.ints = nil, nil, nil, nil
	}
}

// AppendRow appends row i of the batch.
func (e *Encoder) AppendRow(dst []byte, i int) ([]byte, error) {
	if e.Format == Binary {
		return e.appendTuple(dst, i)
	}
	return e.appendLine(dst, i)
}

func (e *Encoder) nul(c *encoder, i int) error {
	return fmt.Errorf("%s.%s row %d: the text holds a NUL character, which PostgreSQL cannot store: "+
		"change the generator so that it makes none", e.table, c.name, e.first+int64(i))
}

// appendLine appends row i as a line of COPY text.
func (e *Encoder) appendLine(dst []byte, i int) ([]byte, error) {
	for k := range e.cols {
		c := &e.cols[k]
		if c.nulls && c.v.Null(i) {
			dst = append(dst, '\\', 'N', '\t')
			continue
		}
		switch c.op {
		case opText:
			cell := c.data[c.offs[i]:c.offs[i+1]]
			if c.clean {
				dst = append(dst, cell...)
				break
			}
			var ok bool
			if dst, ok = appendEscaped(dst, cell); !ok {
				return dst, e.nul(c, i)
			}
		case opInt:
			dst = strconv.AppendInt(dst, c.ints[i], 10)
		case opTimestamp:
			at := len(dst)
			dst = AppendTimestamp(dst, c.ints[i])
			if c.zone {
				dst = appendZone(dst, at)
			}
		case opUUID:
			dst = appendUUID(dst, (*[16]byte)(c.data[i*16:]))
		case opBool:
			if c.ints[i] != 0 {
				dst = append(dst, 't')
			} else {
				dst = append(dst, 'f')
			}
		case opFloat:
			dst = AppendFloat(dst, c.v.Floats[i])
		case opFloat4:
			dst = appendFloat4(dst, c.v.Floats[i])
		case opDecimal:
			dst = appendDecimal(dst, c.ints[i], c.v.Scale)
		case opDate:
			dst = AppendDate(dst, c.ints[i])
		case opTime:
			dst = column.AppendTimeOfDay(dst, c.ints[i])
		case opBytes:
			dst = hex.AppendEncode(append(dst, `\\x`...), c.data[c.offs[i]:c.offs[i+1]])
		default:
			dst = c.v.AppendText(dst, i)
		}
		dst = append(dst, '\t')
	}
	if len(e.cols) == 0 {
		return append(dst, '\n'), nil
	}
	dst[len(dst)-1] = '\n'
	return dst, nil
}
