package gen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/brianvoe/gofakeit/v7/data"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Person draws what is known of a person. Columns of one table that name the same group speak of the
// same person in each row: the e-mail address of Emma Garcia is emma.garcia42@example.com.
//
// Usernames and e-mail addresses are distinct over all rows, also for those who ignore case.
type Person struct {
	Field     string `yaml:"field" short:"true" required:"true" desc:"first_name, last_name, full_name, gender (female, male), title (Ms., Mr.), username, email, job_title or phone"`
	Group     string `yaml:"group" desc:"a name that columns share whose cells are about the same person"`
	Separator string `yaml:"separator" desc:"what stands between the names of a username: . (default), _ or -"`
	Locale    string `yaml:"locale" desc:"where the person lives: en_US (default), de_DE, fr_FR, es_ES or ja_JP; usernames and e-mail addresses are written with a to z"`
}

// OutputVersion implements Maker.
func (*Person) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Person) Make(c *Context) (Filler, error) {
	f, err := m.make(c)
	if err != nil {
		return nil, err
	}
	separator := m.Separator
	if separator == "" {
		separator = "."
	}
	switch m.Field {
	case "full_name":
		if k := peopleOf(m.Locale).customs; k == nil || !k.familyFirst {
			return fitted(c, f, cutFirst(" ", ".")), nil
		}
	case "username":
		return fitted(c, f, cutFirst(separator, "")), nil
	case "email": // an address that is cut is none
		short := cutFirst(separator, "")
		if c.Type.Length > 0 && longestAddress > c.Type.Length {
			return f, nil
		}
		return fitted(c, f, short), nil
	case "phone", "title", "gender":
		return f, nil
	}
	return fitted(c, f, cutWords), nil
}

// GroupName implements Grouped.
func (m *Person) GroupName() string { return m.Group }

// longestAddress is the length of the longest e-mail address with the first letter of the first name alone.
const longestAddress = 40

func (m *Person) make(c *Context) (Filler, error) {
	if err := checkLocale(m.Locale); err != nil {
		return nil, err
	}
	known := peopleOf(m.Locale)
	key, err := c.groupKey("person", m.Group)
	if err != nil {
		return nil, err
	}
	separator := m.Separator
	switch separator {
	case "":
		separator = "."
	case ".", "_", "-":
	default:
		return nil, unknown("separator", separator, ".", "_", "-")
	}
	name, surname, madam, sir := `[A-Z][a-z]+`, `[A-Z][A-Za-z]+`, "Ms.", "Mr."
	phone := `\+1-[2-9][0-9]{2}-555-[0-9]{4}`
	if k := known.customs; k != nil {
		name, surname, madam, sir, phone = `[^ ]+`, `[^ ]+`, k.madam, k.sir, k.any+"|"+k.phone
	}
	what := "person " + m.Field
	switch m.Field {
	case "job_title":
		return newDrawn(what, c.Key, listForm(known.jobs), nil, `[A-Za-z ]+`), nil
	case "phone":
		return newDrawn(what, c.Key, known.phone, roomy(c.Rows, known.phone, known.anyPhone), phone), nil
	}

	f := &person{people: known, separator: separator, grouped: m.Group != "",
		order: rng.NewPerm(key.Derive("order"), known.pairs()), numbers: key.Derive("number")}
	first, last := listForm(known.first), listForm(known.last)
	login := sequenceForm(listForm(known.firstLogin), literalForm(separator), listForm(known.lastLogin),
		numberForm(0, roomFor(c.Rows, known.pairs())))
	loginPattern := `[a-z]+` + regexp.QuoteMeta(separator) + `[a-z]+([1-9][0-9]*)?(` + regexp.QuoteMeta(separator) + `[1-9][0-9]*)?`
	switch m.Field {
	case "first_name":
		f.drawn = newDrawn(what, key, first, nil, name)
		f.write = func(b []byte, id identity) []byte { return append(b, known.first.at(id.first)...) }
	case "last_name":
		f.drawn = newDrawn(what, key, last, nil, surname)
		f.write = func(b []byte, id identity) []byte { return append(b, known.last.at(id.last)...) }
	case "full_name":
		if known.customs != nil && known.customs.familyFirst {
			f.drawn = newDrawn(what, key, sequenceForm(last, literalForm(" "), first), nil, surname+" "+name)
			f.write = func(b []byte, id identity) []byte {
				b = append(append(b, known.last.at(id.last)...), ' ')
				return append(b, known.first.at(id.first)...)
			}
			break
		}
		f.drawn = newDrawn(what, key, sequenceForm(first, literalForm(" "), last), nil, name+" "+surname)
		f.write = func(b []byte, id identity) []byte {
			b = append(append(b, known.first.at(id.first)...), ' ')
			return append(b, known.last.at(id.last)...)
		}
	case "gender":
		f.drawn = newDrawn(what, key, listForm(newWords([]string{"female", "male"})), nil, `female|male`)
		f.write = func(b []byte, id identity) []byte { return append(b, known.either(id, "female", "male")...) }
	case "title":
		f.drawn = newDrawn(what, key, listForm(newWords([]string{madam, sir})), nil, regexp.QuoteMeta(madam)+"|"+regexp.QuoteMeta(sir))
		f.write = func(b []byte, id identity) []byte { return append(b, known.either(id, madam, sir)...) }
	case "username":
		f.drawn = newDrawn(what, key, login, nil, loginPattern)
		f.write, f.distinct = f.login, true
	case "email":
		domains := wordsOf("internet", "domain")
		f.drawn = newDrawn(what, key, sequenceForm(login, literalForm("@"), listForm(domains)), nil, loginPattern+"@"+anyOf(domains))
		f.write, f.distinct = func(b []byte, id identity) []byte {
			b = append(f.login(b, id), '@')
			st := f.numbers.At(^id.row, 0)
			return append(b, domains.at(int(st.N(uint64(domains.len()))))...)
		}, true
	default:
		return nil, unknownField(m.Field, []string{"first_name", "last_name", "full_name", "gender", "title", "username", "email", "job_title", "phone"})
	}
	if !f.distinct && !f.grouped {
		return f.drawn, nil
	}
	f.bounds = f.drawn.Bounds()
	if f.distinct {
		if f.grouped {
			f.apart = fmt.Sprintf("%s, separator %s, of %s, %s", what, separator, m.Group, m.Locale)
		}
		block := uint64(max(c.Rows-1, 0)) / known.pairs()
		const attempt = 3 // separator and two digits
		f.bounds.MaxLen = max(f.bounds.MaxLen, f.drawn.form.mx-login.mx+known.firstLogin.max+1+known.lastLogin.max+digits(block*100+99)+attempt)
	}
	return f, nil
}

// anyOf gives a regular expression for one of a list of texts.
func anyOf(w *words) string {
	var out []string
	for _, t := range w.texts() {
		out = append(out, regexp.QuoteMeta(t))
	}
	return "(" + strings.Join(out, "|") + ")"
}

// roomy gives the form that a unique column of so many rows takes its texts from: the small one where
// that leaves half of its texts free, or else the large one.
func roomy(rows int64, small, large *form) *form {
	if uint64(rows) <= small.card/2 {
		return small
	}
	return large
}

// peopleLists are the lists that people are put together from.
type peopleLists struct {
	first, last           *words // the women's names come first
	women                 int
	firstLogin, lastLogin *words // the same in lower case
	jobs                  *words
	phone, anyPhone       *form
	customs               *customs // nil: of the United States
}

var people = sync.OnceValue(func() *peopleLists {
	const long = 9 // letters; longer names would make usernames too long
	women := section("names", "female")
	var last []string
	for _, s := range data.Person["last"] {
		if len(s) <= long {
			last = append(last, s)
		}
	}
	p := &peopleLists{
		first: newWords(append(women, section("names", "male")...)), last: newWords(last), women: len(women),
		jobs: newWords(data.Job["title"]),
	}
	p.firstLogin, p.lastLogin = lowered(p.first), lowered(p.last)
	// The numbers that North America keeps free for fiction are 555-0100 to 555-0199 of every area.
	var areas, lines []string
	for area := 200; area <= 999; area++ {
		if area/10%10 != 9 && area%100 != 11 {
			areas = append(areas, strconv.Itoa(area))
		}
	}
	for line := range 10000 {
		if line != 1212 { // directory assistance
			lines = append(lines, strconv.Itoa(10000 + line)[1:])
		}
	}
	fiction := newWords(lines[100:200])
	p.phone = sequenceForm(literalForm("+1-"), listForm(newWords(areas)), literalForm("-555-"), listForm(fiction))
	p.anyPhone = sequenceForm(literalForm("+1-"), listForm(newWords(areas)), literalForm("-555-"), listForm(newWords(lines)))
	return p
})

// lowered gives the list in lower case; texts that differ in case alone must not be in it.
func lowered(w *words) *words {
	out := newWords(strings.Fields(strings.ToLower(strings.Join(w.texts(), " "))))
	if out.len() != w.len() {
		panic("gen: names that differ in case alone")
	}
	return out
}

// pairs is the number of first and last names.
func (p *peopleLists) pairs() uint64 { return uint64(p.first.len()) * uint64(p.last.len()) }

func (p *peopleLists) either(id identity, woman, man string) string {
	if id.first < p.women {
		return woman
	}
	return man
}

// identity is who a row is about.
type identity struct {
	row         int64
	attempt     uint32
	first, last int
	block       uint64 // how often all pairs of names were used up before
}

// person is the Filler of what depends on the identity.
//
// Each block of as many rows as there are pairs of names uses every pair once, in a keyed order, and a
// username ends in a number that belongs to its block alone: so usernames are distinct without memory,
// and small tables have small numbers.
type person struct {
	*drawn    // how the field is drawn without identity
	people    *peopleLists
	order     rng.Perm // of the pairs of names
	numbers   rng.Key
	separator string
	write     func(b []byte, id identity) []byte
	distinct  bool
	grouped   bool
	apart     string // "", or a name of the people and of what is distinct by them
	bounds    Bounds
}

func (f *person) identify(row int64, attempt uint32) identity {
	const patience = 4 // attempts with the same person: the number alone may have been taken
	if attempt < patience && f.distinct {
		attempt = 0
	}
	lasts := uint64(f.people.last.len())
	firsts := uint64(f.people.first.len())
	id := identity{row: row, attempt: attempt, block: uint64(row) / f.people.pairs()}
	at := f.order.At(uint64(row) % f.people.pairs())
	st := f.key.At(int64(id.block), attempt)
	first := (at/lasts + st.N(firsts)) % firsts
	last := (at%lasts + rng.Mix(st.Uint64()^first)%lasts) % lasts
	id.first, id.last = int(first), int(last)
	return id
}

// login appends the username: the numbers of block b are 100 b to 100 b + 99; 0 is none.
func (f *person) login(b []byte, id identity) []byte {
	b = append(b, f.people.firstLogin.at(id.first)...)
	b = append(b, f.separator...)
	b = append(b, f.people.lastLogin.at(id.last)...)
	st := f.numbers.At(id.row, 0)
	n := st.N(100)
	if id.block == 0 && st.Chance(2, 5) {
		n = 0
	}
	if n += id.block * 100; n > 0 {
		b = strconv.AppendUint(b, n, 10)
	}
	if id.attempt > 0 {
		b = append(b, f.separator...)
		b = strconv.AppendUint(b, uint64(id.attempt), 10)
	}
	return b
}

func (f *person) Bounds() Bounds { return f.bounds }
func (f *person) Distinct() bool { return f.distinct }
func (f *person) Facts() Facts   { return Facts{Drawn: true, Apart: f.apart} }
func (f *person) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		id := f.identify(s.Rows.At(i), s.Attempt)
		id.attempt = s.Attempt
		dst.Data = f.write(dst.Data, id)
		dst.EndCell()
	}
	return nil
}

// Card is 0 in a group: a value of another number would be about another person.
func (f *person) Card() uint64 {
	if f.grouped {
		return 0
	}
	return f.drawn.Card()
}
