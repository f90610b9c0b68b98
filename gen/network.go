package gen

import (
	"fmt"
	"strconv"
)

// Network draws addresses and networks for the types inet, cidr, macaddr and macaddr8. They reach
// nobody: see internet. In columns of text, internet is the generator to take.
type Network struct {
	Type   string `yaml:"type" short:"true" desc:"inet, cidr, macaddr or macaddr8 (default: the column's type, or else inet)"`
	Family int    `yaml:"family" desc:"inet and cidr: 4 (default) or 6"`
}

// OutputVersion implements Maker.
func (*Network) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Network) Make(c *Context) (Filler, error) {
	typ, err := typeArgument(m.Type, c, "inet", "inet", "cidr", "macaddr", "macaddr8")
	if err != nil {
		return nil, err
	}
	six := m.Family == 6
	if m.Family != 0 && m.Family != 4 && !six {
		return nil, fmt.Errorf("family %d is unknown: 4 or 6", m.Family)
	}
	what, pattern := typ, ""
	switch {
	case typ == "macaddr":
		pattern = patterns["mac"]
	case typ == "macaddr8":
		pattern = `02(:[0-9a-f]{2}){7}`
	case typ == "inet" && six:
		what, pattern = "inet, version 6", patterns["ipv6"]
	case typ == "inet":
		return literally(typ, newDrawn("network "+typ, c.Key, ipv4(), nil, `[0-9.]+`)), nil
	case six: // cidr
		what, pattern = "cidr, version 6", `2001:db8:[1-9a-f][0-9a-f]{3}::/48`
	default:
		f := privateNetworks()
		return literally(typ, newDrawn("network "+typ, c.Key, f, nil, `[0-9./]+`)), nil
	}
	f, err := regexForm(pattern, 0)
	if err != nil {
		return nil, err
	}
	return literally(typ, newDrawn("network "+what, c.Key, f, nil, pattern)), nil
}

// privateNetworks are the networks of 256 addresses within the private ones.
func privateNetworks() *form {
	var numbers []string
	for i := range 256 {
		numbers = append(numbers, strconv.Itoa(i))
	}
	every, some := listForm(newWords(numbers)), listForm(newWords(numbers[16:32]))
	dot, end := literalForm("."), literalForm(".0/24")
	return choiceForm(sequenceForm(literalForm("10."), every, dot, every, end),
		sequenceForm(literalForm("192.168."), every, end),
		sequenceForm(literalForm("172."), some, dot, every, end))
}
