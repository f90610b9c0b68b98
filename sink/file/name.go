package file

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// longest is the number of bytes that the name of a table may have in that of a file, which most file systems give 255.
const longest = 180

// reserved are names that are devices of Windows, whatever follows behind a dot.
var reserved = []string{"con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// fileName is a table's name as a file's: what a file system may not take, or a reader not see, is percent-escaped.
func fileName(table string) string {
	stem, _, _ := strings.Cut(strings.ToLower(table), ".")
	odd := slices.Contains(reserved, strings.TrimRight(stem, " "))
	var b strings.Builder
	for i, r := range table {
		ends := i == 0 || i == len(table)-1
		switch {
		case odd && i == 0, r == '.' && i == 0, r == ' ' && ends, strings.ContainsRune(`/\:*?"<>|%`, r),
			r != ' ' && !unicode.IsPrint(r), unicode.IsMark(r): // marks: file systems may write them as one with their letter
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		default:
			b.WriteRune(r)
		}
	}
	name := b.String()
	switch {
	case name == "":
		return "%"
	case len(name) > longest:
		end := longest
		for end > 0 && name[end]&0xc0 == 0x80 { // within a character
			end--
		}
		return name[:end] + apart(table)
	}
	return name
}

// fileName is a table's name as a file's; where others that were announced differ from it in capitals alone, it has a
// mark of its own.
func (s *Sink) fileName(table string) string {
	name := fileName(table)
	for _, other := range s.options.Tables {
		if other != table && strings.EqualFold(fileName(other), name) {
			return name + apart(table)
		}
	}
	return name
}

// apart is a mark that another table's name has not.
func apart(table string) string {
	h := fnv.New64a()
	h.Write([]byte(table))
	return fmt.Sprintf("~%016x", h.Sum64())
}
