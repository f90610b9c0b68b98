package blueprint

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// UniqueSet is a set of columns that are unique together.
type UniqueSet struct {
	Columns []string
	Pair    *Pair  // two of them belong together; nil for none
	Index   string // the database's unique over expressions of the columns, whose values are told apart; "" for the columns' own
	Pos     Pos
}

// Pair are two columns with the same values.
type Pair struct {
	Left, Right string
	Ordered     bool // (1, 2) is another pair than (2, 1)
	Equal       bool // both may have the same value
}

// uniqueSet is a list of columns, or a mapping.
type uniqueSet struct {
	fileUniqueSet
	pos Pos
}

// fileUniqueSet is a set that says more than its columns.
type fileUniqueSet struct {
	Columns   []fileText `yaml:"columns" desc:"The columns (default: those of unordered or differ)."`
	Unordered fileTwo    `yaml:"unordered" desc:"Two of the columns, whose order does not matter: with 1 and 2 in a row, no other has 1 and 2, or 2 and 1. They differ in each row."`
	Differ    fileTwo    `yaml:"differ" desc:"Two of the columns that differ in each row, while their order matters: 1 and 2 are not the same as 2 and 1."`
	Equal     bool       `yaml:"equal" desc:"The two columns of unordered may have the same value."`
	Index     string     `yaml:"index" desc:"The name of the database's unique over expressions or generated columns: no two rows have the same values of these. It goes with columns: those that they are computed from, and the plain ones."`
}

// fileTwo are two columns.
type fileTwo []fileText

// DecodeNode implements NodeDecoder.
func (u *uniqueSet) DecodeNode(d *Decoder, n *yaml.Node) {
	u.pos = d.pos(n)
	switch n.Kind {
	case yaml.MappingNode:
		d.Decode(n, &u.fileUniqueSet)
		if len(u.Columns) == 0 {
			u.Columns = slices.Concat([]fileText(u.Unordered), u.Differ)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			switch {
			case unresolved(c):
			case !isText(c):
				d.wants(c, "", "a column's name")
			default:
				u.Columns = append(u.Columns, fileText{c.Value, d.pos(c)})
			}
		}
		if len(n.Content) > 0 {
			return
		}
	default:
		d.wants(n, "write [[a, b], [c, d]]: each set is a list", "a list of columns")
		return
	}
	if len(u.Columns) == 0 {
		d.problem(u.pos, "", "a set without columns")
	}
}

func (c *tableCheck) unique(t *Table, sets []uniqueSet) {
	seen := make(map[string]Pos)
	for _, s := range sets {
		u := UniqueSet{Pos: s.pos, Index: s.Index, Pair: c.pair(&s)}
		inSet := make(map[string]bool)
		for _, n := range s.Columns {
			if inSet[n.text] {
				c.problem(n.pos, "", "unique: column %q stands twice in the set", n.text)
				continue
			}
			inSet[n.text] = true
			c.columnNamed(n.text, n.pos, "unique: ")
			u.Columns = append(u.Columns, n.text)
		}
		if len(u.Columns) == 0 {
			continue // reported
		}
		if p := u.Pair; p != nil && (!inSet[p.Left] || !inSet[p.Right]) {
			c.problem(s.pos, "name it under columns", "unique: the pair %s and %s is not among the columns of the set", p.Left, p.Right)
			continue
		}
		key := strings.Join(slices.Sorted(slices.Values(u.Columns)), "\x00") + "\x00\x00" + u.Index
		if first, ok := seen[key]; ok {
			c.problem(s.pos, "", "unique: the set stands twice: first in line %d, column %d", first.Line, first.Column)
			continue
		}
		seen[key] = s.pos
		t.Unique = append(t.Unique, u)
	}
}

// pair reads the two columns of a set that belong together; nil for none.
func (c *tableCheck) pair(s *uniqueSet) *Pair {
	two := s.Unordered
	if len(two) == 0 {
		two = s.Differ
	}
	switch {
	case len(s.Unordered) > 0 && len(s.Differ) > 0:
		c.problem(s.pos, "take one of them out", "unique: unordered and differ exclude each other")
	case s.Equal && len(s.Unordered) == 0:
		c.problem(s.pos, "", "unique: equal goes with unordered alone")
	case len(two) == 0:
	case len(two) != 2 || two[0].text == two[1].text:
		c.problem(cmp.Or(two[0].pos, s.pos), "", "unique: a pair has two columns")
	case s.Index != "":
		c.problem(s.pos, "take one of them out", "unique: a pair goes not with index")
	default:
		return &Pair{Left: two[0].text, Right: two[1].text, Ordered: len(s.Differ) > 0, Equal: s.Equal}
	}
	return nil
}
