package gen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Document draws texts with a structure, for the types tsvector, tsquery, xml, ltree, lquery, hstore and
// jsonpath. JSON is made by object and array.
type Document struct {
	Type string `yaml:"type" short:"true" desc:"tsvector, tsquery, xml, ltree, lquery, hstore or jsonpath (default: the column's type, or else xml)"`
	Max  int    `yaml:"max" desc:"tsvector: the largest number of words (default 8); ltree: of labels (default 4)"`
}

// OutputVersion implements Maker.
func (*Document) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Document) Make(c *Context) (Filler, error) {
	typ, err := typeArgument(m.Type, c, "xml", "tsvector", "tsquery", "xml", "ltree", "lquery", "hstore", "jsonpath")
	if err != nil {
		return nil, err
	}
	if m.Max < 0 || m.Max > 50 || m.Max > 0 && typ != "tsvector" && typ != "ltree" {
		return nil, fmt.Errorf("max %d: 1 to 50, with tsvector and ltree alone", m.Max)
	}
	known := documentWords()
	word, other := listForm(known), listForm(newWords(lettersOnly(WordList("adjective"))))
	lit := literalForm
	var f *form
	switch typ {
	case "tsvector":
		v := &lexemes{key: c.Key, words: known, most: m.Max}
		if v.most == 0 {
			v.most = 8
		}
		return v, nil
	case "tsquery":
		quoted := sequenceForm(lit("'"), word, lit("'"))
		f = sequenceForm(lit("'"), other, lit("'"), choiceForm(lit(""), sequenceForm(lit(" & "), quoted), sequenceForm(lit(" | "), quoted)))
	case "xml":
		first := listForm(newWords(capitalized(known.texts())))
		f = sequenceForm(lit("<note><title>"), first, lit(" and "), other, lit(" "), word, lit("</title><priority>"),
			listForm(newWords([]string{"low", "normal", "high"})), lit("</priority><body>"), englishForms().sentence, lit("</body></note>"))
	case "ltree":
		label := listForm(newWords(capitalized(known.texts())))
		most := m.Max
		if most == 0 {
			most = 4
		}
		f = sequenceForm(label, repeatForm(sequenceForm(lit("."), label), 0, most-1))
	case "lquery":
		label := listForm(newWords(capitalized(known.texts())))
		f = sequenceForm(choiceForm(lit(""), lit("*.")), label, choiceForm(lit(""), lit(".*")))
	case "hstore": // the keys in the order of the type: shorter ones first
		pair := func(key string, list ...string) *form {
			return sequenceForm(lit(`"`+key+`"=>"`), listForm(newWords(list)), lit(`"`))
		}
		comma := lit(", ")
		f = sequenceForm(pair("size", "small", "medium", "large"), comma, pair("color", "black", "blue", "green", "red", "white", "yellow"),
			comma, sequenceForm(lit(`"origin"=>"`), word, lit(`"`)), comma, pair("material", "cotton", "glass", "leather", "metal", "paper", "wood"))
	case "jsonpath":
		f = sequenceForm(lit(`$."`), word, lit(`"`), choiceForm(lit(""), lit("[*]"), sequenceForm(lit(`."`), word, lit(`"`))))
	}
	return literally(typ, newDrawn("document "+typ, c.Key, f, nil, ".*")), nil
}

func lettersOnly(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") != "" })
}

// documentWords are words of letters alone, in the order of their bytes, as the words of a tsvector are.
var documentWords = sync.OnceValue(func() *words {
	texts := lettersOnly(WordList("noun"))
	slices.Sort(texts)
	return newWords(texts)
})

// lexemes is the Filler of tsvectors.
type lexemes struct {
	key   rng.Key
	words *words
	most  int
}

func (f *lexemes) Kind() column.Kind { return column.Literal }
func (f *lexemes) Facts() Facts      { return Facts{Drawn: true} }
func (f *lexemes) String() string    { return fmt.Sprintf("tsvector of 1 to %d words", f.most) }
func (f *lexemes) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		n := 1 + int(st.N(uint64(f.most)))
		chosen := st.Subset(s.Scratch.Index[:0], n, f.words.len())
		slices.Sort(chosen)
		s.Scratch.Index = chosen
		shift := int(st.N(uint64(n))) // where in the text the words stand
		for j, w := range chosen {
			if j > 0 {
				dst.Data = append(dst.Data, ' ')
			}
			dst.Data = append(append(append(dst.Data, '\''), f.words.at(int(w))...), "':"...)
			dst.Data = strconv.AppendInt(dst.Data, int64((j+shift)%n)+1, 10)
		}
		dst.EndCell()
	}
	return nil
}
