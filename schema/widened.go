package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// typeText are the parts of a type as Type.Text writes it: its name and its numbers.
var typeText = regexp.MustCompile(`^([a-z ]+?) ?(?:\((\d+)(?:, ?(\d+))?\))?$`)

// integers are the types of whole numbers, each with those that take fewer before it.
var integers = []string{"tinyint", "smallint", "int2", "mediumint", "int", "integer", "int4", "bigint", "int8"}

// Widened tells whether every cell of a type, by its text (Type.Text), is the same cell of another one, which takes more:
// integers of more bytes, texts that may be longer, decimals of more digits before the point. Of what is not known here it is
// false.
func Widened(was, is string) bool {
	from, to := typeText.FindStringSubmatch(strings.ToLower(was)), typeText.FindStringSubmatch(strings.ToLower(is))
	if from == nil || to == nil {
		return false
	}
	limit := func(parts []string) int { // 0: none
		n, _ := strconv.Atoi(parts[2]) // digits, or nothing
		return n
	}
	at := func(name string) int { return slices.Index(integers, name) }
	isText := func(name string) bool { return name == "text" || name == "character varying" || name == "varchar" }
	isDecimal := func(name string) bool { return name == "numeric" || name == "decimal" }
	switch a, b := from[1], to[1]; {
	case at(a) >= 0 && at(b) >= 0:
		return at(a) <= at(b)
	case isText(a) && isText(b), isDecimal(a) && isDecimal(b) && from[3] == to[3]:
		return limit(to) == 0 || limit(from) != 0 && limit(from) <= limit(to)
	}
	return false
}
