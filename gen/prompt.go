package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Prompt writes a text prompt: distinct phrases of one domain and distinct general phrases, put
// together by one of several templates.
//
// A template is literal text with slots: {phrases} is the row's phrases of its domain, {phrase} takes
// the first (next) of them, {general} is the row's general phrases, {domain} the domain's title in
// lower case. Lists are joined by ", ". Text in square brackets falls away when the {general} in it is
// empty.
type Prompt struct {
	Templates  string `yaml:"templates" required:"true" desc:"the pool of templates"`
	Domains    string `yaml:"domains" required:"true" desc:"the group of pools, one a domain, that a row takes its phrases from"`
	General    string `yaml:"general" required:"true" desc:"the pool of general phrases"`
	MinGeneral int    `yaml:"min_general" desc:"the smallest number of general phrases (default 0)"`
	MaxGeneral int    `yaml:"max_general" required:"true" desc:"the largest number of general phrases"`
	MinDomain  int    `yaml:"min_domain" required:"true" desc:"the smallest number of phrases of the domain"`
	MaxDomain  int    `yaml:"max_domain" required:"true" desc:"the largest number of phrases of the domain"`
}

// OutputVersion implements Maker.
func (*Prompt) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Prompt) Make(c *Context) (Filler, error) {
	f := &prompt{key: c.Key, minGeneral: m.MinGeneral, maxGeneral: m.MaxGeneral, minDomain: m.MinDomain, maxDomain: m.MaxDomain}
	var err error
	if f.general, err = c.Host.Pool(m.General); err != nil {
		return nil, err
	}
	if f.domains, err = c.Host.Group(m.Domains); err != nil {
		return nil, err
	}
	if err := checkSubset("general phrases", m.MinGeneral, m.MaxGeneral, f.general); err != nil {
		return nil, err
	}
	for _, d := range f.domains {
		if err := checkSubset("domain phrases", m.MinDomain, m.MaxDomain, d); err != nil {
			return nil, err
		}
		f.titles = append(f.titles, strings.ToLower(d.Title))
	}
	pool, err := c.Host.Pool(m.Templates)
	if err != nil {
		return nil, err
	}
	for _, text := range pool.Texts() {
		t, err := parseTemplate(text)
		if err != nil {
			return nil, fmt.Errorf("template %q: %w", text, err)
		}
		if t.singles >= m.MinDomain && m.MinDomain > 0 || m.MinDomain == 0 && t.singles > 0 {
			return nil, fmt.Errorf("template %q takes %d single phrases and must leave one for {phrases}: the smallest number of domain phrases is %d", text, t.singles, m.MinDomain)
		}
		f.templates = append(f.templates, t)
	}
	f.maxLen = f.longest()
	return f, nil
}

// slot says what a piece of a template is.
type slot uint8

const (
	literal slot = iota
	phraseSlot
	phrasesSlot
	domainSlot
	generalSlot
)

// piece is a part of a template: text, then the value of its slot.
type piece struct {
	slot     slot
	text     string
	optional bool // falls away when there are no general phrases
}

type template struct {
	pieces  []piece
	singles int // number of {phrase} slots
}

func parseTemplate(text string) (t template, err error) {
	var lists, generals int
	optional := false
	for text != "" {
		switch text[0] {
		case '[':
			if optional {
				return t, fmt.Errorf("brackets do not nest")
			}
			optional, text = true, text[1:]
		case ']':
			if !optional {
				return t, fmt.Errorf("] without [")
			}
			optional, text = false, text[1:]
		case '{':
			name, rest, ok := strings.Cut(text[1:], "}")
			if !ok {
				return t, fmt.Errorf("{ without }")
			}
			p := piece{optional: optional}
			switch name {
			case "phrase":
				p.slot = phraseSlot
				t.singles++
			case "phrases":
				p.slot = phrasesSlot
				lists++
			case "domain":
				p.slot = domainSlot
			case "general":
				p.slot = generalSlot
				generals++
				if !optional {
					return t, fmt.Errorf("{general} may be empty: put it in brackets with its separator, as in [, {general}]")
				}
			default:
				return t, fmt.Errorf("{%s} is unknown: {phrase}, {phrases}, {domain} or {general}", name)
			}
			if optional && p.slot != generalSlot {
				return t, fmt.Errorf("{%s} cannot stand in brackets", name)
			}
			t.pieces = append(t.pieces, p)
			text = rest
		default:
			end := strings.IndexAny(text, "[]{")
			if end < 0 {
				end = len(text)
			}
			t.pieces = append(t.pieces, piece{text: text[:end], optional: optional})
			text = text[end:]
		}
	}
	switch {
	case optional:
		return t, fmt.Errorf("[ without ]")
	case lists != 1:
		return t, fmt.Errorf("{phrases} must stand in it once, not %d times", lists)
	case generals > 1:
		return t, fmt.Errorf("{general} may stand in it only once")
	}
	return t, nil
}

type prompt struct {
	key                    rng.Key
	templates              []template
	domains                []*Pool
	titles                 []string
	general                *Pool
	minGeneral, maxGeneral int
	minDomain, maxDomain   int
	maxLen                 int
}

func (f *prompt) Kind() column.Kind { return column.Text }
func (f *prompt) Facts() Facts      { return Facts{Drawn: true} }
func (f *prompt) Bounds() Bounds    { return Bounds{MaxLen: f.maxLen} }
func (f *prompt) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		d := int(st.N(uint64(len(f.domains))))
		t := &f.templates[st.N(uint64(len(f.templates)))]
		ng := f.minGeneral + int(st.N(uint64(f.maxGeneral-f.minGeneral)+1))
		nd := f.minDomain + int(st.N(uint64(f.maxDomain-f.minDomain)+1))
		index := st.Subset(s.Scratch.Index[:0], nd, f.domains[d].Len())
		index = st.Subset(index, ng, f.general.Len())
		s.Scratch.Index = index
		dst.Data = f.render(dst.Data, t, d, index[:nd], index[nd:])
		dst.EndCell()
	}
	return nil
}

func (f *prompt) render(b []byte, t *template, d int, phrases, general []int32) []byte {
	pool := f.domains[d]
	next := 0
	for i := range t.pieces {
		p := &t.pieces[i]
		if p.optional && len(general) == 0 {
			continue
		}
		switch p.slot {
		case literal:
			b = append(b, p.text...)
		case phraseSlot:
			b = append(b, pool.Text(int(phrases[next]))...)
			next++
		case phrasesSlot:
			rest := len(phrases) - (t.singles - next) // the {phrase} slots behind take the last ones
			b = appendJoined(b, pool, phrases[next:rest])
			next = rest
		case domainSlot:
			b = append(b, f.titles[d]...)
		case generalSlot:
			b = appendJoined(b, f.general, general)
		}
	}
	return b
}

func appendJoined(b []byte, pool *Pool, index []int32) []byte {
	for j, at := range index {
		if j > 0 {
			b = append(b, ", "...)
		}
		b = append(b, pool.Text(int(at))...)
	}
	return b
}

// longest bounds the length of a prompt, in characters.
func (f *prompt) longest() int {
	domain, title := 0, 0
	for i, d := range f.domains {
		domain = max(domain, d.MaxLen())
		title = max(title, len(f.titles[i]))
	}
	text := 0
	for _, t := range f.templates {
		n := 0
		for _, p := range t.pieces {
			n += len(p.text)
			if p.slot == domainSlot {
				n += title
			}
		}
		text = max(text, n)
	}
	return text + f.maxDomain*(domain+2) + f.maxGeneral*(f.general.MaxLen()+2)
}

func (f *prompt) String() string {
	return fmt.Sprintf("prompt of %d to %d phrases of one of %d domains, %d to %d general ones, %d templates",
		f.minDomain, f.maxDomain, len(f.domains), f.minGeneral, f.maxGeneral, len(f.templates))
}
func (f *prompt) Rules() []Rule {
	return []Rule{{
		Text: fmt.Sprintf("has at most %d characters", f.maxLen),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("(%s is not null and %s <= %d)", x, d.Length(x), f.maxLen)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return !v.Null(i) && len(v.Bytes(i)) <= f.maxLen },
	}}
}
