package check

import (
	"fmt"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// BenchmarkEval states what a row costs.
func BenchmarkEval(b *testing.B) {
	table := &schema.Table{Name: "t", Columns: []*schema.Column{
		{Name: "low", Type: schema.Type{Name: "integer", Kind: column.Int, Width: 4}},
		{Name: "high", Type: schema.Type{Name: "integer", Kind: column.Int, Width: 4}},
		{Name: "price", Type: schema.Type{Name: "numeric", Kind: column.Decimal, Scale: 2}},
		{Name: "code", Type: schema.Type{Name: "text", Kind: column.Text}},
	}}
	const rows = 1000
	vecs := map[string]*column.Vec{}
	for _, c := range table.Columns {
		v := new(column.Vec)
		v.Reset(c.Type.Kind)
		v.Scale = int32(c.Type.Scale)
		for i := range rows {
			if c.Type.Kind == column.Text {
				v.AppendString(fmt.Sprintf("code-%d", i))
			} else {
				v.AppendInt(int64(i))
			}
		}
		vecs[c.Name] = v
	}
	for _, e := range []string{
		"low < high",
		"(price >= (0)::numeric)",
		"((low > 0) AND (high >= low) AND (price IS NOT NULL))",
		"(code = ANY (ARRAY['a'::text, 'b'::text, 'code-7'::text]))",
		"(code ~ '^[a-z]+-[0-9]+$'::text)",
		"((length(btrim(code)) > 0) AND (code = lower(code)))",
		"(((price * (2)::numeric) + (low)::numeric) <= (100000)::numeric)",
	} {
		b.Run(e, func(b *testing.B) {
			p, err := Compile(table, e, "", Options{})
			if err != nil {
				b.Fatal(err)
			}
			var in []*column.Vec
			for _, name := range p.Columns {
				in = append(in, vecs[name])
			}
			ev := p.Evaluator()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := ev.Eval(in, i%rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
