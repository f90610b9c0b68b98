package gen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Internet draws what belongs to the internet, none of which reaches anybody: domains are those that RFC
// 2606 reserves for examples, IPv4 addresses are private (RFC 1918) or for documentation (RFC 5737), IPv6
// addresses for documentation (RFC 3849), MAC addresses locally administered.
type Internet struct {
	Field    string `yaml:"field" short:"true" required:"true" desc:"email, domain, url, ipv4, ipv6, mac, user_agent, slug, color, file_name, extension, mime_type, host, path, file_path, image_url, avatar_url, query, hashtag or password_hash"`
	Username string `yaml:"username" desc:"email: the path of the username that stands before the @; the addresses are distinct where the usernames are"`
	Group    string `yaml:"group" desc:"email: a person's, as in {person: {field: email, group: ...}}"`
	Locale   string `yaml:"locale" desc:"email: the person's, as in person"`
}

// patterns are the fields that a regular expression says all about.
var patterns = map[string]string{
	"ipv6":          `2001:db8(:[1-9a-f][0-9a-f]{3}){6}`,
	"mac":           `02(:[0-9a-f]{2}){5}`,
	"color":         `#[0-9a-f]{6}`,
	"password_hash": `\$2b\$12\$[./A-Za-z0-9]{53}`,
}

// OutputVersion implements Maker.
func (*Internet) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Internet) Make(c *Context) (Filler, error) {
	what := "internet " + m.Field
	if m.Field != "email" && m.Locale != "" {
		return nil, fmt.Errorf("locale goes with the field email alone")
	}
	if m.Field != "email" && (m.Username != "" || m.Group != "") {
		return nil, fmt.Errorf("username and group go with the field email alone")
	}
	if pattern, ok := patterns[m.Field]; ok {
		f, err := regexForm(pattern, 0)
		if err != nil {
			return nil, err
		}
		return newDrawn(what, c.Key, f, nil, pattern), nil
	}
	adjective, noun := listForm(wordsOf("english", "adjective")), listForm(wordsOf("english", "noun"))
	dash := literalForm("-")
	slug := sequenceForm(adjective, dash, noun, dash, noun)
	const slugPattern = `[a-z]+-[a-z]+-[a-z]+(-[1-9][0-9]*)?`
	domains := wordsOf("internet", "domain")
	switch m.Field {
	case "email":
		switch {
		case m.Username != "" && m.Group != "":
			return nil, fmt.Errorf("username and group exclude each other: both say whose address it is")
		case m.Username != "":
			return m.makeEmail(c, domains)
		}
		return (&Person{Field: "email", Group: m.Group, Locale: m.Locale}).Make(c)
	case "domain":
		host := sequenceForm(adjective, dash, noun)
		dot, top := literalForm("."), listForm(domains)
		return newDrawn(what, c.Key, sequenceForm(host, dot, top),
			sequenceForm(host, numberForm(0, roomFor(c.Rows, host.card)), dot, top), `[a-z]+-[a-z]+([1-9][0-9]*)?\.`+anyOf(domains)), nil
	case "url":
		begin := sequenceForm(literalForm("https://"), listForm(domains), literalForm("/"))
		return newDrawn(what, c.Key, sequenceForm(begin, slug), sequenceForm(begin, numbered(c.Rows, slug)),
			`https://`+anyOf(domains)+`/`+slugPattern), nil
	case "slug":
		return newDrawn(what, c.Key, slug, numbered(c.Rows, slug), slugPattern), nil
	case "file_name":
		extensions := wordsOf("internet", "extension")
		name := sequenceForm(adjective, dash, noun)
		end := sequenceForm(literalForm("."), listForm(extensions))
		return newDrawn(what, c.Key, sequenceForm(name, end), sequenceForm(numbered(c.Rows, name), end),
			`[a-z]+-[a-z]+(-[1-9][0-9]*)?\.`+anyOf(extensions)), nil
	case "mime_type":
		types := wordsOf("internet", "mime")
		return newDrawn(what, c.Key, listForm(types), nil, anyOf(types)), nil
	case "ipv4":
		const octet = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
		return newDrawn(what, c.Key, ipv4(), nil,
			strings.ReplaceAll(`(192\.0\.2|198\.51\.100|203\.0\.113|10\.O\.O|192\.168\.O|172\.(1[6-9]|2[0-9]|3[01])\.O)\.O`, "O", octet)), nil
	case "extension":
		extensions := wordsOf("internet", "extension")
		return newDrawn(what, c.Key, listForm(extensions), nil, anyOf(extensions)), nil
	case "host", "path", "file_path", "image_url", "avatar_url", "query", "hashtag":
		return m.makePlace(c, what, domains)
	case "user_agent":
		agents := strings.Join(section("internet", "agent"), "|")
		f, err := regexForm(agents, 0)
		if err != nil {
			return nil, err
		}
		return newDrawn(what, c.Key, f, nil, agents), nil
	}
	return nil, unknownField(m.Field, []string{"email", "domain", "url", "ipv4", "ipv6", "mac", "user_agent", "slug", "color", "file_name", "extension", "mime_type", "host", "path", "file_path", "image_url", "avatar_url", "query", "hashtag", "password_hash"})
}

// GroupName implements Grouped.
func (m *Internet) GroupName() string { return m.Group }

// roomFor gives the power of ten by which card texts must be multiplied so that there are 50 for each row.
func roomFor(rows int64, card uint64) uint64 {
	n := uint64(1)
	for n < 1e12 && times(n, card)/50 < uint64(rows) {
		n *= 10
	}
	return n
}

// numbered gives f with a dash and a number behind it where so many rows need that.
func numbered(rows int64, f *form) *form {
	n := roomFor(rows, f.card)
	if n == 1 {
		return f
	}
	return sequenceForm(f, choiceForm(literalForm(""), sequenceForm(literalForm("-"), numberForm(1, n-1))))
}

// ipv4 gives the addresses that are private or for documentation.
func ipv4() *form {
	var numbers []string
	for i := range 256 {
		numbers = append(numbers, strconv.Itoa(i))
	}
	net := func(prefix string, free ...*form) *form {
		parts := []*form{literalForm(prefix)}
		for _, p := range free {
			parts = append(parts, literalForm("."), p)
		}
		return sequenceForm(parts...)
	}
	every, some := listForm(newWords(numbers)), listForm(newWords(numbers[16:32]))
	return choiceForm(net("192.0.2", every), net("198.51.100", every), net("203.0.113", every),
		net("10", every, every, every), net("192.168", every, every), net("172", some, every, every))
}

func (m *Internet) makeEmail(c *Context, domains *words) (Filler, error) {
	in, err := textInput(c, m.Username)
	if err != nil {
		return nil, err
	}
	return &email{key: c.Key, in: in, domains: domains, ends: wholly(emailEnds(domains))}, nil
}

func emailEnds(domains *words) string {
	return `[^@ ]+@(` + anyOf(domains) + `|m[1-9][0-9]*\.example\.com)`
}

// email gives the addresses of usernames. The attempts of a row get a domain each, m1.example.com and so
// on, so that they differ from one another and from all first attempts whatever the usernames are.
type email struct {
	key     rng.Key
	in      Input
	domains *words
	ends    *regexp.Regexp
}

func (f *email) Kind() column.Kind { return column.Text }
func (f *email) Facts() Facts      { return Facts{Drawn: true, NullWith: []int{f.in.Index}} }
func (f *email) Distinct() bool    { return f.in.Unique }
func (f *email) String() string    { return "e-mail address of " + f.in.Path }
func (f *email) Bounds() Bounds {
	if f.in.Bounds.MaxLen == 0 {
		return Bounds{}
	}
	return Bounds{MaxLen: f.in.Bounds.MaxLen + 1 + f.domains.max}
}
func (f *email) Fill(dst *column.Vec, s *Span) error {
	in := s.Inputs[f.in.Index]
	for i := range s.Rows.N {
		if in.Null(i) {
			dst.AppendNull()
			continue
		}
		name := in.Bytes(i)
		if !addressable(name) {
			return fmt.Errorf("row %d: %s is %q, and no e-mail address begins like this: letters, digits and .!#$&'*+-/=?^_`{|}~ can; leave username out to have the address drawn by itself", s.Rows.At(i), f.in.Path, name)
		}
		b := append(append(dst.Data, name...), '@')
		if s.Attempt == 0 {
			st := f.key.At(s.Rows.At(i), 0)
			b = append(b, f.domains.at(int(st.N(uint64(f.domains.len()))))...)
		} else {
			b = strconv.AppendUint(append(b, 'm'), uint64(s.Attempt), 10)
			b = append(b, ".example.com"...)
		}
		dst.Data = b
		dst.EndCell()
	}
	return nil
}

// addressable tells whether a text can stand before the @ (RFC 5322, dot-atom, but for the percent sign,
// and with other than ASCII letters by RFC 6531).
func addressable(name []byte) bool {
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c >= 0x80:
		case strings.IndexByte(".!#$&'*+-/=?^_`{|}~", c) >= 0:
		default:
			return false
		}
	}
	return len(name) > 0
}

func (f *email) Rules() []Rule {
	pattern := emailEnds(f.domains)
	return []Rule{{
		Text: "is " + f.in.Path + " at a domain for examples",
		SQL: func(d Dialect, x string, in []string) string {
			is := d.Matches(x, pattern)
			if name := in[f.in.Index]; name != "" {
				begins := x + " like " + name + " || '@%'" // an underscore in the name fits itself
				if is == "" {
					return begins
				}
				is = "(" + begins + " and " + is + ")"
			}
			return is
		},
		Cell: func(v *column.Vec, i int, in []*column.Vec) bool {
			w := in[f.in.Index]
			if v.Null(i) || w.Null(i) {
				return v.Null(i) == w.Null(i)
			}
			x, name := v.Bytes(i), w.Bytes(i)
			return f.ends.Match(x) && len(x) > len(name) && string(x[:len(name)]) == string(name) && x[len(name)] == '@'
		},
	}}
}
