package gen

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// The functions of expressions that take texts apart and fill them up. They mean what they mean in PostgreSQL; they have no
// SQL, since SQLite lacks most of them.

// small reads an argument that is an integer literal; its absolute value is at most a million.
func small(t *term, what string) (int, error) {
	const most = 1_000_000
	if t.kind != column.Int || t.number == "" {
		return 0, fmt.Errorf("%s must be a number", what)
	}
	var m machine
	v := m.run(t, 0)
	if v.i < -most || v.i > most {
		return 0, fmt.Errorf("%s is %d: at most %d", what, v.i, most)
	}
	return int(v.i), nil
}

// ofText makes a term of the text of another one.
func ofText(t *term, maxLen int, of func(m *machine, s []byte) []byte) *term {
	return &term{kind: column.Text, maxLen: maxLen, sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		if !v.null {
			v.s = of(m, v.s)
		}
		return v
	}}
}

// suffixCall is suffix(text, 3), the last characters; with a negative number all but as many of the first.
func suffixCall(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantText(t); err != nil {
		return nil, err
	}
	n, err := small(terms[1], "the number of characters")
	if err != nil {
		return nil, err
	}
	maxLen := t.maxLen
	if n >= 0 && (maxLen == 0 || maxLen > n) {
		maxLen = max(n, 1)
	}
	return ofText(t, maxLen, func(_ *machine, s []byte) []byte {
		if n < 0 {
			return s[len(runePrefix(s, -n)):]
		}
		return s[len(runePrefix(s, max(utf8.RuneCount(s)-n, 0))):]
	}), nil
}

// substr is substr(text, from) and substr(text, from, length), counted from 1.
func substr(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantText(t); err != nil {
		return nil, err
	}
	from, err := small(terms[1], "the first character")
	length, most := math.MaxInt32, t.maxLen
	if err == nil && len(terms) == 3 {
		length, err = small(terms[2], "the number of characters")
		most = max(length, 1)
	}
	switch {
	case err != nil:
		return nil, err
	case from < 1 || length < 0:
		return nil, fmt.Errorf("characters are counted from 1")
	}
	return ofText(t, most, func(_ *machine, s []byte) []byte {
		s = s[len(runePrefix(s, from-1)):]
		return runePrefix(s, length)
	}), nil
}

// split is split(text, "-", 2): the second of the parts between separators, counted from the end for negative numbers.
func split(terms []*term) (*term, error) {
	t, sep := terms[0], terms[1]
	if err := wantText(t); err != nil {
		return nil, err
	}
	n, err := small(terms[2], "the part")
	switch {
	case err != nil:
		return nil, err
	case n == 0 || sep.kind != column.Text || sep.fixed == nil || len(sep.fixed.s) == 0:
		return nil, fmt.Errorf("a separator and a part from 1 on are wanted, as in split(code, \"-\", 2)")
	}
	return ofText(t, t.maxLen, func(_ *machine, s []byte) []byte {
		parts := bytes.Split(s, sep.fixed.s)
		at := n - 1
		if n < 0 {
			at = len(parts) + n
		}
		if at < 0 || at >= len(parts) {
			return nil
		}
		return parts[at]
	}), nil
}

// pad is lpad and rpad: a text of so many characters, filled up with another one, or cut.
func pad(left bool) func([]*term) (*term, error) {
	return func(terms []*term) (*term, error) {
		t, err := convert(terms[0], column.Text)
		if err != nil {
			return nil, err
		}
		n, err := small(terms[1], "the number of characters")
		if err != nil {
			return nil, err
		}
		with := []byte(" ")
		if len(terms) == 3 {
			if terms[2].kind != column.Text || terms[2].fixed == nil {
				return nil, fmt.Errorf("what fills up must be a text, as in lpad(n, 6, \"0\")")
			}
			with = terms[2].fixed.s
		}
		return ofText(t, max(n, 1), func(m *machine, s []byte) []byte {
			missing := n - utf8.RuneCount(s)
			if missing <= 0 || len(with) == 0 {
				return runePrefix(s, max(n, 0))
			}
			fill := runePrefix(bytes.Repeat(with, missing/utf8.RuneCount(with)+1), missing)
			begin := len(m.buf)
			if left {
				m.buf = append(append(m.buf, fill...), s...)
			} else {
				m.buf = append(append(m.buf, s...), fill...)
			}
			return m.buf[begin:]
		}), nil
	}
}

// md5Of is md5(text) in hexadecimal digits.
func md5Of(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantText(t); err != nil {
		return nil, err
	}
	return ofText(t, 2*md5.Size, func(m *machine, s []byte) []byte {
		sum := md5.Sum(s)
		begin := len(m.buf)
		m.buf = hex.AppendEncode(m.buf, sum[:])
		return m.buf[begin:]
	}), nil
}
