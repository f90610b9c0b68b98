package file

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/sinktest"

	_ "modernc.org/sqlite"
)

// Every format is read back by code that shares nothing with its encoder.
func TestConformance(t *testing.T) {
	type reader func(t *testing.T, content []byte, target *sink.Target, dst *column.Batch)
	for _, c := range []struct {
		name    string
		options Options
		read    reader
		holds   func(c *schema.Column) bool
	}{
		{"csv", Options{}, readCSV, nil},
		{"csv gzip", Options{Compression: Gzip}, readCSV, nil},
		{"jsonl zstd", Options{Format: JSONL{}, Compression: Zstd}, readJSONL, nil},
		{"copy-text", Options{Format: CopyText{}}, readCopyText, nil},
		{"copy-binary", Options{Format: CopyBinary{}}, readCopyBinary, func(c *schema.Column) bool { return c.Type.Kind != column.Literal }},
		{"sql", Options{Format: SQL{Dialect: "sqlite"}}, readSQL, nil},
		{"parquet", Options{Format: Parquet{}}, readParquet, nil},
		{"parquet gzip", Options{Format: Parquet{}, Compression: Gzip}, readParquet, nil},
		{"parquet plain", Options{Format: Parquet{}, Compression: Plain}, readParquet, nil},
	} {
		sinktest.Exercise(t, c.name, sinktest.Factory{
			Whole: true,
			Holds: c.holds,
			Open: func(t *testing.T, _ []*schema.Table) sink.Sink {
				s, err := New(filepath.Join(t.TempDir(), "out"), c.options)
				if err != nil {
					t.Fatal(err)
				}
				return s
			},
			Read: func(t *testing.T, s sink.Sink, target *sink.Target) *column.Batch {
				b := &column.Batch{Names: target.Columns}
				for k := range target.Columns {
					v := new(column.Vec)
					v.Reset(target.Kinds[k])
					typ := target.Table.Column(target.Columns[k]).Type
					v.Scale, v.Single = int32(typ.Scale), typ.Single()
					b.Vecs = append(b.Vecs, v)
				}
				dir := s.(*Sink).place.Path("")
				if _, err := os.Stat(filepath.Join(dir, manifestName)); errors.Is(err, os.ErrNotExist) {
					return b
				}
				content, mt := contentOf(t, dir, target.Name)
				c.read(t, content, target, b)
				if mt.Rows != int64(b.N) || len(mt.Columns) != len(target.Columns) {
					t.Errorf("the manifest says %+v of a file of %d rows", mt, b.N)
				}
				return b
			},
		})
	}
}

// contentOf reads a table's file, unpacks it, and holds it against the manifest.
func contentOf(t testing.TB, dir, table string) ([]byte, ManifestTable) {
	t.Helper()
	m, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, mt := range m.Tables {
		if mt.Name != table {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, mt.File))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); mt.SHA256 != hex.EncodeToString(sum[:]) || mt.Bytes != int64(len(text)) {
			t.Errorf("the manifest says %+v of a file of %d bytes with the sum %x", mt, len(text), sum)
		}
		if mt.Content == nil {
			return text, mt
		}
		var r io.Reader
		if strings.HasSuffix(mt.File, ".gz") {
			r, err = gzip.NewReader(bytes.NewReader(text))
		} else {
			r, err = zstd.NewReader(bytes.NewReader(text))
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); mt.Content.SHA256 != hex.EncodeToString(sum[:]) || mt.Content.Bytes != int64(len(text)) {
			t.Errorf("the manifest says %+v of a content of %d bytes with the sum %x", mt.Content, len(text), sum)
		}
		return text, mt
	}
	t.Fatalf("the manifest has no table %s", table)
	return nil, ManifestTable{}
}

// parse appends a cell's canonical text; moments of columns with a time zone end in +00.
func parse(t *testing.T, target *sink.Target, k int, v *column.Vec, text string) {
	t.Helper()
	if target.Table.Column(target.Columns[k]).Type.Zone {
		var ok bool
		if text, ok = strings.CutSuffix(text, "+00"); !ok {
			t.Fatalf("%s: no time zone in %q", target.Columns[k], text)
		}
	}
	if err := gen.ParseCell(v, text); err != nil {
		t.Fatal(err)
	}
}

func readCSV(t *testing.T, content []byte, target *sink.Target, b *column.Batch) {
	rows := parseCSV(t, string(content))
	for k, f := range rows[0] {
		if f.text != target.Columns[k] {
			t.Errorf("header: %q, want %q", f.text, target.Columns[k])
		}
	}
	for _, row := range rows[1:] {
		if len(row) != len(target.Columns) {
			t.Fatalf("a row of %d fields, want %d", len(row), len(target.Columns))
		}
		for k, f := range row {
			if f.text == "" && !f.quoted {
				b.Vecs[k].AppendNull()
			} else {
				parse(t, target, k, b.Vecs[k], f.text)
			}
		}
		b.N++
	}
}

func readJSONL(t *testing.T, content []byte, target *sink.Target, b *column.Batch) {
	for line := range bytes.Lines(content) {
		var row map[string]json.RawMessage
		if err := json.Unmarshal(line, &row); err != nil || len(row) != len(target.Columns) {
			t.Fatalf("%.200s: %v", line, err)
		}
		for k, name := range target.Columns {
			raw, v := row[name], b.Vecs[k]
			var s string
			switch {
			case v.Kind == column.JSON:
				// null and "null" cannot be told apart within an object: the suite's null cells stand for both.
				if string(raw) == "null" && (int64(b.N)+int64(k))%7 == 0 {
					v.AppendNull()
				} else {
					v.AppendBytes(raw)
				}
			case string(raw) == "null":
				v.AppendNull()
			case raw[0] == '"':
				if err := json.Unmarshal(raw, &s); err != nil {
					t.Fatal(err)
				}
				parse(t, target, k, v, s)
			default:
				parse(t, target, k, v, string(raw))
			}
		}
		b.N++
	}
}

func readCopyText(t *testing.T, content []byte, target *sink.Target, b *column.Batch) {
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t")
	for line := range strings.Lines(string(content)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != len(target.Columns) {
			t.Fatalf("%d fields: %.200q", len(fields), line)
		}
		for k, f := range fields {
			v := b.Vecs[k]
			switch {
			case f == `\N`:
				v.AppendNull()
			case v.Kind == column.Bool:
				v.AppendBool(f == "t")
			default:
				parse(t, target, k, v, unescape.Replace(f))
			}
		}
		b.N++
	}
}

func readCopyBinary(t *testing.T, content []byte, target *sink.Target, b *column.Batch) {
	big := binary.BigEndian
	if string(content[:11]) != "PGCOPY\n\xff\r\n\x00" || !bytes.Equal(content[11:19], make([]byte, 8)) {
		t.Fatalf("header %x", content[:19])
	}
	for content = content[19:]; ; b.N++ {
		n := int16(big.Uint16(content))
		content = content[2:]
		if n < 0 {
			break
		}
		if int(n) != len(target.Columns) {
			t.Fatalf("%d fields", n)
		}
		for _, v := range b.Vecs {
			size := int32(big.Uint32(content))
			content = content[4:]
			if size < 0 {
				v.AppendNull()
				continue
			}
			f := content[:size]
			content = content[size:]
			var i int64 // of the field's own length
			for j, c := range f {
				if j == 0 {
					i = int64(int8(c))
				} else {
					i = i<<8 | int64(c)
				}
			}
			switch v.Kind {
			case column.Float:
				if size == 4 {
					v.AppendFloat(float64(math.Float32frombits(big.Uint32(f))))
				} else {
					v.AppendFloat(math.Float64frombits(big.Uint64(f)))
				}
			case column.Decimal:
				x := numeric(f, int(v.Scale))
				v.AppendInt(x)
			case column.Date:
				v.AppendInt(i + 10957)
			case column.Timestamp:
				v.AppendInt(i + 946684800_000_000)
			case column.Bool, column.Int, column.Time:
				v.AppendInt(i)
			case column.UUID:
				v.AppendUUID([16]byte(f))
			case column.JSON:
				if f[0] != 1 {
					t.Fatalf("version %d of jsonb", f[0])
				}
				v.AppendBytes(f[1:])
			default:
				v.AppendBytes(f)
			}
		}
	}
	if len(content) > 0 {
		t.Errorf("%d bytes behind the end", len(content))
	}
}

// numeric reads a numeric of the given scale as its unscaled value.

func numeric(f []byte, scale int) int64 {
	be := binary.BigEndian
	n, weight, sign := int(be.Uint16(f)), int(int16(be.Uint16(f[2:]))), be.Uint16(f[4:])
	x := new(big.Rat)
	for d := range n {
		digit := new(big.Rat).SetInt64(int64(be.Uint16(f[8+2*d:])))
		for p := weight - d; p != 0; {
			if p > 0 {
				digit.Mul(digit, big.NewRat(10000, 1))
				p--
			} else {
				digit.Quo(digit, big.NewRat(10000, 1))
				p++
			}
		}
		x.Add(x, digit)
	}
	for range scale {
		x.Mul(x, big.NewRat(10, 1))
	}
	if sign != 0 {
		x.Neg(x)
	}
	return x.Num().Int64()
}

func readSQL(t *testing.T, content []byte, target *sink.Target, b *column.Batch) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var names []string
	for _, c := range target.Columns {
		names = append(names, quoteIdent(c))
	}
	if _, err := db.Exec("create table " + quoteIdent(target.Name) + " (" + strings.Join(names, ", ") + ")"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("begin;\n" + string(content) + "commit"); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("select " + strings.Join(names, ", ") + " from " + quoteIdent(target.Name) + " order by rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cells, into := make([]any, len(names)), make([]any, len(names))
	for k := range cells {
		into[k] = &cells[k]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for k, v := range b.Vecs {
			switch x := cells[k].(type) {
			case nil:
				v.AppendNull()
			case int64:
				if v.Kind == column.Decimal {
					parse(t, target, k, v, strconv.FormatInt(x, 10))
				} else {
					v.AppendInt(x)
				}
			case float64:
				if v.Kind == column.Decimal {
					parse(t, target, k, v, strconv.FormatFloat(x, 'f', int(v.Scale), 64))
				} else if err := gen.AppendValue(v, x); err != nil { // which rounds as a column of single precision does
					t.Fatal(err)
				}
			case []byte:
				v.AppendBytes(x)
			case string:
				if err := gen.ParseCell(v, x); err != nil {
					t.Fatal(err)
				}
			default:
				t.Fatalf("%T", x)
			}
		}
		b.N++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// readParquet reads by the library's generic reader, values by their physical type. `make test-parquet`
// reads the same files by DuckDB.
func readParquet(t *testing.T, content []byte, target *sink.Target, b *column.Batch) {
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for k, field := range f.Schema().Fields() {
		if field.Name() != target.Columns[k] || field.Optional() == target.Table.Column(target.Columns[k]).NotNull {
			t.Errorf("column %d is %s, optional: %t", k, field.Name(), field.Optional())
		}
	}
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		buf := make([]parquet.Row, 100)
		for {
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				for _, x := range row {
					v := b.Vecs[x.Column()]
					switch {
					case x.IsNull():
						v.AppendNull()
					case v.Kind == column.Bool:
						v.AppendBool(x.Boolean())
					case v.Kind == column.Float && x.Kind() == parquet.Float:
						v.AppendFloat(float64(x.Float()))
					case v.Kind == column.Float:
						v.AppendFloat(x.Double())
					case v.Kind == column.UUID:
						v.AppendUUID([16]byte(x.ByteArray()))
					case v.Kind.Variable():
						v.AppendBytes(x.ByteArray())
					case x.Kind() == parquet.Int32:
						v.AppendInt(int64(x.Int32()))
					default:
						v.AppendInt(x.Int64())
					}
				}
				b.N++
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		rows.Close()
	}
}
