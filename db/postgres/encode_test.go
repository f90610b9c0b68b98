package postgres

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgcopy"
	"github.com/sowerdata/sower/schema"
)

// copyText decodes COPY's text format: rows of cells, nil for null.
func copyText(t testing.TB, b []byte) (rows [][]*string) {
	t.Helper()
	for line := range strings.SplitAfterSeq(string(b), "\n") {
		if line == "" {
			break
		}
		var row []*string
		for _, f := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if f == `\N` {
				row = append(row, nil)
				continue
			}
			var c strings.Builder
			for i := 0; i < len(f); i++ {
				if f[i] != '\\' {
					c.WriteByte(f[i])
					continue
				}
				i++
				if i == len(f) {
					t.Fatalf("a backslash ends %q", f)
				}
				switch f[i] {
				case 'n':
					c.WriteByte('\n')
				case 'r':
					c.WriteByte('\r')
				case 't':
					c.WriteByte('\t')
				case '\\':
					c.WriteByte('\\')
				default:
					t.Fatalf(`unexpected \%c`, f[i])
				}
			}
			s := c.String()
			row = append(row, &s)
		}
		rows = append(rows, row)
	}
	return rows
}

func textBatch(columns [][]*string) (*column.Batch, *rowsReader) {
	b := &column.Batch{First: 1000, N: len(columns[0])}
	var described []pgcopy.Column
	for range columns {
		described = append(described, pgcopy.Column{Name: "c", Kind: column.Text, Type: textType})
	}
	enc, err := pgcopy.New("s.t", described, pgcopy.Text)
	if err != nil {
		panic(err)
	}
	r := &rowsReader{table: "s.t", enc: enc}
	for _, cells := range columns {
		v := new(column.Vec)
		v.Reset(column.Text)
		for _, c := range cells {
			if c == nil {
				v.AppendNull()
			} else {
				v.AppendString(*c)
			}
		}
		b.Vecs = append(b.Vecs, v)
	}
	return b, r
}

// Whatever the text and however much is read at once, the lines say the same.
func TestCopyText(t *testing.T) {
	cell := rapid.OneOf(
		rapid.Just((*string)(nil)),
		rapid.Ptr(rapid.String(), false),
		rapid.Ptr(rapid.StringOfN(rapid.RuneFrom([]rune("\\\n\r\t\b\x01aN.'\"é")), 0, 40, -1), false),
		rapid.Ptr(rapid.SampledFrom([]string{"", `\N`, `\.`, strings.Repeat("x", 70_000), strings.Repeat("\\", 33)}), false),
	)
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 20).Draw(rt, "rows")
		var columns [][]*string
		for range rapid.IntRange(1, 4).Draw(rt, "columns") {
			columns = append(columns, rapid.SliceOfN(cell, n, n).Draw(rt, "cells"))
		}
		for _, c := range columns {
			for i := range c {
				if c[i] != nil {
					*c[i] = strings.ReplaceAll(*c[i], "\x00", "")
				}
			}
		}
		b, r := textBatch(columns)
		if rapid.Bool().Draw(rt, "view") { // of cells in the middle
			for i, v := range b.Vecs {
				pad := new(column.Vec)
				pad.Reset(column.Text)
				pad.AppendString("\\pad")
				pad.AppendNull()
				pad.AppendVec(v)
				pad.AppendString("\\pad")
				w := pad.View(2, 2+n)
				b.Vecs[i] = &w
			}
		}
		r.reset(b)
		p := make([]byte, rapid.SampledFrom([]int{1, 7, 4096, 65531}).Draw(rt, "read"))
		var out bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&out}, struct{ io.Reader }{r}, p); err != nil {
			rt.Fatal(err)
		}
		rows := copyText(t, out.Bytes())
		if len(rows) != n {
			rt.Fatalf("%d rows, want %d", len(rows), n)
		}
		for i, row := range rows {
			for c := range columns {
				w := columns[c][i]
				if g := row[c]; (g == nil) != (w == nil) || g != nil && *g != *w {
					rt.Fatalf("row %d column %d: got %v, want %v", i, c, g, w)
				}
			}
		}
	})
}

func TestReaderErrors(t *testing.T) {
	nul, ok := "a\x00b", "ok"
	b, r := textBatch([][]*string{{&ok, &ok, &nul, &ok}})
	r.reset(b)
	if _, err := io.ReadAll(r); err == nil || !strings.Contains(err.Error(), "s.t.c row 1002") {
		t.Errorf("a NUL: %v", err)
	}
	if err := r.detach(); err == nil {
		t.Error("the error is gone")
	}
	if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil {
		t.Errorf("read %d after detach, %v", n, err)
	}
	// A Vec that lies about its cells.
	r.reset(b)
	b.Vecs[0].Offsets[2] = 1 << 30
	if _, err := io.ReadAll(r); err == nil || !strings.Contains(err.Error(), "s.t row 1001: cannot encode") {
		t.Errorf("a broken Vec: %v", err)
	}
}

// The parsers read back what the kernels write.
func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		us := r.Int64N(2*4e17) - 4e17
		if r.IntN(2) == 0 {
			us -= us % 1_000_000
		}
		text := pgcopy.AppendTimestamp(nil, us)
		if got, err := parseTimestamp(text); err != nil || got != us {
			t.Fatalf("%d: %s was read as %d, %v", us, text, got, err)
		}
		d := r.Int64N(4e9) - 2e9
		if got, err := parseDate(pgcopy.AppendDate(nil, d)); err != nil || got != d {
			t.Fatalf("%d: %s was read as %d, %v", d, pgcopy.AppendDate(nil, d), got, err)
		}
		x, scale := r.Int64()>>r.IntN(63), int32(r.IntN(25))
		if r.IntN(2) == 0 {
			x = -x - 1
		}
		text = column.AppendDecimal(nil, x, int(scale))
		if got, err := parseDecimal(text, scale); err != nil || got != x {
			t.Fatalf("%d: %s was read as %d, %v", x, text, got, err)
		}
		if got, err := parseInt(strconv.AppendInt(nil, x, 10)); err != nil || got != x {
			t.Fatalf("%d was read as %d, %v", x, got, err)
		}
		var u [16]byte
		for i := range u {
			u[i] = byte(r.Uint32())
		}
		text = column.AppendUUIDText(nil, u[:])
		if got, err := parseUUID(text); err != nil || got != u {
			t.Fatalf("%x: %s was read as %x, %v", u, text, got, err)
		}
		tod := r.Int64N((24 * 3600 * 1_000_000) + 1)
		if got, err := parseTime(column.AppendTimeOfDay(nil, tod)); err != nil || got != tod {
			t.Fatalf("%d was read as %d, %v", tod, got, err)
		}
	}
	for _, days := range []int64{-719163, -719162, 0, 2932896} { // the canonical text of year 0 and before
		if got, err := parseDate(column.AppendDate(nil, days)); err != nil || got != days {
			t.Errorf("%s was read as %d, %v", column.AppendDate(nil, days), got, err)
		}
	}
}

func TestParseNumbers(t *testing.T) {
	for s, want := range map[string]int64{"5.00": 5, "1e+06": 1_000_000, "-7": -7, "9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64} {
		if got, err := parseInt([]byte(s)); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "-", "x", "1.5", "NaN", "Infinity", "9223372036854775808", "1e30", "5 "} {
		if got, err := parseInt([]byte(s)); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
	for s, want := range map[string]int64{"1.5": 150, "-0.05": -5, "1e-02": 1, "2": 200, "3.140": 314} {
		if got, err := parseDecimal([]byte(s), 2); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"x", "NaN", "1.005", "99999999999999999999"} {
		if got, err := parseDecimal([]byte(s), 2); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
	for _, s := range []string{"", "Infinity", "+infinity", "2025-01-01T00:00:00", "2025-01-01", "2025-01-01 00:00", "2025-01-01 00:00:00+02"} {
		if got, err := parseTimestamp([]byte(s)); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
}

func TestAccepts(t *testing.T) {
	numeric := schema.Type{Name: "numeric", Kind: column.Literal}
	date := schema.Type{Name: "date", Kind: column.Date}
	for _, c := range []struct {
		k    column.Kind
		t    schema.Type
		want bool
	}{
		{column.UUID, uuidType, true}, {column.UUID, textType, true}, {column.UUID, intType, false},
		{column.Text, uuidType, true}, {column.Text, jsonType, true}, {column.Literal, intType, true},
		{column.Int, intType, true}, {column.Int, numeric, true}, {column.Int, dblType, true}, {column.Int, textType, true}, {column.Int, boolType, false}, {column.Int, date, false},
		{column.Decimal, numeric, true}, {column.Decimal, dblType, true}, {column.Decimal, intType, false},
		{column.Float, numeric, true}, {column.Float, intType, false},
		{column.Timestamp, tsType, true}, {column.Timestamp, date, false}, {column.Date, tsType, false},
		{column.JSON, jsonType, true}, {column.JSON, textType, true}, {column.JSON, numeric, false},
		{column.Bool, boolType, true}, {column.Bool, intType, false}, {column.Bytes, textType, false}, {column.Invalid, textType, false},
	} {
		if got := Accepts(c.k, c.t); got != c.want {
			t.Errorf("%s into %s: %t", c.k, c.t.Name, got)
		}
		if c.want {
			if _, err := pgcopy.New("t", []pgcopy.Column{{Name: "c", Kind: c.k, Type: c.t}}, pgcopy.Text); err != nil {
				t.Errorf("%s into %s: %v", c.k, c.t.Name, err)
			}
		}
	}
}

func TestSingleValue(t *testing.T) {
	for bound, want := range map[string]string{
		"FOR VALUES IN ('items')":   "items",
		"FOR VALUES IN (5)":         "5",
		"FOR VALUES IN ('-5')":      "-5",
		"FOR VALUES IN (true)":      "true",
		"FOR VALUES IN ('it''s')":   "it's",
		"FOR VALUES IN ('a, b')":    "a, b",
		"FOR VALUES IN (E'a\\\\b')": `a\b`,
		"FOR VALUES IN ('''')":      "'",
		"FOR VALUES IN ('')":        "",
	} {
		if got, ok := singleValue(bound); !ok || got != want {
			t.Errorf("%s: %q, %t", bound, got, ok)
		}
	}
	for _, bound := range []string{"FOR VALUES IN ('a', 'b')", "FOR VALUES IN (1, 2)", "FOR VALUES IN (NULL)", "FOR VALUES IN ('a', NULL)", "DEFAULT",
		"FOR VALUES FROM (1) TO (2)", "FOR VALUES WITH (modulus 2, remainder 0)", "FOR VALUES IN ()", "FOR VALUES IN ('", ""} {
		if got, ok := singleValue(bound); ok {
			t.Errorf("%s: %q", bound, got)
		}
	}
}
