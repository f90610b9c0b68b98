package gen

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Prose writes what people write of something: a review that fits its rating, a description of a product, an article. Its
// sentences are lines of gen/data/prose.txt, in their order there.
type Prose struct {
	Genre     string  `yaml:"genre" short:"true" required:"true" desc:"what is written: review, review_title, product, product_name, article, article_title, comment, issue, issue_title and others"`
	Of        string  `yaml:"of" desc:"the path of the text that names what it is about, such as product_id.name"`
	By        string  `yaml:"by" desc:"the path of the cell that decides between the genre's kinds: the rating of a review, the category of a product"`
	Group     string  `yaml:"group" desc:"a name that columns share whose cells are about the same topic"`
	Sentences *Extent `yaml:"sentences" desc:"the number of sentences (default 1)"`
}

// OutputVersion implements Maker.
func (*Prose) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Prose) Make(c *Context) (Filler, error) {
	g, err := genreOf(m.Genre)
	if err != nil {
		return nil, err
	}
	f := &prose{name: m.Genre, genre: g, key: c.Key, of: -1, by: -1, least: 1, most: 1}
	if f.topic, err = c.groupKey("prose", m.Group); err != nil {
		return nil, err
	}
	if m.Sentences != nil {
		if f.least, f.most, err = m.Sentences.bounds("sentences"); err != nil {
			return nil, err
		}
	}
	if m.Of != "" {
		in, err := textInput(c, m.Of)
		if err != nil {
			return nil, err
		}
		f.of, f.ofLen, f.says = in.Index, in.Bounds.MaxLen, " of "+m.Of
	}
	if m.By != "" {
		in, err := c.Host.Input(m.By)
		if err != nil {
			return nil, err
		}
		f.by, f.says = in.Index, f.says+" by "+m.By
	}
	if c.Type.Kind == column.Text {
		f.limit = c.Type.Length
	}
	return f, nil
}

// GroupName implements Grouped.
func (m *Prose) GroupName() string { return m.Group }

// genre is what is written of one kind of thing.
type genre struct {
	kinds  []string           // "" alone where there is one
	lines  map[string][]*line // by kind
	plain  map[string][]*line // those that do not name what they are about
	topics [][]string         // each with the words for {1}, {2} and so on
	widest int                // bytes of the longest line without the text it is of
	names  int                // how often such a text stands in a line at most
}

// line is a sentence with slots.
type line struct {
	parts []linePart
	of    bool // it names what it is about
}

type linePart struct {
	text  string
	list  []string // one of these
	topic int      // a word of the topic, from 1 on
	it    bool     // what it is about
	upper bool     // the first letter is a capital
}

// genres are read when one is first asked for.
var genres = sync.OnceValue(func() map[string]*genre {
	raw, err := dataFiles.ReadFile("data/prose.txt")
	if err != nil {
		panic(err)
	}
	sections, order := map[string][]string{}, []string{}
	name := ""
	for text := range strings.Lines(string(raw)) {
		switch text = strings.TrimSpace(text); {
		case text == "" || strings.HasPrefix(text, "# "):
		case text[0] == '[':
			name = strings.Trim(text, "[]")
			order = append(order, name)
		default:
			sections[name] = append(sections[name], text)
		}
	}
	out := map[string]*genre{}
	for _, name := range order {
		if strings.HasPrefix(name, "=") || strings.HasSuffix(name, " topics") {
			continue
		}
		of, kind, _ := strings.Cut(name, " ")
		g := out[of]
		if g == nil {
			g = &genre{lines: map[string][]*line{}, plain: map[string][]*line{}}
			family, _, _ := strings.Cut(of, "_")
			for _, t := range sections[family+" topics"] {
				g.topics = append(g.topics, strings.Split(t, "|"))
			}
			out[of] = g
		}
		for kind := range strings.SplitSeq(kind, ",") { // [review 4,5] is of both
			if !slices.Contains(g.kinds, kind) {
				g.kinds = append(g.kinds, kind)
			}
			for _, text := range sections[name] {
				g.add(kind, text, sections)
			}
		}
	}
	return out
})

// add reads a line: {name} is a word of the section [=name], {it} what is written about, {1} a word of the topic. A
// capital letter, or ^ before a number, stands for one.
func (g *genre) add(kind, text string, sections map[string][]string) {
	l, wide, names := &line{}, 0, 0
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			l.parts, wide = append(l.parts, linePart{text: before}), wide+len(before)
		}
		if !found {
			break
		}
		var slot string
		slot, text, _ = strings.Cut(rest, "}")
		low := strings.TrimPrefix(strings.ToLower(slot), "^")
		p := linePart{upper: low != slot}
		switch {
		case low == "it":
			p.it, l.of, names = true, true, names+1
		case low >= "1" && low <= "9" && len(low) == 1:
			p.topic = int(low[0] - '0')
			longest := 0
			for _, t := range g.topics {
				longest = max(longest, len(t[p.topic-1]))
			}
			wide += longest
		default:
			p.list = sections["="+low]
			if len(p.list) == 0 {
				panic("gen: data/prose.txt has no section =" + low)
			}
			longest := 0
			for _, w := range p.list {
				longest = max(longest, len(w))
			}
			wide += longest
		}
		l.parts = append(l.parts, p)
	}
	g.widest, g.names = max(g.widest, wide), max(g.names, names)
	g.lines[kind] = append(g.lines[kind], l)
	if !l.of {
		g.plain[kind] = append(g.plain[kind], l)
	}
}

// Genres gives the names of what prose writes, sorted.
func Genres() []string {
	var out []string
	for name := range genres() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// GenreKinds gives the values between which a genre decides; nil where there is no such genre or one kind alone.
func GenreKinds(name string) []string {
	if g := genres()[name]; g != nil && len(g.kinds) > 1 {
		return slices.Clone(g.kinds)
	}
	return nil
}

func genreOf(name string) (*genre, error) {
	if g := genres()[name]; g != nil {
		return g, nil
	}
	return nil, unknown("genre", name, Genres()...)
}

type prose struct {
	name, says  string
	genre       *genre
	key, topic  rng.Key
	of, by      int // indexes of inputs; -1 for none
	ofLen       int // characters of the text it is of; 0 where that is not known
	least, most int // sentences
	limit       int // characters; 0 for no limit
}

func (f *prose) Kind() column.Kind { return column.Text }
func (f *prose) Facts() Facts      { return Facts{Drawn: true, Unbounded: f.bound() == 0} }
func (f *prose) Bounds() Bounds    { return Bounds{MaxLen: f.bound()} }
func (f *prose) String() string    { return "prose: " + f.name + f.says }

// bound is the number of characters of the longest text; 0 where it is not known.
func (f *prose) bound() int {
	n := f.most * (f.genre.widest + 2)
	if f.of >= 0 && f.genre.names > 0 {
		if f.ofLen == 0 {
			return f.limit
		}
		n += f.most * f.genre.names * f.ofLen
	}
	if f.limit > 0 {
		n = min(n, f.limit)
	}
	return n
}

func (f *prose) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		st := f.key.At(row, s.Attempt)
		var topic []string
		if n := len(f.genre.topics); n > 0 {
			shared := f.topic.At(row, 0)
			topic = f.genre.topics[shared.N(uint64(n))]
		}
		var it []byte
		if f.of >= 0 && !s.Inputs[f.of].Null(i) {
			it = s.Inputs[f.of].Bytes(i)
		}
		from := f.genre.lines
		if it == nil {
			from = f.genre.plain
		}
		lines := from[f.kind(s, i, &st)]
		n := f.least
		if f.most > f.least {
			n += int(st.N(uint64(f.most-f.least) + 1))
		}
		dst.Data = f.write(dst.Data, lines, min(n, len(lines)), it, topic, &st, s.Scratch)
		dst.EndCell()
	}
	return nil
}

// kind finds what a row is about: by the cell that decides, or any.
func (f *prose) kind(s *Span, i int, st *rng.Stream) string {
	if len(f.genre.kinds) == 1 {
		return f.genre.kinds[0]
	}
	if f.by >= 0 && !s.Inputs[f.by].Null(i) {
		v := s.Inputs[f.by]
		var room [64]byte
		x := room[:0]
		if v.Kind == column.Text {
			x = append(x, v.Bytes(i)...)
		} else {
			x = v.AppendText(x, i)
			if at := slices.Index(x, '.'); at > 0 {
				x = x[:at]
			}
		}
		if _, ok := f.genre.lines[string(x)]; ok {
			return f.genre.kinds[slices.Index(f.genre.kinds, string(x))]
		}
	}
	return f.genre.kinds[st.N(uint64(len(f.genre.kinds)))]
}

// sentencesAtOnce is the number of sentences beyond which a text has paragraphs.
const sentencesAtOnce, inParagraph = 5, 3

// write appends n of the lines, as far as there is room for them.
func (f *prose) write(b []byte, lines []*line, n int, it []byte, topic []string, st *rng.Stream, scratch *Scratch) []byte {
	begin := len(b)
	index := st.Subset(scratch.Index[:0], n, len(lines))
	scratch.Index = index
	slices.Sort(index)
	written := 0
	for _, at := range index {
		l := lines[at]
		end := len(b)
		if written > 0 {
			if n > sentencesAtOnce && written%inParagraph == 0 {
				b = append(b, "\n\n"...)
			} else {
				b = append(b, ' ')
			}
		}
		b = l.write(b, it, topic, st)
		if f.limit > 0 && utf8.RuneCount(b[begin:]) > f.limit {
			if written > 0 {
				return b[:end]
			}
			cut := cutWords(b[begin:], f.limit)
			return b[:begin+len(cut)]
		}
		written++
	}
	return b
}

func (l *line) write(b, it []byte, topic []string, st *rng.Stream) []byte {
	for i := range l.parts {
		p := &l.parts[i]
		at := len(b)
		switch {
		case p.list != nil:
			b = append(b, p.list[st.N(uint64(len(p.list)))]...)
		case p.topic > 0:
			b = append(b, topic[p.topic-1]...)
		case p.it:
			b = append(b, it...)
		default:
			b = append(b, p.text...)
		}
		if p.upper && at < len(b) && b[at] >= 'a' && b[at] <= 'z' {
			b[at] -= 'a' - 'A'
		}
	}
	return b
}

func (f *prose) Rules() []Rule {
	most := f.bound()
	if most == 0 {
		return nil
	}
	return []Rule{{
		Text: fmt.Sprintf("has at most %d characters", most),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("(%s is not null and %s <= %d)", x, d.Length(x), most)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			return !v.Null(i) && utf8.RuneCount(v.Bytes(i)) <= most
		},
	}}
}
