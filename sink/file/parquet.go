package file

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/gzip"
	"github.com/parquet-go/parquet-go/compress/uncompressed"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Parquet is Apache Parquet with its logical types: integers of the column's width, DECIMAL, DATE,
// TIME and TIMESTAMP in microseconds (adjusted to UTC where the type has a zone), UUID, JSON, STRING for
// texts, enums and all types that are text here. Columns are required where the schema says NOT NULL.
// Pages are compressed by zstd, or by gzip where that is asked for.
//
// Rows are written by one goroutine. A row group ends at the first multiple of 1000 rows at which it
// holds 16 MB, so that memory does not depend on the table. Where pages end within it depends on batches;
// the rows never do.
type Parquet struct{}

const (
	groupBytes = 16 << 20
	groupStep  = 1000
)

// Name gives "parquet".
func (Parquet) Name() string { return "parquet" }

// Ext gives ".parquet".
func (Parquet) Ext() string { return ".parquet" }

// Writer makes the writer of a file.
func (Parquet) Writer(t *sink.Target, w io.Writer, c Compression) (Writer, error) {
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("a table without columns has no Parquet file")
	}
	var codec compress.Codec = &zstd.Codec{Level: zstd.SpeedFastest, Concurrency: 1}
	switch c {
	case Gzip:
		codec = &gzip.Codec{Level: gzip.DefaultCompression}
	case Plain:
		codec = &uncompressed.Codec{}
	}
	p := &parquetWriter{step: t.First}
	group := parquet.Group{}
	for k, name := range t.Columns {
		col := &parquetColumn{at: k, kind: t.Kinds[k]}
		sc := columnOf(t, name)
		if sc == nil {
			sc = &schema.Column{}
		}
		node, err := col.node(sc)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", name, err)
		}
		group[name] = node
		p.columns = append(p.columns, col)
	}
	if len(group) < len(t.Columns) {
		return nil, fmt.Errorf("two columns have the same name")
	}
	byName := map[string]parquet.Field{}
	for _, f := range group.Fields() {
		byName[f.Name()] = f
	}
	root := ordered{Group: group}
	for _, name := range t.Columns {
		root.fields = append(root.fields, byName[name])
	}
	p.out = parquet.NewGenericWriter[any](w, parquet.NewSchema(schemaName(t), root), parquet.Compression(codec), parquet.PageBufferSize(256<<10), parquet.CreatedBy("sower", "", ""),
		parquet.MaxRowsPerRowGroup(math.MaxInt64))
	return p, nil
}

// schemaName is the name of the root, which few readers look at.
func schemaName(t *sink.Target) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r < ' ' {
			return '_'
		}
		return r
	}, t.Name)
}

// ordered is a group whose fields stand in the table's order; parquet.Group sorts them.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o ordered) Fields() []parquet.Field { return o.fields }

type parquetWriter struct {
	out     *parquet.GenericWriter[any]
	columns []*parquetColumn
	step    int64 // the next row to write
	size    int64 // of the row group
}

// parquetColumn makes a column's values.
type parquetColumn struct {
	at       int
	kind     column.Kind
	scale    int32
	narrow   bool // held in 32 bits
	optional bool
	values   []parquet.Value
}

// node gives the column's place in the file's schema.
func (c *parquetColumn) node(sc *schema.Column) (node parquet.Node, err error) {
	t := sc.Type
	switch c.kind {
	case column.Bool:
		node = parquet.Leaf(parquet.BooleanType)
	case column.Int:
		switch t.Width {
		case 2, 4:
			c.narrow = true
			node = parquet.Int(t.Width * 8)
		default:
			node = parquet.Int(64)
		}
	case column.Float:
		if c.narrow = t.Width == 4; c.narrow {
			node = parquet.Leaf(parquet.FloatType)
		} else {
			node = parquet.Leaf(parquet.DoubleType)
		}
	case column.Decimal:
		precision := t.Precision
		if precision <= 0 || precision > 18 {
			precision = 18
		}
		c.scale = int32(t.Scale)
		if t.Scale > precision {
			return nil, fmt.Errorf("a scale of %d with %d digits: Parquet has no such decimals", t.Scale, precision)
		}
		if c.narrow = precision <= 9; c.narrow {
			node = parquet.Decimal(t.Scale, precision, parquet.Int32Type)
		} else {
			node = parquet.Decimal(t.Scale, precision, parquet.Int64Type)
		}
	case column.Date:
		c.narrow = true
		node = parquet.Date()
	case column.Time:
		node = parquet.TimeAdjusted(parquet.Microsecond, false)
	case column.Timestamp:
		node = parquet.TimestampAdjusted(parquet.Microsecond, t.Zone)
	case column.UUID:
		node = parquet.UUID()
	case column.Text, column.Literal:
		node = parquet.String()
	case column.JSON:
		node = parquet.JSON()
	case column.Bytes:
		node = parquet.Leaf(parquet.ByteArrayType)
	default:
		return nil, fmt.Errorf("cells of kind %s have no Parquet type", c.kind)
	}
	if len(t.Enum) > 0 {
		node = parquet.Encoded(node, &parquet.RLEDictionary)
	}
	if c.optional = !sc.NotNull; c.optional {
		node = parquet.Optional(node)
	}
	return node, nil
}

func (p *parquetWriter) Write(b *column.Batch) error {
	if err := whole(b); err != nil {
		return err
	}
	writers := p.out.ColumnWriters()
	for from := 0; from < b.N; {
		to := min(b.N, from+int(groupStep-p.step%groupStep))
		for k, c := range p.columns {
			n, err := c.fill(b.Vecs[k], from, to)
			if err != nil {
				return fmt.Errorf("column %s: %w", b.Names[k], err)
			}
			p.size += n
			if _, err := writers[k].WriteRowValues(c.values); err != nil {
				return fmt.Errorf("column %s: %w", b.Names[k], err)
			}
		}
		p.step += int64(to - from)
		from = to
		if p.step%groupStep == 0 && p.size >= groupBytes {
			if err := p.out.Flush(); err != nil {
				return err
			}
			p.size = 0
		}
	}
	return nil
}

func (p *parquetWriter) Close() error { return p.out.Close() }

// fill makes the values of some rows and gives their size.
func (c *parquetColumn) fill(v *column.Vec, from, to int) (size int64, err error) {
	c.values = c.values[:0]
	nulls, level := v.HasNulls(), 0
	if c.optional {
		level = 1
	}
	for i := from; i < to; i++ {
		if nulls && v.Null(i) {
			if !c.optional {
				return 0, fmt.Errorf("a null, though the schema says that it takes none")
			}
			c.values = append(c.values, parquet.NullValue().Level(0, 0, c.at))
			size++
			continue
		}
		var x parquet.Value
		switch c.kind {
		case column.Bool:
			x = parquet.BooleanValue(v.Bool(i))
			size++
		case column.Float:
			if f := v.Floats[i]; c.narrow {
				x = parquet.FloatValue(float32(f))
			} else {
				x = parquet.DoubleValue(f)
			}
			size += 8
		case column.UUID:
			x = parquet.FixedLenByteArrayValue(v.Bytes(i))
			size += 16
		case column.Text, column.Literal, column.JSON, column.Bytes:
			s := v.Bytes(i)
			x = parquet.ByteArrayValue(s)
			size += int64(len(s)) + 4
		default:
			n := v.Ints[i]
			if c.kind == column.Decimal && v.Scale != c.scale {
				if n, err = rescale(n, int(v.Scale), int(c.scale)); err != nil {
					return 0, err
				}
			}
			if c.narrow {
				if int64(int32(n)) != n {
					return 0, fmt.Errorf("%s is beyond the type's range", v.String(i))
				}
				x = parquet.Int32Value(int32(n))
			} else {
				x = parquet.Int64Value(n)
			}
			size += 8
		}
		c.values = append(c.values, x.Level(0, level, c.at))
	}
	return size, nil
}

// rescale gives a decimal's unscaled value for another scale.
func rescale(n int64, from, to int) (int64, error) {
	for ; from < to; from++ {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, fmt.Errorf("%d with %d digits behind the point does not fit into 64 bits", n, to)
		}
		n *= 10
	}
	for ; from > to; from-- {
		if n%10 != 0 {
			return 0, fmt.Errorf("it has more than %d digits behind the point", to)
		}
		n /= 10
	}
	return n, nil
}
