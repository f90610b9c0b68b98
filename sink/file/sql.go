package file

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// SQL is a script of INSERT statements with many rows each. Statements end at fixed row numbers, so that
// the script does not depend on batches.
type SQL struct {
	Dialect string // "postgres" (also "") or "sqlite"
}

// statementRows is the number of rows of a statement: PostgreSQL's time and memory for one grow with them.
const statementRows = 250

// Name gives "sql".
func (SQL) Name() string { return "sql" }

// Ext gives ".sql".
func (SQL) Ext() string { return ".sql" }

// Encoder makes an encoder.
func (f SQL) Encoder(t *sink.Target) (Encoder, error) {
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("a table without columns has no INSERT of several rows")
	}
	lite := f.Dialect == "sqlite"
	if !lite && f.Dialect != "" && f.Dialect != "postgres" {
		return nil, fmt.Errorf("there is no SQL dialect %q; there are postgres, sqlite", f.Dialect)
	}
	var name, columns []string
	switch {
	case t.Table != nil && t.Table.Schema != "" && !lite:
		name = []string{t.Table.Schema, t.Table.Name}
	case t.Table != nil && t.Table.Name != "":
		name = []string{t.Table.Name}
	default: // a plan without a database does not tell whether a dot is of the name
		if name = strings.Split(t.Name, "."); lite || slices.Contains(name, "") {
			name = []string{t.Name}
		}
	}
	for k := range name {
		name[k] = quoteIdent(name[k])
	}
	e := &sqlEncoder{first: t.First, lite: lite, cells: make([]sqlCell, len(t.Columns))}
	types := typesOf(t)
	overriding := ""
	for k, c := range t.Columns {
		columns = append(columns, quoteIdent(c))
		e.cells[k] = e.cellOf(t.Kinds[k], types[k].Zone)
		if sc := columnOf(t, c); sc != nil && sc.Identity == "always" && !lite {
			overriding = "overriding system value "
		}
	}
	e.head = fmt.Sprintf("insert into %s (%s) %svalues\n", strings.Join(name, "."), strings.Join(columns, ", "), overriding)
	return e, nil
}

func quoteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

type sqlEncoder struct {
	head  string
	first int64 // row number of the file's first row
	lite  bool
	cells []sqlCell
}

// sqlCell appends a cell that is not null as a literal.
type sqlCell func(dst []byte, v *column.Vec, i int) ([]byte, error)

func (e *sqlEncoder) Header(dst []byte) []byte { return dst }

// Footer ends the last statement, unless the last row did.
func (e *sqlEncoder) Footer(dst []byte, end int64) []byte {
	if end > e.first && end%statementRows != 0 {
		dst = append(dst, ";\n"...)
	}
	return dst
}

func (e *sqlEncoder) Append(dst []byte, b *column.Batch) (_ []byte, err error) {
	if err := whole(b); err != nil {
		return dst, err
	}
	for i := range b.N {
		row := b.First + int64(i)
		if row%statementRows == 0 || row == e.first {
			dst = append(dst, e.head...)
		} else {
			dst = append(dst, ",\n"...)
		}
		for k, v := range b.Vecs {
			if k == 0 {
				dst = append(dst, '(')
			} else {
				dst = append(dst, ", "...)
			}
			if v.HasNulls() && v.Null(i) {
				dst = append(dst, "null"...)
				continue
			}
			if dst, err = e.cells[k](dst, v, i); err != nil {
				return dst, fmt.Errorf("column %s, row %d: %w", b.Names[k], row, err)
			}
		}
		dst = append(dst, ')')
		if (row+1)%statementRows == 0 {
			dst = append(dst, ";\n"...)
		}
	}
	return dst, nil
}

// cellOf chooses the function for a kind. Texts in quotes take the type of the column that they go into.
func (e *sqlEncoder) cellOf(k column.Kind, zone bool) sqlCell {
	plain := func(dst []byte, v *column.Vec, i int) ([]byte, error) { return v.AppendText(dst, i), nil }
	quoted := func(text appendCell) sqlCell {
		return func(dst []byte, v *column.Vec, i int) ([]byte, error) {
			return append(text(append(dst, '\''), v, i), '\''), nil
		}
	}
	switch k {
	case column.Int, column.Decimal:
		return plain
	case column.Bool:
		if !e.lite {
			return plain
		}
		return func(dst []byte, v *column.Vec, i int) ([]byte, error) { return append(dst, byte('0'+v.Ints[i]&1)), nil }
	case column.Float:
		return e.float
	case column.Date, column.Time, column.UUID:
		return quoted(func(dst []byte, v *column.Vec, i int) []byte { return v.AppendText(dst, i) })
	case column.Timestamp:
		return quoted(timestampCell(zone && !e.lite))
	case column.Bytes:
		head := `'\x`
		if e.lite {
			head = `x'`
		}
		return func(dst []byte, v *column.Vec, i int) ([]byte, error) {
			return append(hex.AppendEncode(append(dst, head...), v.Bytes(i)), '\''), nil
		}
	}
	return e.text
}

func (e *sqlEncoder) float(dst []byte, v *column.Vec, i int) ([]byte, error) {
	x := v.Floats[i]
	switch {
	case !math.IsNaN(x) && !math.IsInf(x, 0):
		at := len(dst)
		dst = v.AppendText(dst, i)
		if e.lite && !bytes.ContainsAny(dst[at:], ".e") {
			dst = append(dst, ".0"...) // a column without a type would keep an integer
		}
		return dst, nil
	case !e.lite:
		return append(append(append(dst, '\''), v.String(i)...), '\''), nil
	case math.IsNaN(x):
		return dst, fmt.Errorf("SQLite has no NaN")
	case x < 0:
		return append(dst, "-9e999"...), nil
	}
	return append(dst, "9e999"...), nil
}

func (e *sqlEncoder) text(dst []byte, v *column.Vec, i int) ([]byte, error) {
	s := v.Bytes(i)
	if bytes.IndexByte(s, 0) >= 0 {
		if !e.lite {
			return dst, fmt.Errorf("the text holds a NUL character, which PostgreSQL cannot store")
		}
		return append(hex.AppendEncode(append(dst, "cast(x'"...), s), "' as text)"...), nil // a script ends at a NUL
	}
	dst = append(dst, '\'')
	for {
		at := bytes.IndexByte(s, '\'')
		if at < 0 {
			break
		}
		dst = append(append(dst, s[:at+1]...), '\'')
		s = s[at+1:]
	}
	return append(append(dst, s...), '\''), nil
}
