package infer

import (
	"maps"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// foldedWords are the words that names are made of which run them together, as databases do that fold names to one
// case: emailaddress, startdate.
var foldedWords = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`
		account actual address age alpha amount area average bank base begin bill billing birth body brand building business buyer by
		cancel card category cell change channel charge city class client close closed code color comment commission company contact content
		cost count country create created credit currency customer date day days default delete deleted delivery department description device digit
		discount display district due duration edit email employee enabled end event exchange exp expiration expire expires extension external
		fax file finish finished first flag format from full gender grade group hash height hire hired home host hour id image index industry
		invoice is iso item job key kind language last lat latitude length level line list lng location login long longitude
		mail manager max measure media member message method middle min minute mobile mode model modified month name national
		note number object open order owner page paid parent part password path pay payment percent period person phone picture place
		point position post postal price primary product profile project province public purchase qty quantity rank rate rating
		reason receive record ref reference region release request required return review reviewer role room salary sale sales salt scale scheduled score sort
		sell seller send sequence serial service session sex ship shipment shipped shipping short site size source start started state status step stock store
		street sub subject sum supplier tag target tax telephone temperature text time title to token total tracking transaction type
		unit updated uri url user vacation valid value vat vendor version view visit volume web website week weight width work year zip zone`) {
		out[w] = true
	}
	return out
}()

// unfold splits words that are made of several; nil where there are none.
func unfold(words []string) (out []string) {
	split := false
	for _, w := range words {
		if parts := segments(w); len(parts) > 1 {
			out, split = append(out, parts...), true
		} else {
			out = append(out, w)
		}
	}
	if !split {
		return nil
	}
	return out
}

// segments gives the fewest known words that a word consists of; nil where it does not consist of such.
func segments(w string) (out []string) {
	type best struct{ words, last int } // of the first so many letters: how many words, and where the last one begins
	first := make([]best, len(w)+1)
	for end := 2; end <= len(w); end++ {
		for from := max(0, end-longestFolded); from < end-1; from++ {
			b := &first[end]
			if n := first[from].words + 1; (from == 0 || n > 1) && (b.words == 0 || n < b.words) && foldedWords[w[from:end]] {
				*b = best{n, from}
			}
		}
	}
	for end := len(w); first[end].words > 0; end = first[end].last {
		out = append(out, w[first[end].last:end])
	}
	slices.Reverse(out)
	return out
}

// longestFolded is the length of the longest of foldedWords.
var longestFolded = len(slices.MaxFunc(slices.Collect(maps.Keys(foldedWords)), func(a, b string) int { return len(a) - len(b) }))

// unfolded gives the words of a name, those that run together too.
func unfolded(name string) []string {
	words := splitName(name)
	if apart := unfold(words); apart != nil {
		return apart
	}
	return words
}

// prefix gives the word that the names of all columns of a table begin with (see common), as in tables whose columns are told apart
// from those of other tables by it: ar_title, ar_len. It is "" where there is none, or where it is the table's own name.
func (t *table) prefix() string {
	if p := t.common(); p != "" && !slices.Contains(t.owner(), p) {
		return p
	}
	return ""
}

// common gives the word that the names of all columns begin with, but for those that refer to other tables by a word of
// theirs.
func (t *table) common() string {
	first, n := "", 0
	for _, c := range t.schema.Columns {
		w := wordsIn(c.Name)
		switch {
		case len(w) > 1 && (w[0] == first || first == "" && !t.refersBy(c.Name)):
			first = w[0]
			n++
		case !t.refersBy(c.Name):
			return ""
		}
	}
	if n < 3 || slices.Contains([]string{"is", "has", "can", "allow", "use", "show", "last", "next", "num", "max", "min", "date", "start", "end", "first", "valid"}, first) {
		return ""
	}
	return first
}

// refersBy tells whether a column is a foreign key by itself.
func (t *table) refersBy(name string) bool {
	return slices.ContainsFunc(t.schema.References(), func(fk *schema.ForeignKey) bool { return len(fk.Columns) == 1 && fk.Columns[0] == name })
}

// wordsOf gives the words of a column's name without the prefix that all columns of its table have.
func (t *table) wordsOf(name string) []string {
	if w := wordsIn(name); len(w) > 1 && w[0] == t.prefix() {
		return spell(w[1:])
	}
	w := splitName(name)
	if own := t.owner(); len(w) > 1 && len(own) > 0 && shortens(w[0], own[len(own)-1]) && t.opens(w[0]) { // art_body of articles
		w = slices.Clone(w)
		w[0] = own[len(own)-1]
	}
	return w
}

// shortens tells whether a word is made of letters of a longer one, in order, the first of them at its beginning.
func shortens(w, long string) bool {
	if len(w) < 2 || len(w) >= len(long) || w[0] != long[0] || slices.Contains([]string{"is", "has", "can", "at", "to", "on", "in", "no", "id", "as", "by", "of", "or", "per", "pre", "sub", "net", "max", "min", "end", "our", "use"}, w) {
		return false
	}
	at := 0
	for i := 0; i < len(long) && at < len(w); i++ {
		if long[i] == w[at] {
			at++
		}
	}
	return at == len(w)
}

// opens tells whether at least three names of columns begin with a word.
func (t *table) opens(w string) bool {
	n := 0
	for _, c := range t.schema.Columns {
		if strings.HasPrefix(strings.ToLower(c.Name), w+"_") {
			n++
		}
	}
	return n > 2
}
