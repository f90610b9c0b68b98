package check

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textFunctions are functions of texts.
var textFunctions = []known{
	{
		names: []string{"lower", "upper"}, strict: true,
		derive: func(s *solver, x *Call) (derived, bool) { return s.called(x.Name, x.Args[0], kText, kText) },
		invert: invertSame, narrow: (*narrowing).whatever,
	},
	{
		names: []string{"btrim", "trim"}, strict: true,
		derive: func(s *solver, x *Call) (derived, bool) {
			if len(x.Args) != 1 {
				return derived{}, false
			}
			return s.called("trim", x.Args[0], kText, kText)
		},
		invert: invertSame, narrow: (*narrowing).whatever,
	},
	{names: []string{"rtrim"}, strict: true},
	{names: []string{"ltrim"}, strict: true, invert: invertRemoved},
	{
		names: []string{"replace"}, strict: true,
		text: &ofText{[]*typ{firstType, textType, textType}, firstType, func(m *machine, v []value) value {
			if len(v[1].b) == 0 {
				return v[0]
			}
			return text(bytes.ReplaceAll(v[0].b, v[1].b, v[2].b))
		}},
		sqlite: &ofSQLite{3, 3, func(m *machine, v []value) value {
			b, from := sTextIn(m, v[0]), sTextIn(m, v[1])
			if len(from) == 0 {
				return sString(b)
			}
			return sString(bytes.ReplaceAll(b, from, sTextIn(m, v[2])))
		}},
		derive: func(s *solver, x *Call) (derived, bool) {
			n := len(x.Args)
			from, ok1 := s.deriveConstant(x.Args[min(1, n-1)])
			to, ok2 := s.deriveConstant(x.Args[n-1])
			in, ok := s.derive(x.Args[0])
			in.text = "replace(" + in.text + ", " + from.text + ", " + to.text + ")"
			return in, ok && ok1 && ok2 && n == 3 && in.kind == kText
		},
		invert: invertRemoved,
	},
	{
		names: []string{"reverse"},
		text: &ofText{[]*typ{firstType}, firstType, func(m *machine, v []value) value {
			r := []rune(string(v[0].b))
			slices.Reverse(r)
			return text([]byte(string(r)))
		}},
	},
	{
		names: []string{"left"},
		text: &ofText{[]*typ{firstType, int4Type}, firstType, func(m *machine, v []value) value {
			return text(firstRunes(v[0].b, fromEnd(v[0].b, v[1].n)))
		}},
		derive: func(s *solver, x *Call) (derived, bool) {
			if len(x.Args) != 2 {
				return derived{}, false
			}
			return s.calledWith("prefix", x.Args[0], x.Args[1], kText, kText)
		},
		narrow: func(n *narrowing, c comparison) outcome {
			if len(c.args) != 2 {
				return notTold
			}
			return n.beginning(c, c.args[1])
		},
	},
	{
		names: []string{"right"},
		text: &ofText{[]*typ{firstType, int4Type}, firstType, func(m *machine, v []value) value {
			n := runes(v[0].b)
			return text(v[0].b[len(firstRunes(v[0].b, max(n-fromEnd(v[0].b, v[1].n), 0))):])
		}},
		derive: func(s *solver, x *Call) (derived, bool) { return s.derivedText("suffix", x, 2, 2) },
	},
	{
		names:  []string{"substr", "substring"},
		derive: func(s *solver, x *Call) (derived, bool) { return s.derivedText("substr", x, 2, 3) },
		invert: func(v *Inverse, x *Call, begins func(string, int) string) bool {
			from := constantInt(x, 1)
			if len(x.Args) != 2 || from < 1 {
				return false
			}
			if named, _ := columnIn(x.Args[0]); from > 1 {
				v.set("concat(" + strconv.Quote(begins(named, from-1)) + ", " + v.Value + ")")
			}
			return v.back(x.Args[0], begins)
		},
		narrow: func(n *narrowing, c comparison) outcome { // from the first character on
			if len(c.args) != 3 {
				return notTold
			}
			if from, ok := n.integer(c.args[1]); !ok || from != 1 {
				return notTold
			}
			return n.beginning(c, c.args[2])
		},
	},
	{
		names: []string{"strpos"},
		text: &ofText{[]*typ{firstType, textType}, int4Type, func(m *machine, v []value) value {
			i := bytes.Index(v[0].b, v[1].b)
			if i < 0 {
				return integer(0)
			}
			return integer(runes(v[0].b[:i]) + 1)
		}},
		narrow: (*narrowing).holding,
	},
	{
		names: []string{"instr"},
		sqlite: &ofSQLite{2, 2, func(m *machine, v []value) value {
			if v[0].scale == sBlob || v[1].scale == sBlob {
				return m.fail(unknown("instr of a blob"))
			}
			b := sTextIn(m, v[0])
			i := bytes.Index(b, sTextIn(m, v[1]))
			if i < 0 {
				return sInt(0)
			}
			return sInt(runes(b[:i]) + 1)
		}},
		narrow: (*narrowing).holding,
	},
	{
		names: []string{"starts_with"},
		text: &ofText{[]*typ{firstType, textType}, boolType, func(m *machine, v []value) value {
			return boolean(bytes.HasPrefix(v[0].b, v[1].b))
		}},
	},
	{
		names: []string{"split_part"},
		text: &ofText{[]*typ{firstType, textType, int4Type}, firstType, func(m *machine, v []value) value {
			if v[2].n <= 0 {
				return m.fail(unknown("split_part from the end"))
			}
			if len(v[1].b) == 0 {
				return m.fail(unknown("split_part by nothing"))
			}
			parts := bytes.Split(v[0].b, v[1].b)
			if v[2].n > int64(len(parts)) {
				return text(nil)
			}
			return text(parts[v[2].n-1])
		}},
		derive: func(s *solver, x *Call) (derived, bool) { return s.derivedText("split", x, 3, 3) },
		invert: func(v *Inverse, x *Call, begins func(string, int) string) bool {
			n := constantInt(x, 2)
			if len(x.Args) != 3 || textOf(x.Args[1]) == "" || n < 1 || n > 9 {
				return false
			}
			ahead := strings.Repeat("X"+textOf(x.Args[1]), n-1)
			if named, _ := columnIn(x.Args[0]); n > 1 {
				ahead = begins(named, 1) + ahead[1:]
			}
			v.set("concat(" + strconv.Quote(ahead) + ", " + v.Value + ")")
			return v.back(x.Args[0], begins)
		},
	},
	{
		names: []string{"repeat"},
		text: &ofText{[]*typ{firstType, int4Type}, firstType, func(m *machine, v []value) value {
			if v[1].n*int64(len(v[0].b)) > 1<<20 {
				return m.fail(errRange)
			}
			return text(bytes.Repeat(v[0].b, int(max(v[1].n, 0))))
		}},
	},
	{
		names:  []string{"lpad", "rpad"},
		derive: func(s *solver, x *Call) (derived, bool) { return s.derivedText(x.Name, x, 2, 3) },
	},
	{
		names: []string{"ascii"},
		text: &ofText{[]*typ{firstType}, int4Type, func(m *machine, v []value) value {
			if len(v[0].b) == 0 {
				return integer(0)
			}
			r, _ := utf8.DecodeRune(v[0].b)
			return integer(int64(r))
		}},
	},
	{
		names: []string{"unicode"},
		sqlite: &ofSQLite{1, 1, func(m *machine, v []value) value {
			b := sTextIn(m, v[0])
			if len(b) == 0 {
				return null
			}
			r, _ := utf8.DecodeRune(b)
			return sInt(int64(r))
		}},
	},
	{
		names: []string{"md5"},
		text: &ofText{[]*typ{firstType}, firstType, func(m *machine, v []value) value {
			sum := md5.Sum(v[0].b)
			return m.take(hex.AppendEncode(m.buf, sum[:]))
		}},
		derive: func(s *solver, x *Call) (derived, bool) { return s.derivedText("md5", x, 1, 1) },
	},
	{names: []string{"concat"}, derive: func(s *solver, x *Call) (derived, bool) { return s.joined("", x.Args) }},
	{
		names: []string{"concat_ws"},
		derive: func(s *solver, x *Call) (derived, bool) {
			sep, ok := s.deriveConstant(x.Args[0])
			if !ok || sep.kind != kText {
				return derived{}, false
			}
			return s.joined(sep.text, x.Args[1:])
		},
	},
	{
		names: []string{"translate"},
		text: &ofText{[]*typ{firstType, textType, textType}, firstType, func(m *machine, v []value) value {
			from, to := []rune(string(v[1].b)), []rune(string(v[2].b))
			return text(bytes.Map(func(r rune) rune {
				if i := slices.Index(from, r); i >= len(to) {
					return -1
				} else if i >= 0 {
					return to[i]
				}
				return r
			}, v[0].b))
		}},
		derive: (*solver).translated,
	},
	{names: []string{"format", "printf"}, derive: (*solver).formatted},
}

// fromEnd gives how many characters left and right take of a text: below zero, all but so many.
func fromEnd(b []byte, n int64) int64 {
	if n < 0 {
		return max(runes(b)+n, 0)
	}
	return n
}

// invertRemoved puts back what a function has taken out of a text: replace(x, 'a', ”) and ltrim(x, 'a').
func invertRemoved(v *Inverse, x *Call, begins func(string, int) string) bool {
	if len(x.Args) < 2 || textOf(x.Args[1]) == "" || len(x.Args) > 2 && textOf(x.Args[2]) != "" {
		return false
	}
	v.set("concat(" + strconv.Quote(textOf(x.Args[1])) + ", " + v.Value + ")")
	return v.back(x.Args[0], begins)
}

// whatever holds texts without regard to letters' case, or to spaces around them.
func (n *narrowing) whatever(c comparison) outcome {
	v, ok := n.text(c.with)
	switch {
	case !ok:
	case c.op == "=":
		return n.listed(&Call{Name: c.name, Args: c.args}, []string{v}, true)
	case v == "" && c.op != "<" && c.op != "<=" && c.op != ">=" && strings.HasSuffix(c.name, "trim") && len(c.args) == 1 && n.isColumn(c.args[0]):
		n.d.Filled = true
		return told
	}
	return notTold
}

// holding holds where in a text another one is: strpos(x, '@') > 0.
func (n *narrowing) holding(c comparison) outcome {
	k, ok := n.integer(c.with)
	if !ok || len(c.args) != 2 || !n.isColumn(c.args[0]) {
		return notTold
	}
	p, ok := n.text(c.args[1])
	switch {
	case !ok || p == "":
	case k == 0 && (c.op == "=" || c.op == "<="):
		return n.pattern(regexp.QuoteMeta(p), true, false)
	case k == 0 && (c.op == ">" || c.op == "<>") || k == 1 && c.op == ">=":
		return n.pattern(regexp.QuoteMeta(p), false, false)
	case k == 1 && c.op == "=":
		return n.pattern("^"+regexp.QuoteMeta(p), false, false)
	}
	return notTold
}

// beginning holds what the first characters of a text are.
func (n *narrowing) beginning(c comparison, length Expr) outcome {
	p, ok := n.text(c.with)
	if !ok || !n.isColumn(c.args[0]) || c.op != "=" && c.op != "<>" {
		return notTold
	}
	if k, ok := n.integer(length); !ok || k != int64(len([]rune(p))) {
		return notTold
	}
	return n.pattern("^"+regexp.QuoteMeta(p), c.op == "<>", false)
}
