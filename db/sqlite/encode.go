package sqlite

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"unsafe"

	sqlite3 "modernc.org/sqlite"
	"modernc.org/sqlite/vtab"

	"github.com/sowerdata/sower/column"
)

// Rows enter SQLite through a virtual table: a loader's batch is encoded into cells, the virtual table
// gives those, and one statement a batch inserts them, `insert into t select * from temp.sower_rows_N`.
// That is faster than bound multi-row VALUES (1.25 times for rows like the genonaut scenario's), has no
// limit of parameters, and knows at which row a statement failed.

// cells is one column of a batch in the form in which SQLite stores it: an Int, Float, Text or Bytes
// Vec, or numbers of both kinds.
type cells struct {
	column.Vec
	whole []int64 // Float: where wholes[i], the cell is this integer and not Floats[i]
	mixed []bool
}

// encoded is a batch in that form.
type encoded struct {
	first int64
	n     int
	cols  []cells

	digest *column.Digest // of the rows; nil where nobody asked for it
}

// encode copies a batch of rows for columns of the given affinities; the batch may change after.
func (e *encoded) encode(b *column.Batch, affinities []affinity) error {
	e.first, e.n, e.digest = b.First, b.N, b.Digest
	if len(e.cols) != len(b.Vecs) {
		e.cols = make([]cells, len(b.Vecs))
	}
	for k, v := range b.Vecs {
		if v.Len() != b.N {
			return fmt.Errorf("column %s has %d cells, the batch %d rows", b.Names[k], v.Len(), b.N)
		}
		if row, err := e.cols[k].encode(v, affinities[k]); err != nil {
			return fmt.Errorf("column %s, row %d: %w", b.Names[k], b.First+int64(row), err)
		}
	}
	return nil
}

// encode copies one column; an error is that of cell row.
func (c *cells) encode(v *column.Vec, aff affinity) (row int, err error) {
	c.mixed = c.mixed[:0]
	switch v.Kind {
	case column.Bool, column.Int:
		c.Reset(v.Kind)
		c.AppendVec(v)
		c.Kind = column.Int
	case column.Float:
		for i, f := range v.Floats {
			if f != f {
				return i, fmt.Errorf("SQLite has no NaN: it would store null")
			}
		}
		c.Reset(column.Float)
		c.AppendVec(v)
	case column.Decimal:
		if aff.number() {
			return c.encodeDecimal(v)
		}
		c.encodeText(v)
	case column.Text, column.JSON, column.Literal, column.Bytes:
		if aff.number() && v.Kind != column.Bytes {
			for i := range v.Len() {
				if !v.Null(i) && changes(v.Bytes(i), aff) {
					return i, fmt.Errorf("the column's declared type makes SQLite turn the text %q into a number, and it would come back otherwise: declare it as text", v.Bytes(i))
				}
			}
		}
		c.Reset(v.Kind)
		c.AppendVec(v)
		if v.Kind != column.Bytes {
			c.Kind = column.Text
		}
	case column.Date, column.Time, column.Timestamp, column.UUID:
		c.encodeText(v)
	default:
		return 0, fmt.Errorf("cells of the kind %q cannot be stored", v.Kind)
	}
	return 0, nil
}

// encodeText stores cells as their canonical text.
func (c *cells) encodeText(v *column.Vec) {
	c.Reset(column.Text)
	for i := range v.Len() {
		if v.Null(i) {
			c.AppendNull()
			continue
		}
		switch v.Kind {
		case column.Timestamp:
			c.Data = column.AppendTimestamp(c.Data, v.Ints[i])
		case column.UUID:
			c.Data = column.AppendUUIDText(c.Data, v.Bytes(i))
		default:
			c.Data = v.AppendText(c.Data, i)
		}
		c.EndCell()
	}
}

// exactInts is the bound below which a float64 holds every integer.
const exactInts = 1 << 53

// encodeDecimal stores decimals as numbers: REALs, and integers where a REAL is not exact but the value
// is whole.
func (c *cells) encodeDecimal(v *column.Vec) (row int, err error) {
	if v.Scale <= 0 {
		c.Reset(v.Kind)
		c.AppendVec(v)
		c.Kind = column.Int
		return 0, nil
	}
	c.Reset(column.Float)
	unit := int64(1)
	if v.Scale > 18 {
		return 0, fmt.Errorf("a scale of %d is more than 64 bits hold", v.Scale)
	}
	for range v.Scale {
		unit *= 10
	}
	for i, x := range v.Ints {
		switch {
		case v.Null(i):
			c.AppendNull()
		case x > -exactInts && x < exactInts && unit < exactInts:
			c.AppendFloat(float64(x) / float64(unit)) // both are exact, so that the quotient is the nearest there is
		default:
			if len(c.mixed) == 0 {
				c.mixed = append(c.mixed, make([]bool, v.Len())...)
				c.whole = slices.Grow(c.whole[:0], v.Len())[:v.Len()]
			}
			text := column.AppendDecimal(nil, x, int(v.Scale))
			if x%unit == 0 {
				c.mixed[i], c.whole[i] = true, x/unit
				c.AppendFloat(0)
				continue
			}
			f, err := strconv.ParseFloat(string(text), 64)
			if err != nil || strconv.FormatFloat(f, 'f', int(v.Scale), 64) != string(text) {
				return i, fmt.Errorf("the number %s has more digits than the REAL that SQLite makes of it: declare the column as text, or keep to %d digits", text, exactDigits)
			}
			c.AppendFloat(f)
		}
	}
	return 0, nil
}

// value is cell i as the driver takes it.
func (c *cells) value(i int) driver.Value {
	if c.HasNulls() && c.Null(i) {
		return nil
	}
	switch c.Kind {
	case column.Int:
		return c.Ints[i]
	case column.Float:
		if len(c.mixed) > 0 && c.mixed[i] {
			return c.whole[i]
		}
		return c.Floats[i]
	case column.Text:
		b := c.Bytes(i)
		return unsafe.String(unsafe.SliceData(b), len(b)) // the driver copies it before the next call
	default:
		if b := c.Bytes(i); b != nil {
			return b
		}
		return []byte{}
	}
}

// changes tells whether a column with the affinity of numbers would not give a text back as it is.
func changes(s []byte, aff affinity) bool {
	if len(s) == 0 || len(s) > 400 {
		return false // not a number, or none that anyone means
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == ' ', c >= '\t' && c <= '\r':
	default:
		return false
	}
	trimmed := trimBlanks(s)
	if !isNumber(trimmed) {
		return false
	}
	if i, err := strconv.ParseInt(string(trimmed), 10, 64); err == nil && aff != affReal {
		return strconv.FormatInt(i, 10) != string(s)
	}
	return true
}

func trimBlanks(s []byte) []byte {
	blank := func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
	for len(s) > 0 && blank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// isNumber tells whether SQLite reads a text as a number: [+-] digits [. digits] [e [+-] digits].
func isNumber(s []byte) bool {
	digits := func() (n int) {
		for len(s) > 0 && s[0] >= '0' && s[0] <= '9' {
			s, n = s[1:], n+1
		}
		return n
	}
	sign := func() {
		if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
	}
	sign()
	n := digits()
	if len(s) > 0 && s[0] == '.' {
		s = s[1:]
		n += digits()
	}
	if n == 0 {
		return false
	}
	if len(s) > 0 && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		sign()
		if digits() == 0 {
			return false
		}
	}
	return len(s) == 0
}

// source is what the virtual tables of a DB give: the batch at hand, and how far it was read.
type source struct {
	batch *encoded
	at    int
}

// module makes virtual tables of n columns: `create virtual table temp.sower_rows_11 using sower_rows(11)`.
type module struct{ source *source }

func (m module) Create(ctx vtab.Context, args []string) (vtab.Table, error) {
	return m.Connect(ctx, args)
}

func (m module) Connect(ctx vtab.Context, args []string) (vtab.Table, error) {
	n, err := strconv.Atoi(args[len(args)-1])
	if err != nil {
		return nil, err
	}
	sql := []byte("create table t(c0")
	for i := 1; i < n; i++ {
		sql = strconv.AppendInt(append(sql, ", c"...), int64(i), 10)
	}
	return rowsTable(m), ctx.Declare(string(append(sql, ')')))
}

type rowsTable struct{ source *source }

func (t rowsTable) BestIndex(*vtab.IndexInfo) error { return nil }
func (t rowsTable) Open() (vtab.Cursor, error)      { return &cursor{source: t.source}, nil }
func (t rowsTable) Disconnect() error               { return nil }
func (t rowsTable) Destroy() error                  { return nil }

type cursor struct {
	source *source
	batch  *encoded
}

func (c *cursor) Filter(int, string, []vtab.Value) error {
	c.batch, c.source.at = c.source.batch, 0
	return nil
}
func (c *cursor) Next() error                      { c.source.at++; return nil }
func (c *cursor) Eof() bool                        { return c.source.at >= c.batch.n }
func (c *cursor) Column(k int) (vtab.Value, error) { return c.batch.cols[k].value(c.source.at), nil }
func (c *cursor) Rowid() (int64, error)            { return int64(c.source.at), nil }
func (c *cursor) Close() error                     { return nil }

// newDriver makes a driver with this package's functions, and with virtual tables that read src.
func newDriver(src *source) (*sqlite3.Driver, error) {
	drv := new(sqlite3.Driver)
	if err := drv.RegisterModule("sower_rows", module{src}); err != nil {
		return nil, err
	}
	return drv, registerFunctions(drv)
}
