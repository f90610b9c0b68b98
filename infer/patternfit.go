package infer

import (
	"regexp/syntax"
	"strings"

	"github.com/sowerdata/sower/check"
)

// patternFits tells whether all texts of a pattern generator are what a column's checks ask, where these ask for a
// length or for letters of one case alone.
func patternFits(g yaml, d *check.Domain) bool {
	pattern := g.argument().str()
	if !g.is("pattern") || pattern == "" || d.In != nil || len(d.NotIn)+len(d.Patterns) > 0 || d.Bytes || d.Min != nil || d.Max != nil || d.JSON != "" {
		return false
	}
	if strings.ContainsAny(pattern, ". \\") || d.Lower && strings.ToLower(pattern) != pattern || d.Upper && strings.ToUpper(pattern) != pattern {
		return false
	}
	e, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	least, most := lengths(e)
	return least > 0 && least >= d.MinLength && most >= 0 && (d.MaxLength == 0 || most <= d.MaxLength)
}

// lengths gives how many characters what an expression matches has; most is -1 where nothing bounds it or it is not known.
func lengths(e *syntax.Regexp) (least, most int) {
	switch e.Op {
	case syntax.OpLiteral:
		return len(e.Rune), len(e.Rune)
	case syntax.OpCharClass:
		return 1, 1
	case syntax.OpCapture:
		return lengths(e.Sub[0])
	case syntax.OpConcat:
		for _, s := range e.Sub {
			lo, hi := lengths(s)
			if hi < 0 {
				return 0, -1
			}
			least, most = least+lo, most+hi
		}
		return least, most
	case syntax.OpRepeat:
		lo, hi := lengths(e.Sub[0])
		if hi < 0 || e.Max < 0 {
			return 0, -1
		}
		return lo * e.Min, hi * e.Max
	}
	return 0, -1
}
