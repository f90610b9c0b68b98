package check

import (
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/internal/bound/hostile"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// reads does to a text all that is done to one of a database: it is parsed, printed, compiled, solved and tried, as
// a check, a pattern, a default and a function's body.
func reads(text string, sqlite bool) {
	table := &schema.Table{Name: "t"}
	for _, name := range []string{"a", "b", "x"} {
		table.Columns = append(table.Columns, &schema.Column{Name: name, Type: schema.Type{Name: "text", Base: "text", Kind: column.Text}})
	}
	o := Options{SQLite: sqlite, Now: time.Unix(0, 0), Functions: map[string]*schema.Function{"f": {Name: "f", Language: "sql", Body: text, Args: []string{"a"}}}}
	try := func(condition string) {
		p, err := Compile(table, condition, "", o)
		if err != nil {
			return
		}
		var cells []*column.Vec
		for range p.Columns {
			v := new(column.Vec)
			v.Reset(column.Text)
			v.AppendString("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
			cells = append(cells, v)
		}
		_, _ = p.Evaluator().Eval(cells, 0)
	}
	for _, condition := range []string{text, "a ~ " + sqlexpr.QuoteString(text), "a LIKE " + sqlexpr.QuoteString(text), "a SIMILAR TO " + sqlexpr.QuoteString(text), "f(b) = b"} {
		try(condition)
		table.Checks = []*schema.Check{{Name: "c", Expression: condition}}
		_, _ = Solve(table, nil, 8, o)
	}
	_, _, _ = Predicate(text, table, 8, o)
	_, _ = decodeJSON([]byte(text))
	_, _ = (&typ{kind: kArray, elem: textType}).input(text)
}

// No text kills the process, or takes minutes.
func TestHostile(t *testing.T) {
	var texts []string
	texts = append(texts, hostile.Texts(1_200)...)
	for _, link := range []string{" or a is null", " || a"} {
		texts = append(texts, "a"+strings.Repeat(link, (bound.SQL-10)/len(link)))
	}
	for _, text := range append(texts, strings.Repeat("(", 4_000_000)) {
		for _, sqlite := range []bool{false, true} {
			hostile.Watch(t, text, func() { reads(text, sqlite) })
		}
	}
}

// FuzzHostile: no text of any kind does.
func FuzzHostile(f *testing.F) {
	for _, text := range hostile.Texts(60) {
		f.Add(text, uint16(1), false)
		f.Add(text, uint16(1), true)
	}
	f.Fuzz(func(t *testing.T, text string, times uint16, sqlite bool) {
		if text = hostile.Repeated(text, times); len(text) < 20_000 {
			hostile.Watch(t, text, func() { reads(text, sqlite) })
		}
	})
}
