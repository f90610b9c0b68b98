package infer

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// site is a column as rules see it.
type site struct {
	table  *table
	column *schema.Column
	words  []string // of the column's name, in small letters: "homeAddress_2" is home, address, 2
	owner  []string // of the table's name, the last one in the singular
	limit  int      // characters that a text holds at most; 0 for no limit
	unique bool     // no value may come twice
	domain *check.Domain
	locale string
	rows   int64
	joined string // the words with underscores between them, once somebody asked: see name
}

// called is a copy of the site whose name has other words.
func (s *site) called(words []string) *site {
	c := *s
	c.words, c.joined = words, ""
	return &c
}

// name gives the words with underscores between them.
func (s *site) name() string {
	if s.joined == "" {
		s.joined = strings.Join(s.words, "_")
	}
	return s.joined
}

// rule gives a column a generator by what it means. Adding one is a file with its rules and a line in rules.
type rule struct {
	name  string // what it recognises: "an e-mail address"
	kinds []column.Kind
	when  func(*site) bool
	make  func(*site) yaml // none where it does not fit after all
	sure  float64          // how sure it is that the column means this, 0 to 1
}

// rules holds every rule. The first that fits gives the first candidate; the others that fit come behind it.
var rules = slices.Concat(
	lookupRules, venueRules, tradeRules, thingRules, softwareRules, personRules, addressRules, companyRules, internetRules, standardRules, codeRules, contentRules, stateRules, nameRules, kindRules, numberRules, measureRules, moneyRules, timeRules, jsonRules, lastRules,
)

// candidates asks the rules; where none fits, whether one fits a name that runs its words together.
func (s *site) candidates() []Candidate {
	out := s.matches()
	if words := unfold(s.words); len(out) == 0 && words != nil {
		out = s.called(words).matches()
	}
	return out
}

func (s *site) matches() (out []Candidate) {
	kind := s.column.Type.Kind
	if wideNumber(&s.column.Type) {
		kind = column.Decimal
	}
	for _, r := range rules {
		if !slices.Contains(r.kinds, kind) || !r.when(s) {
			continue
		}
		if g := s.cased(r.make(s)); g.exists() {
			out = append(out, Candidate{Generator: g, Reason: "its name says " + r.name, Confidence: r.sure, dates: r.name == aYear || r.name == sinceEpoch})
		}
	}
	return out
}

// What rules recognise by which numbers follow one another as moments do.
const (
	aYear      = "a year"
	sinceEpoch = "a moment in seconds since 1970"

	millisSinceEpoch = "a moment in milliseconds since 1970"
	aStateAsNumber   = "a state or a kind"
	aMomentAsText    = "a moment that is a text"
	aDayAsText       = "a day that is a text"
)

// cased writes words in the case that checks want, or that the column's default has.
func (s *site) cased(g yaml) yaml {
	list := g.argument()
	switch {
	case !g.is("word") || list.str() == "":
	case s.domain.Upper || !s.domain.Lower && s.shouts():
		return call("word", "list", list, "case", "upper")
	case s.domain.Lower:
		return call("word", "list", list, "case", "lower")
	}
	return g
}

// shouts tells whether the column's default is a word in capitals.
func (s *site) shouts() bool {
	v, ok := sqlexpr.Constant(s.column.Default)
	return ok && len(v) > 1 && v == strings.ToUpper(v) && v != strings.ToLower(v)
}

var (
	texts   = []column.Kind{column.Text}
	ints    = []column.Kind{column.Int}
	numbers = []column.Kind{column.Int, column.Float, column.Decimal}
	reals   = []column.Kind{column.Float, column.Decimal}
	moments = []column.Kind{column.Timestamp}
	days    = []column.Kind{column.Date}
	times   = []column.Kind{column.Time}
	docs    = []column.Kind{column.JSON}
	blobs   = []column.Kind{column.Bytes}
	bools   = []column.Kind{column.Bool}
)

// hungarian are prefixes that say of what type a column is: strName, dtmCreated; longer ones first.
var hungarian = []string{"str", "dtm", "dt", "int", "lng", "bln", "bol", "cur", "dbl", "txt", "chr", "dec", "num", "b", "n", "s", "i"}

// unprefixed takes such a prefix away, where a word follows.
func unprefixed(name string) string {
	for _, p := range hungarian {
		rest, ok := strings.CutPrefix(name, p)
		if ok && len(rest) > 1 && rest[0] >= 'A' && rest[0] <= 'Z' && rest[1] >= 'a' && rest[1] <= 'z' {
			return rest
		}
	}
	return name
}

// splitName gives the words of a name in small letters, those that are abbreviations in full; a name without letters and
// digits is one word.
func splitName(name string) []string {
	words := wordsIn(name)
	if long := meaning.Spell(words); long != nil {
		return long
	}
	return words
}

// wordsIn gives the words of a name as they stand there, in small letters.
func wordsIn(name string) (words []string) {
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	runes := []rune(unprefixed(name))
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			flush()
		case unicode.IsDigit(r) != (i > 0 && unicode.IsDigit(runes[i-1])) && b.Len() > 0 && unicode.IsDigit(r):
			flush()
		}
		b.WriteRune(r)
	}
	flush()
	if len(words) == 0 {
		return []string{name}
	}
	return words
}

// spell writes the abbreviations among words in full.
func spell(words []string) []string {
	if long := meaning.Spell(words); long != nil {
		return long
	}
	return words
}

// singular gives a word of a table's name in the singular.
func singular(w string) string {
	switch {
	case irregular[w] != "":
		return irregular[w]
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is") && len(w) > 3:
		return w[:len(w)-1]
	}
	return w
}

// irregular are plurals that no rule makes singular.
var irregular = map[string]string{"people": "person", "children": "child", "statuses": "status", "bonuses": "bonus", "campuses": "campus", "buses": "bus",
	"viruses": "virus", "aliases": "alias", "analyses": "analysis", "diagnoses": "diagnosis", "shelves": "shelf", "movies": "movie", "cookies": "cookie", "calories": "calorie", "series": "series", "species": "species", "wolves": "wolf", "calves": "calf", "leaves": "leaf", "knives": "knife", "halves": "half", "teeth": "tooth", "feet": "foot", "geese": "goose", "matrices": "matrix", "indices": "index", "vertices": "vertex", "quizzes": "quiz", "gases": "gas", "women": "woman", "men": "man", "mice": "mouse"}

// ownWords are the column's words without those of its table at their beginning: user_name of users is name.
func (s *site) ownWords() []string {
	w := s.words
	if len(w) > 1 && len(s.owner) > 0 && w[0] == s.owner[len(s.owner)-1] {
		return w[1:]
	}
	return w
}

// is tells whether the name is one of some: words with underscores between them, with the table's own name
// before them or without.
func (s *site) is(names ...string) bool {
	all := s.name()
	own := all
	if len(s.ownWords()) < len(s.words) {
		own = all[len(s.words[0])+1:]
	}
	return slices.ContainsFunc(names, func(n string) bool { n = spelled(n); return n == all || n == own })
}

// spelled writes a name as splitName's words are joined: a number is a word, so that md5 is md_5.
func spelled(name string) string {
	for i := range len(name) {
		if name[i] >= '0' && name[i] <= '9' {
			return strings.Join(splitName(name), "_")
		}
	}
	return name
}

// ends tells whether the name ends in one of some.
func (s *site) ends(names ...string) bool {
	all := s.name()
	return slices.ContainsFunc(names, func(n string) bool {
		before, ok := strings.CutSuffix(all, spelled(n))
		return ok && (before == "" || before[len(before)-1] == '_')
	})
}

// has tells whether one of some words is in the name.
func (s *site) has(words ...string) bool {
	all := s.name()
	return slices.ContainsFunc(words, func(w string) bool { return hasWord(all, spelled(w)) })
}

// hasWord tells whether some words are among others, both with underscores between them.
func hasWord(all, some string) bool {
	for from := 0; from+len(some) <= len(all); {
		i := strings.Index(all[from:], some)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(some)
		if (begin == 0 || all[begin-1] == '_') && (end == len(all) || all[end] == '_') {
			return true
		}
		from = begin + 1
	}
	return false
}

// of tells whether the table's name has one of some words, in the singular.
func (s *site) of(words ...string) bool {
	return slices.ContainsFunc(s.owner, func(w string) bool { return slices.Contains(words, w) })
}

// about tells whether the table's rows are one of some things: its name ends in that word, in the singular. A type of
// contacts is about no contact.
func (s *site) about(words ...string) bool {
	n := len(s.owner)
	for n > 1 && slices.Contains([]string{"archive", "old", "new", "copy", "tmp", "data", "info", "detail", "table", "master", "record", "list", "history"}, s.owner[n-1]) {
		n--
	}
	return n > 0 && slices.Contains(words, s.owner[n-1])
}

// besideAny tells whether another column has one of some words in its name.
func (s *site) besideAny(words ...string) bool {
	return slices.ContainsFunc(s.table.schema.Columns, func(c *schema.Column) bool {
		return c.Name != s.column.Name && slices.ContainsFunc(splitName(c.Name), func(w string) bool { return slices.Contains(words, w) })
	})
}

// near tells whether the table has another column whose name has the same words before one of some last ones:
// ship_city is near ship_region.
func (s *site) near(last ...string) bool {
	own := s.words
	if n := len(own); n > 1 && slices.Contains([]string{"country_code", "postal_code", "zip_code", "state_code", "country_iso", "country_name", "region_code", "post_code", "time_zone"}, own[n-2]+"_"+own[n-1]) {
		own = own[:n-1] // billing_country_code is near billing_city
	}
	before := strings.Join(own[:len(own)-1], "_")
	if before != "" {
		before += "_"
	}
	return slices.ContainsFunc(s.table.schema.Columns, func(c *schema.Column) bool {
		name := strings.Join(splitName(c.Name), "_")
		return c.Name != s.column.Name && slices.ContainsFunc(last, func(l string) bool { return name == before+l })
	})
}

// coded tells whether the name says that a short word, a number or a key stands there, not what someone wrote.
func (s *site) coded() bool {
	return s.ends("type", "kind", "status", "state", "mode", "id", "ids", "hash", "key", "format", "code", "count", "level", "class", "url", "uri", "path", "sha", "oid", "number", "version", "language", "lang", "encoding", "charset", "size")
}

// beside tells whether the table has a column of one of some names.
func (s *site) beside(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return s.table.schema.Column(n) != nil })
}

// group names the thing that columns of one row share, by what stands before the last words of their
// names: billing_city and billing_zip are of one address.
func (s *site) group(last ...string) string {
	name := s.name()
	for _, l := range last {
		if before, ok := strings.CutSuffix(name, l); ok {
			before = strings.Trim(before, "_")
			if before == "" || len(s.owner) > 0 && before == s.owner[len(s.owner)-1] {
				return "self"
			}
			return before
		}
	}
	return "self"
}

// fits tells whether a text of so many characters has room.
func (s *site) fits(n int) bool { return s.limit == 0 || s.limit >= n }
