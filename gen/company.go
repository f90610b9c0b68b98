package gen

import (
	"strings"

	"github.com/brianvoe/gofakeit/v7/data"
)

// Company draws what is known of companies and what they sell.
type Company struct {
	Field string `yaml:"field" short:"true" required:"true" desc:"name, catch_phrase, industry, department or product"`
}

// OutputVersion implements Maker.
func (*Company) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Company) Make(c *Context) (Filler, error) {
	f, err := m.make(c)
	if err != nil {
		return nil, err
	}
	return fitted(c, f, cutWords), nil
}

func (m *Company) make(c *Context) (Filler, error) {
	what := "company " + m.Field
	list := func(texts []string, pattern string) (Filler, error) {
		return newDrawn(what, c.Key, listForm(newWords(texts)), nil, pattern), nil
	}
	switch m.Field {
	case "name": // Garcia Holdings, Garcia & Wolf, Garcia & Wolf Holdings
		name, kind := listForm(people().last), sequenceForm(literalForm(" "), listForm(wordsOf("company", "form")))
		two := sequenceForm(literalForm(" & "), name, choiceForm(literalForm(""), kind))
		return newDrawn(what, c.Key, sequenceForm(name, choiceForm(kind, two)), nil, `[A-Z][A-Za-z.& ]+`), nil
	case "catch_phrase":
		return newDrawn(what, c.Key, phrases("company", "phrase"), nil, `[A-Z][A-Za-z, ]+\.`), nil
	case "industry", "department":
		return list(section("company", m.Field), `[A-Z][A-Za-z ]+`)
	case "product": // Compact Bamboo Lamp
		parts := []*form{}
		for i, key := range []string{"adjective", "material", "name"} {
			if i > 0 {
				parts = append(parts, literalForm(" "))
			}
			parts = append(parts, listForm(newWords(capitalized(singleWords(data.Product[key])))))
		}
		return newDrawn(what, c.Key, sequenceForm(parts...), nil, `[A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+`), nil
	}
	return nil, unknownField(m.Field, []string{"name", "catch_phrase", "industry", "department", "product"})
}

// singleWords gives the texts that are lower-case letters alone.
func singleWords(texts []string) []string {
	var out []string
	for _, t := range texts {
		if strings.Trim(t, "abcdefghijklmnopqrstuvwxyz") == "" {
			out = append(out, t)
		}
	}
	return out
}
