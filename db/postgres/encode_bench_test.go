package postgres

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgcopy"
	"github.com/sowerdata/sower/schema"
)

type benchColumn struct {
	kind column.Kind
	typ  schema.Type
	fill func(r *rand.Rand, v *column.Vec)
}

func randomTimestamp(r *rand.Rand, v *column.Vec) {
	v.AppendInt(1746072000_000000 + r.Int64N(12_000_000)*1_000_000)
}

func randomUUID(r *rand.Rand, v *column.Vec) {
	var u [16]byte
	for i := range u {
		u[i] = byte(r.Uint32())
	}
	v.AppendUUID(u)
}

func randomTags(r *rand.Rand) string {
	var b strings.Builder
	b.WriteByte('[')
	for i := range r.IntN(200) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `"tag number %d"`, r.IntN(300))
	}
	b.WriteByte(']')
	return b.String()
}

var words = strings.Fields("a quiet harbour at dawn with soft mist over the water and long wooden boats painted in faded colours under a pale sky")

func randomWords(r *rand.Rand, n int) string {
	w := make([]string, n)
	for i := range w {
		w[i] = words[r.IntN(len(words))]
	}
	return strings.Join(w, " ")
}

var (
	textType = schema.Type{Name: "text", Kind: column.Text}
	tsType   = schema.Type{Name: "timestamp without time zone", Kind: column.Timestamp, Scale: 6}
	uuidType = schema.Type{Name: "uuid", Kind: column.UUID}
	jsonType = schema.Type{Name: "jsonb", Kind: column.JSON, JSONB: true}
	boolType = schema.Type{Name: "boolean", Kind: column.Bool}
	intType  = schema.Type{Name: "integer", Kind: column.Int, Width: 4}
	dblType  = schema.Type{Name: "double precision", Kind: column.Float, Width: 8}
)

// benchShapes are rows as the genonaut scenario has them, and one of short cells only.
var benchShapes = map[string][]benchColumn{
	"users": {
		{column.UUID, uuidType, randomUUID},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendString(fmt.Sprintf("amber.fox%d", r.IntN(1e6))) }},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) {
			v.AppendString(fmt.Sprintf("amber.fox%d@example.com", r.IntN(1e6)))
		}},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Timestamp, tsType, randomTimestamp},
		{column.JSON, jsonType, func(r *rand.Rand, v *column.Vec) {
			v.AppendString(`{"favorite_tags": ["tag number 1", "tag number 22", "tag number 117"]}`)
		}},
		{column.Bool, boolType, func(r *rand.Rand, v *column.Vec) { v.AppendBool(r.IntN(100) > 0) }},
	},
	"content": {
		{column.Int, intType, func(r *rand.Rand, v *column.Vec) { v.AppendInt(r.Int64N(1e6)) }},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendString(randomWords(r, 20)[:20]) }},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendString("image") }},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) {
			v.AppendString("io/storage/images/0b0f8a5e-6a3f-4f0e-9a53-0f0f5b1c9a11.png")
		}},
		{column.JSON, jsonType, func(r *rand.Rand, v *column.Vec) {
			v.AppendString(`{"tags": ` + randomTags(r) + `, "style": "anime", "prompt": "` + randomWords(r, 60) + `", "resolution": "512x768"}`)
		}},
		{column.UUID, uuidType, randomUUID},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Timestamp, tsType, randomTimestamp},
		{column.JSON, jsonType, func(r *rand.Rand, v *column.Vec) { v.AppendString(randomTags(r)) }},
		{column.Float, dblType, func(r *rand.Rand, v *column.Vec) { v.AppendFloat(float64(r.IntN(101)) / 100) }},
		{column.Bool, boolType, func(r *rand.Rand, v *column.Vec) { v.AppendBool(r.IntN(10) == 0) }},
	},
	"jobs": {
		{column.Int, intType, func(r *rand.Rand, v *column.Vec) { v.AppendInt(r.Int64N(1e6)) }},
		{column.UUID, uuidType, randomUUID},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendString("image_generation") }},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendString(randomWords(r, 60)) }},
		{column.JSON, jsonType, func(r *rand.Rand, v *column.Vec) { v.AppendNull() }},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendString("completed") }},
		{column.Int, intType, func(r *rand.Rand, v *column.Vec) { v.AppendInt(r.Int64N(1e6)) }},
		{column.Int, intType, func(r *rand.Rand, v *column.Vec) { v.AppendNull() }},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Text, textType, func(r *rand.Rand, v *column.Vec) { v.AppendNull() }},
	},
	"narrow": {
		{column.Int, intType, func(r *rand.Rand, v *column.Vec) { v.AppendInt(r.Int64N(1e6)) }},
		{column.Int, intType, func(r *rand.Rand, v *column.Vec) { v.AppendInt(r.Int64N(1e6)) }},
		{column.Timestamp, tsType, randomTimestamp},
		{column.Float, dblType, func(r *rand.Rand, v *column.Vec) { v.AppendFloat(r.Float64()) }},
		{column.Bool, boolType, func(r *rand.Rand, v *column.Vec) { v.AppendBool(r.IntN(10) == 0) }},
	},
}

func benchBatch(shape string, rows int, f pgcopy.Format) (*column.Batch, *rowsReader) {
	cols := benchShapes[shape]
	r := rand.New(rand.NewPCG(1, 2))
	b := &column.Batch{N: rows}
	rd := &rowsReader{table: "public." + shape}
	var described []pgcopy.Column
	for i, c := range cols {
		v := new(column.Vec)
		v.Reset(c.kind)
		for range rows {
			c.fill(r, v)
		}
		name := fmt.Sprint("c", i)
		b.Names, b.Vecs = append(b.Names, name), append(b.Vecs, v)
		described = append(described, pgcopy.Column{Name: name, Kind: c.kind, Type: c.typ})
	}
	var err error
	if rd.enc, err = pgcopy.New(rd.table, described, f); err != nil {
		panic(err)
	}
	return b, rd
}

// BenchmarkEncode measures the encoder alone, by bytes of the format.
func BenchmarkEncode(b *testing.B) {
	for _, name := range []string{"users", "content", "jobs", "narrow", "users binary", "content binary", "jobs binary", "narrow binary"} {
		b.Run(name, func(b *testing.B) {
			shape, binary, _ := strings.Cut(name, " ")
			f := pgcopy.Text
			if binary != "" {
				f = pgcopy.Binary
			}
			batch, rd := benchBatch(shape, 2000, f)
			p := make([]byte, 65531)
			b.ReportAllocs()
			var total int64
			for b.Loop() {
				rd.reset(batch)
				total = 0
				for {
					n, err := rd.Read(p)
					total += int64(n)
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.SetBytes(total)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/row")
		})
	}
}
