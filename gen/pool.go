package gen

import (
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// Pool is a list of texts as one byte arena with offsets, and the same texts as JSON strings, escaped
// once.
type Pool struct {
	Name  string
	Title string
	text  arena
	json  arena
	max   int // characters of the longest text
}

type arena struct {
	data []byte
	off  []int32
}

func (a *arena) at(i int) []byte { return a.data[a.off[i]:a.off[i+1]] }

// NewPool makes a pool of distinct texts.
func NewPool(name, title string, texts []string) *Pool {
	p := &Pool{Name: name, Title: title, text: arena{off: []int32{0}}, json: arena{off: []int32{0}}}
	for _, t := range texts {
		p.text.data = append(p.text.data, t...)
		p.text.off = append(p.text.off, int32(len(p.text.data)))
		p.json.data = column.AppendJSONString(p.json.data, t)
		p.json.off = append(p.json.off, int32(len(p.json.data)))
		p.max = max(p.max, utf8.RuneCountInString(t))
	}
	return p
}

// Len is the number of texts.
func (p *Pool) Len() int { return len(p.text.off) - 1 }

// Text gives text i; it must not be changed.
func (p *Pool) Text(i int) []byte { return p.text.at(i) }

// JSON gives text i as a JSON string; it must not be changed.
func (p *Pool) JSON(i int) []byte { return p.json.at(i) }

// MaxLen is the length of the longest text, in characters.
func (p *Pool) MaxLen() int { return p.max }

// Texts gives all texts.
func (p *Pool) Texts() []string {
	out := make([]string, p.Len())
	for i := range out {
		out[i] = string(p.Text(i))
	}
	return out
}
