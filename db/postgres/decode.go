package postgres

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgcopy"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// keysAtOnce bounds the keys or values of one query.
const keysAtOnce = 5000

// Standing gives the indexes of those values that already stand in t.col, in order. The column's own
// equality decides: its collation, citext, trailing blanks.
func (db *DB) Standing(ctx context.Context, t *schema.Table, col string, values *column.Vec) (stand []int, err error) {
	what := "look for standing values of " + tableName(t) + "." + col
	c := t.Column(col)
	if c == nil {
		return nil, fmt.Errorf("%s: there is no such column", what)
	}
	if !Accepts(values.Kind, c.Type) {
		return nil, fmt.Errorf("%s: its type %s holds no cells of kind %s", what, c.Type.Name, values.Kind)
	}
	if values.Len() == 0 {
		return nil, nil
	}
	if err := db.mayRead(t); err != nil {
		return nil, explain(ctx, what, err)
	}
	err = db.read(ctx, func(s *session) error {
		same, err := db.equality(ctx, s, c.Type)
		if err != nil {
			return err
		}
		sql := "select v.i from unnest($1::text[]) with ordinality v (x, i) where exists (select from " + rowsSQL(t) + " as t where " +
			equals(c, same, "v.x") + ") order by v.i"
		for from := 0; from < values.Len(); from += keysAtOnce {
			to := min(from+keysAtOnce, values.Len())
			err := s.each(ctx, sql, func(r [][]byte) error {
				stand = append(stand, from+int(toInt(r[0]))-1)
				return nil
			}, arrayOf(values, c.Type, from, to))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, explain(ctx, what, err)
	}
	return stand, nil
}

// equality gives the operator that the type's own indexes call equal. For types of extensions it must
// be looked up: with their schema off the search path, "=" would quietly compare something else.
func (db *DB) equality(ctx context.Context, s *session, t schema.Type) (string, error) {
	if !strings.Contains(t.Name, ".") || len(t.Enum) > 0 {
		return "=", nil
	}
	if op, ok := db.eqOps.Load(t.Name); ok {
		return op.(string), nil
	}
	row, err := s.row(ctx, `
select format('operator(%I.%s)', n.nspname, o.oprname)
  from pg_opclass c
  join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
  join pg_amop a on a.amopfamily = c.opcfamily and a.amoplefttype = c.opcintype and a.amoprighttype = c.opcintype and a.amopstrategy = 3
  join pg_operator o on o.oid = a.amopopr
  join pg_namespace n on n.oid = o.oprnamespace
 where c.opcdefault and c.opcintype = $1::regtype`, t.Name)
	if err != nil {
		return "", err
	}
	op := "="
	if row != nil {
		op = string(row[0])
	}
	db.eqOps.Store(t.Name, op)
	return op, nil
}

// equals compares column c of t with text x.
func equals(c *schema.Column, same, x string) string {
	cell := "t." + ident(c.Name)
	if c.Type.Domain != "" { // the operators of enums, arrays and ranges do not see through a domain
		cell += "::" + castName(c.Type)
	}
	return cell + " " + same + " " + x + "::" + castName(c.Type)
}

// arrayOf gives cells from up to (excluding) to as the text of an array.
func arrayOf(v *column.Vec, t schema.Type, from, to int) []byte {
	dst := append(make([]byte, 0, 16*(to-from)), '{')
	var cell []byte
	for i := from; i < to; i++ {
		if i > from {
			dst = append(dst, ',')
		}
		if v.Null(i) {
			dst = append(dst, "null"...)
			continue
		}
		dst = append(dst, '"')
		cell = pgcopy.AppendCell(cell[:0], t, v, i)
		for _, c := range cell {
			if c == '"' || c == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, c)
		}
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// ReadRows reads the rows whose key column has one of the given values, in the order of keys. Decimal
// cells come with the scale of the column, or, where it has none, of the longest fraction among them.
func (db *DB) ReadRows(ctx context.Context, t *sink.Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, err error) {
	r, err := newKeyReader(t, key, keys)
	if err != nil {
		return nil, err
	}
	err = db.read(ctx, func(s *session) error {
		found, err = r.read(ctx, db, s, keys, dst)
		return err
	})
	if err != nil {
		return nil, explain(ctx, r.what, err)
	}
	return found, nil
}

// keyReader reads rows of a target by key.
type keyReader struct {
	what   string
	target *sink.Target
	types  []schema.Type
	key    *schema.Column
	places *[]sink.Place // where it is not nil, gets the place of each row that is found
}

func newKeyReader(t *sink.Target, key string, keys *column.Vec) (*keyReader, error) {
	if t.Table == nil {
		return nil, fmt.Errorf("read rows of %s: the target has no table", t.Name)
	}
	r := &keyReader{what: "read rows of " + tableName(t.Table), target: t, types: make([]schema.Type, len(t.Columns))}
	for i, name := range t.Columns {
		c := t.Table.Column(name)
		if c == nil {
			return nil, fmt.Errorf("%s: the table has no column %q", r.what, name)
		}
		r.types[i] = c.Type
	}
	if r.key = t.Table.Column(key); r.key == nil {
		return nil, fmt.Errorf("%s: the table has no column %q", r.what, key)
	}
	if !Accepts(keys.Kind, r.key.Type) {
		return nil, fmt.Errorf("%s: the key %q of type %s holds no cells of kind %s", r.what, key, r.key.Type.Name, keys.Kind)
	}
	return r, nil
}

func (r *keyReader) read(ctx context.Context, db *DB, s *session, keys *column.Vec, dst *column.Batch) (found []bool, err error) {
	t := r.target
	if err := db.mayRead(t.Table); err != nil {
		return nil, err
	}
	resetBatch(dst, t, r.types)
	found = make([]bool, keys.Len())
	same, err := db.equality(ctx, s, r.key.Type)
	if err != nil {
		return nil, err
	}
	raw := rawRows{cols: len(t.Columns)}
	sql := "select k.i"
	for _, name := range t.Columns {
		sql += ", t." + ident(name)
	}
	if r.places != nil {
		sql += ", " + placeSQL
		raw.cols++
	}
	sql += " from unnest($1::text[]) with ordinality k (x, i) join " + rowsSQL(t.Table) + " as t on " + equals(r.key, same, "k.x")
	for from := 0; from < keys.Len(); from += keysAtOnce {
		to := min(from+keysAtOnce, keys.Len())
		raw.reset(to - from)
		if err := s.each(ctx, sql, raw.add, arrayOf(keys, r.key.Type, from, to)); err != nil {
			return nil, err
		}
		order := raw.order(found[from:to])
		dst.N += len(order)
		for c := range t.Columns {
			if err := raw.decode(dst.Vecs[c], c, order, r.types[c]); err != nil {
				return nil, &failure{text: fmt.Sprintf("column %q: %v", t.Columns[c], err), causes: []error{err}}
			}
		}
		for _, row := range order {
			if r.places != nil {
				place, _ := raw.cell(row, len(t.Columns))
				*r.places = append(*r.places, sink.Place(place))
			}
		}
	}
	return found, nil
}

// resetBatch empties dst and shapes it like the target.
func resetBatch(dst *column.Batch, t *sink.Target, types []schema.Type) {
	dst.First, dst.N, dst.Names = 0, 0, t.Columns
	for len(dst.Vecs) < len(t.Kinds) {
		dst.Vecs = append(dst.Vecs, new(column.Vec))
	}
	dst.Vecs = dst.Vecs[:len(t.Kinds)]
	for i, k := range t.Kinds {
		dst.Vecs[i].Reset(k)
		if k == column.Decimal && types[i].Kind == column.Decimal {
			dst.Vecs[i].Scale = int32(types[i].Scale)
		}
		dst.Vecs[i].Single = k == column.Float && types[i].Single()
	}
}

// rawRows are rows as the server sent them, in its order.
type rawRows struct {
	cols int
	data []byte
	ends []int32 // end of each cell in data
	null []bool
	at   []int32 // by key: 1 + the row that has it
}

func (r *rawRows) reset(keys int) {
	r.data, r.ends, r.null = r.data[:0], r.ends[:0], r.null[:0]
	r.at = append(r.at[:0], make([]int32, keys)...)
}

func (r *rawRows) add(row [][]byte) error {
	i, err := strconv.Atoi(string(row[0]))
	if err != nil || i < 1 || i > len(r.at) {
		return fmt.Errorf("the server's answer has no key number")
	}
	if r.at[i-1] != 0 {
		return nil // the key is not unique: its first row is given
	}
	r.at[i-1] = int32(len(r.ends)/max(r.cols, 1)) + 1
	return r.append(row[1:])
}

// append adds the cells of a row.
func (r *rawRows) append(row [][]byte) error {
	for _, cell := range row {
		if len(r.data)+len(cell) > math.MaxInt32 {
			return fmt.Errorf("more than 2 GiB in %d rows: ask for fewer", len(r.ends)/max(r.cols, 1))
		}
		r.data = append(r.data, cell...)
		r.ends = append(r.ends, int32(len(r.data)))
		r.null = append(r.null, cell == nil)
	}
	return nil
}

// order gives the rows in the order of their keys, and notes which keys have one.
func (r *rawRows) order(found []bool) []int32 {
	order := make([]int32, 0, len(r.at))
	for i, at := range r.at {
		if at != 0 {
			found[i] = true
			order = append(order, at-1)
		}
	}
	return order
}

func (r *rawRows) cell(row int32, c int) (b []byte, null bool) {
	k := int(row)*r.cols + c
	start := int32(0)
	if k > 0 {
		start = r.ends[k-1]
	}
	return r.data[start:r.ends[k]], r.null[k]
}

// decode appends column c of the rows to v, as cells of its kind.
func (r *rawRows) decode(v *column.Vec, c int, order []int32, t schema.Type) error {
	parse := parserOf(v, t)
	if v.Kind == column.Decimal && t.Kind != column.Decimal {
		scale := v.Scale
		for _, row := range order {
			b, _ := r.cell(row, c)
			scale = max(scale, fraction(b))
		}
		if !v.Rescale(scale) {
			return errRange
		}
	}
	for _, row := range order {
		b, null := r.cell(row, c)
		if null {
			v.AppendNull()
			continue
		}
		if err := parse(b); err != nil {
			return fmt.Errorf("the value %q is no cell of kind %s (%w)", shorten(string(b)), v.Kind, err)
		}
	}
	return nil
}

// parserOf gives the function that appends a value in the server's text form to v.
func parserOf(v *column.Vec, t schema.Type) func(b []byte) error {
	ints := func(parse func(b []byte) (int64, error)) func([]byte) error {
		return func(b []byte) error {
			x, err := parse(b)
			v.AppendInt(x)
			return err
		}
	}
	switch v.Kind {
	case column.Bool:
		return ints(parseBool)
	case column.Int:
		return ints(parseInt)
	case column.Decimal:
		return ints(func(b []byte) (int64, error) { return parseDecimal(b, v.Scale) })
	case column.Date:
		return ints(parseDate)
	case column.Time:
		return ints(parseTime)
	case column.Timestamp:
		return ints(parseTimestamp)
	case column.Float:
		return func(b []byte) error {
			x, err := strconv.ParseFloat(string(b), v.FloatBits())
			v.AppendFloat(x)
			return err
		}
	case column.UUID:
		return func(b []byte) error {
			u, err := parseUUID(b)
			v.AppendUUID(u)
			return err
		}
	case column.Bytes:
		return func(b []byte) (err error) {
			if len(b) < 2 || b[0] != '\\' || b[1] != 'x' {
				return errForm
			}
			v.Data, err = hex.AppendDecode(v.Data, b[2:])
			v.EndCell()
			return err
		}
	}
	if t.Fixed && t.Length > 0 { // the blanks that fill it up are not of the value
		return func(b []byte) error { v.AppendBytes(bytes.TrimRight(b, " ")); return nil }
	}
	return func(b []byte) error { v.AppendBytes(b); return nil }
}
