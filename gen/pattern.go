package gen

import "fmt"

// Pattern draws texts that match a regular expression from beginning to end: Go's syntax (RE2), without
// word boundaries, ^ and $ only at the ends. A dot, a negated class and \s stand for what is printable
// in ASCII.
type Pattern struct {
	Regex     string `yaml:"regex" short:"true" required:"true" desc:"the regular expression, such as [A-Z]{3}-[0-9]{4}"`
	MaxRepeat *int   `yaml:"max_repeat" desc:"how often *, + and {n,} repeat at most (default 8)"`
}

// Make implements Maker.
func (m *Pattern) Make(c *Context) (Filler, error) {
	most := 8
	if m.MaxRepeat != nil {
		if most = *m.MaxRepeat; most < 0 || most > 1000 {
			return nil, fmt.Errorf("max_repeat %d is not between 0 and 1000", most)
		}
	}
	f, err := regexForm(m.Regex, most)
	if err != nil {
		return nil, err
	}
	return newDrawn("text like "+m.Regex, c.Key, f, nil, m.Regex), nil
}
