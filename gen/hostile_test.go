package gen

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/internal/bound/hostile"
)

// No expression, pattern or template kills the process, or takes minutes.
func TestHostile(t *testing.T) {
	texts := []string{"(a|b)*a(a|b){12}", "[a-z]{1000}", "(a{1,1000}|b){1,2}", "((a*)*)*b", "(.{1,30}a){1,30}", "(a?){1000}", "((((((((a*)*)*)*)*)*)*)*)*", ".*a.{11}b.{11}c", "%a%b%c%a_______%b_______%"}
	texts = append(texts, hostile.Texts(120)...)
	for _, unit := range []string{"(", "[", "not ", "- ", "(?:", "a ? a : "} {
		texts = append(texts, strings.Repeat(unit, (bound.Text-10)/len(unit)), strings.Repeat(unit, 2_000_000/len(unit)))
	}
	for _, text := range texts {
		hostile.Watch(t, text, func() { makes(text) })
	}
}

// anyCell is a Host for which every path is a cell of one kind.
type anyCell struct {
	*bench
	kind column.Kind
}

func (h anyCell) Input(path string) (Input, error) { return Input{Path: path, Kind: h.kind}, nil }

// FuzzHostile: no text of any kind does.
func FuzzHostile(f *testing.F) {
	for _, text := range hostile.Texts(60) {
		f.Add(text, uint16(1))
	}
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		if text = hostile.Repeated(text, times); len(text) < 20_000 {
			hostile.Watch(t, text, func() { makes(text) })
		}
	})
}

// makes hands a text to the generators that parse one.
func makes(text string) {
	b := newBench()
	for _, kind := range []column.Kind{column.Int, column.Bool, column.Text} {
		b.c.Host = anyCell{b, kind}
		_, _ = (&Expression{Expr: text}).Make(&b.c)
	}
	_, _ = (&Template{Of: text}).Make(&b.c)
	for _, m := range []*Pattern{{Regex: text}, {Match: []string{text}}, {None: []string{text}}, {Like: []string{text}}} {
		f, err := m.Make(&b.c)
		if err != nil {
			continue
		}
		v := new(column.Vec)
		v.Reset(column.Text)
		_ = f.Fill(v, &Span{Rows: Rows{N: 3}, Scratch: new(Scratch)})
	}
}
