// Package meaning reads what the columns of a table mean together: which one is computed from others, which copies a
// parent's cell, which is a part of another one, which moment belongs to which state.
//
// It goes by kinds: words of the same sense, types, lists of values, neighbours. What it gives are claims, each with a
// plain sentence and how sure it is; who makes generators of them decides whether keys and checks leave room for it.
// Its work grows with the number of columns, but for comparisons within a table among columns of the same sense.
package meaning

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Table is a table as it is read.
type Table struct {
	Name    string
	Owner   []string // words of the name, the last one in the singular
	Columns []*Column
}

// Column is a column as it is read.
type Column struct {
	*schema.Column
	Words  []string   // of its name, as Words gives them
	Values []string   // the only ones that it may have; nil for any
	Refers *Reference // nil where it is no foreign key by itself
	Fixed  bool       // keys, checks or the user settle it: it is read, and never given a meaning
	Unique bool
	Signed bool // checks tell numbers below zero from those above: they forbid zero alone, or have a limit below it
}

// Reference is a foreign key of one column.
type Reference struct {
	Parent *Table
	Column string // of the parent
	Self   bool   // of the table itself
}

// Claim is what a column means. One of its forms is set.
type Claim struct {
	Column     string
	Says       string  // a sentence: "line_total = quantity * unit_price"
	Confidence float64 // 0 to 1

	Computed string   // an expression over cells
	Copied   *Path    // a cell of a parent
	Part     *Part    // a share of a number
	Above    *Part    // a number and more
	Agrees   []Pair   // a reference: only rows of the parent with these cells
	When     *When    // it is there in some rows alone
	Only     *When    // so it is, whatever else it means
	Later    *Later   // a moment that lies a while after another one
	Weights  []Weight // of its values
	Late     []Weight // the same of rows that were made of late, by the moment Since; nil for all
	Since    string
	Slug     *Slug    // a text as addresses of pages have it
	Text     string   // with {columns} in it
	Cases    *Cases   // a pattern for each value of another column
	Prose    *Prose   // what people write
	Person   *Person  // the sex of the row's person
	Divided  string   // of a Part: the reference whose rows share what it is a part of
	Kin      *Kin     // a sum over rows of another table
	Place    *Place   // where the row stands among those of its parent
	Reads    []string // columns of the row that it reads
	Filled   []string // columns that have no nulls for it
}

// Path is a column of the row that a reference leads to.
type Path struct{ Reference, Column string }

// Pair is a column of the parent, and the path of the cell that it equals.
type Pair struct{ Column, Path string }

// Part is a share of what an expression gives, in hundredths: one of Shares, or from Least to Most.
type Part struct {
	Of          string
	Least, Most int
	Shares      []int
	Unless      string // the beginning of an expression that takes the place of the share in some rows: "paid ? 0 : "
}

// When says in which rows a column is there: those in which On has one of some values, where After is set a while
// after that moment. By holds where On is not null, when there are no values.
type When struct {
	On     string
	Values []string
	Absent bool // where On is null
	Above  bool // where On is above 0
	None   bool // where On is 0
	After  string

	Least, Most string // how long after; "" for what is usual
}

// Person has the words of a list for the sexes.
type Person struct{ Female, Male string }

// Weight is how often a value comes.
type Weight struct {
	Value  string
	Weight int
}

// Slug is made of a text, with a number behind it where that is not "".
type Slug struct{ Of, Number string }

// Cases are regular expressions of what a text looks like, by the value of a column; Else where it is none of these.
type Cases struct {
	On   string
	Of   []Case
	Else string
	IBAN bool // in the place of expressions stand countries, by their codes ("" for any), of which the text is an IBAN
}

// Case is what a text looks like where a column has a value.
type Case struct{ Value, Pattern string }

// reading is a table while it is read.
type reading struct {
	*Table
	claims []Claim
	taken  map[string]bool
}

// recognisers look for one kind of meaning each, the surest first: a column has the first one that is found.
var recognisers = []func(*reading){
	(*reading).texts, (*reading).agreements, (*reading).states, (*reading).flags, (*reading).near, (*reading).spans,
	(*reading).companions, (*reading).together, (*reading).fines, (*reading).computed, (*reading).parts,
	(*reading).received, (*reading).lands, (*reading).sited, (*reading).copies, (*reading).passing,
	(*reading).results, (*reading).outcomes, (*reading).people, (*reading).writings, (*reading).usual,
}

// Read gives what the columns of a table mean.
func Read(t *Table) []Claim {
	r := &reading{Table: t, taken: map[string]bool{}}
	for _, c := range t.Columns {
		r.taken[c.Name] = c.Fixed
	}
	for _, f := range recognisers {
		f(r)
	}
	return r.claims
}

// only lets a column be there in some rows alone, whatever else it means.
func (r *reading) only(c *Column, w *When, sure float64) bool {
	at := slices.IndexFunc(r.claims, func(k Claim) bool { return k.Column == c.Name })
	if at < 0 {
		k := Claim{Column: c.Name, Confidence: sure, When: w, Reads: []string{w.On}}
		k.Says = r.Name + "." + c.Name + " is there where " + w.String()
		return r.claim(k)
	}
	k := &r.claims[at]
	if k.When != nil || k.Only != nil || len(k.Weights) > 0 {
		return false
	}
	k.Only, k.Reads, k.Says = w, append(k.Reads, w.On), k.Says+", where "+w.String()
	return true
}

// String says the condition.
func (w *When) String() string {
	switch {
	case w.Absent:
		return "there is no " + w.On
	case w.Above:
		return w.On + " is above 0"
	case w.None:
		return w.On + " is 0"
	case len(w.Values) == 0:
		return w.On + " is"
	case w.Values[0] == "true":
		return w.On
	}
	return w.On + " is " + strings.Join(w.Values, " or ")
}

// Expression is the condition in the language of blueprints.
func (w *When) Expression() string {
	on := cell(w.On)
	switch {
	case w.Absent:
		return on + " == nil"
	case w.Above:
		return on + " > 0"
	case w.None:
		return on + " == 0"
	case len(w.Values) == 0:
		return on + " != nil"
	case len(w.Values) == 1 && w.Values[0] == "true":
		return on
	case len(w.Values) == 1:
		return on + " == " + strconv.Quote(w.Values[0])
	}
	var all []string
	for _, v := range w.Values {
		all = append(all, strconv.Quote(v))
	}
	return on + " in [" + strings.Join(all, ", ") + "]"
}

// claim adds what a column means, unless it has a meaning.
func (r *reading) claim(k Claim) bool {
	if r.taken[k.Column] {
		return false
	}
	r.taken[k.Column] = true
	r.claims = append(r.claims, k)
	return true
}

// Column finds a column by its name, nil where there is none.
func (t *Table) Column(name string) *Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// number tells whether a column holds numbers that count or measure.
func (c *Column) number() bool {
	return c.Refers == nil && c.Sequence == "" && c.Identity == "" && (c.whole() || c.Type.Kind == column.Decimal || c.Type.Kind == column.Float)
}

func (c *Column) whole() bool { return c.Type.Kind == column.Int && c.Type.Category == schema.Plain }

// moment tells whether a column holds days or moments.
func (c *Column) moment() bool { return c.Type.Kind == column.Timestamp || c.Type.Kind == column.Date }

// text tells whether a column holds texts, or the labels of an enum.
func (c *Column) text() bool { return c.Type.Kind == column.Text || c.Type.Category == schema.EnumType }

// has tells whether one of some words is in a column's name.
func (c *Column) has(words map[string]bool) bool {
	return slices.ContainsFunc(c.Words, func(w string) bool { return words[w] })
}

// is tells whether a column's words are one of some names, with the table's name before them or without.
func (t *Table) is(c *Column, names map[string]bool) bool {
	return names[strings.Join(c.Words, "_")] || names[strings.Join(t.own(c), "_")]
}

// own are a column's words without those of its table before them.
func (t *Table) own(c *Column) []string {
	if n := len(t.Owner); n > 0 && len(c.Words) > 1 && c.Words[0] == t.Owner[n-1] {
		return c.Words[1:]
	}
	return c.Words
}

// about tells whether a table's rows are one of some things.
func (t *Table) about(things map[string]bool) bool {
	return len(t.Owner) > 0 && things[t.Owner[len(t.Owner)-1]]
}

// set gives the set of the words of a text, which nobody changes.
func set(words constant) map[string]bool {
	if known, ok := sets.Load(words); ok {
		return known.(map[string]bool)
	}
	out := setOf(strings.Fields(string(words)))
	sets.Store(words, out)
	return out
}

func setOf(words []string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// constant is a text of this package's source: sets keeps no others, so that it has an end.
type constant string

var sets sync.Map // of words by constant

// without gives the words that are in none of some sets.
func without(words []string, sets ...map[string]bool) (out []string) {
	for _, w := range words {
		if !slices.ContainsFunc(sets, func(s map[string]bool) bool { return s[w] }) {
			out = append(out, w)
		}
	}
	return out
}
