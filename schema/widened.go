package schema

import (
	"slices"
	"strconv"
	"strings"
)

// typeParts are the parts of a type as Type.Text writes it: its name and its numbers.
func typeParts(text string) (name string, numbers []int, ok bool) {
	name, rest, args := strings.Cut(strings.ToLower(text), "(")
	name = strings.TrimSpace(name)
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz ") != "" {
		return "", nil, false
	}
	if !args {
		return name, nil, true
	}
	rest, ok = strings.CutSuffix(rest, ")")
	for part := range strings.SplitSeq(rest, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		ok = ok && err == nil && n >= 0
		numbers = append(numbers, n)
	}
	return name, numbers, ok && len(numbers) <= 2
}

// integers are the types of whole numbers, each with those that take fewer before it.
var integers = []string{"tinyint", "smallint", "int2", "mediumint", "int", "integer", "int4", "bigint", "int8"}

// Widened tells whether every cell of a type, by its text (Type.Text), is the same cell of another one, which takes more:
// integers of more bytes, texts that may be longer, decimals of more digits before the point. Of what is not known here it is
// false.
func Widened(was, is string) bool {
	a, from, known := typeParts(was)
	b, to, also := typeParts(is)
	if !known || !also {
		return false
	}
	number := func(parts []int, i int) int { // 0: none
		if i < len(parts) {
			return parts[i]
		}
		return 0
	}
	at := func(name string) int { return slices.Index(integers, name) }
	isText := func(name string) bool { return name == "text" || name == "character varying" || name == "varchar" }
	isDecimal := func(name string) bool { return name == "numeric" || name == "decimal" }
	switch {
	case at(a) >= 0 && at(b) >= 0:
		return at(a) <= at(b)
	case isText(a) && isText(b), isDecimal(a) && isDecimal(b) && number(from, 1) == number(to, 1):
		return number(to, 0) == 0 || number(from, 0) != 0 && number(from, 0) <= number(to, 0)
	}
	return false
}
