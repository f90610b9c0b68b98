package postgres

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/sowerdata/sower/column"
)

// The server's text forms, under the settings that every session has.

var (
	errForm  = errors.New("unexpected form")
	errRange = errors.New("out of range")
)

func parseBool(b []byte) (int64, error) {
	switch string(b) {
	case "t", "true", "1":
		return 1, nil
	case "f", "false", "0":
		return 0, nil
	}
	return 0, errForm
}

// parseInt reads an integer, also from a float's or numeric's text.
func parseInt(b []byte) (int64, error) {
	x, neg, digits := int64(0), false, b
	if len(b) > 0 && b[0] == '-' {
		neg, digits = true, b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return parseWideInt(b)
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return parseWideInt(b)
		}
		x = x*10 + int64(c-'0')
	}
	if neg {
		x = -x
	}
	return x, nil
}

func parseWideInt(b []byte) (int64, error) {
	whole, rest, _ := bytes.Cut(b, []byte{'.'})
	if len(bytes.Trim(rest, "0")) == 0 {
		if x, err := strconv.ParseInt(string(whole), 10, 64); err == nil {
			return x, nil
		}
	}
	f, err := strconv.ParseFloat(string(b), 64)
	switch {
	case err != nil:
		return 0, errForm
	case f != math.Trunc(f) || math.Abs(f) >= 1<<63:
		return 0, errRange
	}
	return int64(f), nil
}

// fraction is the number of digits behind the point.
func fraction(b []byte) int32 {
	if bytes.ContainsAny(b, "eE") {
		b = plainFloat(b)
	}
	if i := bytes.IndexByte(b, '.'); i >= 0 {
		return int32(len(b) - i - 1)
	}
	return 0
}

// plainFloat writes a float's text without an exponent.
func plainFloat(b []byte) []byte {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return b
	}
	return strconv.AppendFloat(nil, f, 'f', -1, 64)
}

// parseDecimal reads a number as an unscaled integer.
func parseDecimal(b []byte, scale int32) (int64, error) {
	if bytes.ContainsAny(b, "eE") {
		b = plainFloat(b)
	}
	whole, rest, _ := bytes.Cut(b, []byte{'.'})
	if len(rest) > int(scale) {
		if len(bytes.Trim(rest[scale:], "0")) > 0 {
			return 0, errRange
		}
		rest = rest[:scale]
	}
	if len(whole)+int(scale) <= 18 {
		x, neg, digits := int64(0), false, whole
		if len(whole) > 0 && whole[0] == '-' {
			neg, digits = true, whole[1:]
		}
		for _, part := range [2][]byte{digits, rest} {
			for _, c := range part {
				if c < '0' || c > '9' {
					return 0, errForm
				}
				x = x*10 + int64(c-'0')
			}
		}
		for range int(scale) - len(rest) {
			x *= 10
		}
		if neg {
			x = -x
		}
		return x, nil
	}
	all := append(append(make([]byte, 0, 40), whole...), rest...)
	for range int(scale) - len(rest) {
		all = append(all, '0')
	}
	x, err := strconv.ParseInt(string(all), 10, 64)
	if err != nil {
		return 0, errRange
	}
	return x, nil
}

var bc = []byte(" BC")

// parseDate reads "2025-05-01", years of more digits, and "0044-03-15 BC".
func parseDate(b []byte) (int64, error) {
	if x, ok := column.ParseInfinity(b); ok {
		return x, nil
	}
	before := bytes.HasSuffix(b, bc)
	if before {
		b = b[:len(b)-len(bc)]
	}
	days, rest, err := cutDate(b, before)
	if err == nil && len(rest) > 0 {
		err = errForm
	}
	return days, err
}

// cutDate reads the date that b begins with.
func cutDate(b []byte, before bool) (days int64, rest []byte, err error) {
	neg := len(b) > 0 && b[0] == '-' // the canonical text of years before 1
	if neg {
		b = b[1:]
	}
	dash := bytes.IndexByte(b, '-')
	if dash < 1 || len(b) < dash+6 || b[dash+3] != '-' {
		return 0, nil, errForm
	}
	y, err := strconv.ParseInt(string(b[:dash]), 10, 32)
	m, ok1 := two(b[dash+1:])
	d, ok2 := two(b[dash+4:])
	if err != nil || !ok1 || !ok2 {
		return 0, nil, errForm
	}
	if neg {
		y = -y
	}
	if before {
		y = 1 - y
	}
	// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	doe := yoe*365 + yoe/4 - yoe/100 + (153*(m-3)+2)/5 + d - 1
	return era*146097 + doe - 719468, b[dash+6:], nil
}

func two(b []byte) (int64, bool) {
	if len(b) < 2 || b[0] < '0' || b[0] > '9' || b[1] < '0' || b[1] > '9' {
		return 0, false
	}
	return int64(b[0]-'0')*10 + int64(b[1]-'0'), true
}

// parseTime reads "15:04:05[.999999]".
func parseTime(b []byte) (int64, error) {
	h, ok1 := two(b)
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0, errForm
	}
	m, ok2 := two(b[3:])
	s, ok3 := two(b[6:])
	if !ok1 || !ok2 || !ok3 {
		return 0, errForm
	}
	us := (h*3600 + m*60 + s) * 1_000_000
	if len(b) == 8 {
		return us, nil
	}
	if b[8] != '.' || len(b) > 15 {
		return 0, errForm
	}
	p := int64(100_000)
	for _, c := range b[9:] {
		if c < '0' || c > '9' {
			return 0, errForm
		}
		us += int64(c-'0') * p
		p /= 10
	}
	return us, nil
}

// parseTimestamp reads "2025-05-01 15:04:05[.999999][+00][ BC]".
func parseTimestamp(b []byte) (int64, error) {
	if x, ok := column.ParseInfinity(b); ok {
		return x, nil
	}
	before := bytes.HasSuffix(b, bc)
	if before {
		b = b[:len(b)-len(bc)]
	}
	days, rest, err := cutDate(b, before)
	if err != nil {
		return 0, err
	}
	rest = bytes.TrimSuffix(rest, []byte("+00"))
	if len(rest) < 9 || rest[0] != ' ' {
		return 0, errForm
	}
	us, err := parseTime(rest[1:])
	const day = 24 * 3600 * 1_000_000
	if days > math.MaxInt64/day-1 { // the server has some years more
		return 0, errForm
	}
	return days*day + us, err
}

func parseUUID(b []byte) (u [16]byte, err error) {
	if len(b) != 36 {
		return u, errForm
	}
	at := 0
	for i := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			if b[at] != '-' {
				return u, errForm
			}
			at++
		}
		hi, lo := unhex[b[at]], unhex[b[at+1]]
		if hi|lo > 15 {
			return u, errForm
		}
		u[i] = hi<<4 | lo
		at += 2
	}
	return u, nil
}

// unhex holds the values of hex digits; 255 for all else.
var unhex = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range "0123456789abcdef" {
		t[c] = byte(i)
	}
	for i, c := range "ABCDEF" {
		t[c] = byte(10 + i)
	}
	return t
}()
