package column

import (
	"encoding/hex"
	"strconv"
	"time"
)

// AppendText appends cell i's canonical text, the form in which people, files and digests see it:
// true/false, decimal digits, 2006-01-02, 15:04:05[.000000], 2006-01-02 15:04:05[.000000] (UTC, the
// fraction only where it is not zero), UUID in lower case with dashes, bytes as \x and hex digits. Of a
// float the fewest digits that read back as it, at its own precision.
// A null cell appends nothing.
func (v *Vec) AppendText(dst []byte, i int) []byte {
	if v.Null(i) {
		return dst
	}
	switch v.Kind {
	case Bool:
		return strconv.AppendBool(dst, v.Ints[i] != 0)
	case Int:
		return strconv.AppendInt(dst, v.Ints[i], 10)
	case Decimal:
		return AppendDecimal(dst, v.Ints[i], int(v.Scale))
	case Float:
		return strconv.AppendFloat(dst, v.Floats[i], 'g', -1, v.FloatBits())
	case Date:
		return AppendDate(dst, v.Ints[i])
	case Time:
		return AppendTimeOfDay(dst, v.Ints[i])
	case Timestamp:
		return AppendTimestamp(dst, v.Ints[i])
	case UUID:
		return AppendUUIDText(dst, v.Data[i*16:i*16+16])
	case Bytes:
		return hex.AppendEncode(append(dst, `\x`...), v.Bytes(i))
	default:
		return append(dst, v.Bytes(i)...)
	}
}

// FloatBits is the size of a Float vector's cells, as strconv wants it: 32 or 64.
func (v *Vec) FloatBits() int {
	if v.Single {
		return 32
	}
	return 64
}

// String gives cell i's canonical text; null gives "".
func (v *Vec) String(i int) string { return string(v.AppendText(nil, i)) }

// AppendDecimal appends unscaled / 10^scale with exactly scale digits behind the point.
func AppendDecimal(dst []byte, unscaled int64, scale int) []byte {
	if scale <= 0 {
		return strconv.AppendInt(dst, unscaled, 10)
	}
	u := uint64(unscaled)
	if unscaled < 0 {
		dst = append(dst, '-')
		u = -u
	}
	var buf [64]byte
	at := len(buf)
	for d := 0; d <= scale || u > 0; d++ {
		if d == scale {
			at--
			buf[at] = '.'
		}
		at--
		buf[at] = byte('0' + u%10)
		u /= 10
	}
	return append(dst, buf[at:]...)
}

const (
	day    = 24 * 3600 * 1_000_000 // microseconds
	second = 1_000_000
)

// AppendDate appends the date that lies days after 1970-01-01. Years have at least four digits.
func AppendDate(dst []byte, days int64) []byte {
	if Infinite(days) {
		return AppendInfinity(dst, days)
	}
	// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
	z := days + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := doy - (153*mp+2)/5 + 1
	m := mp + 3
	if m > 12 {
		m -= 12
	}
	y := yoe + era*400
	if m <= 2 {
		y++
	}
	if y >= 0 && y <= 9999 {
		dst = append2(dst, y/100)
		dst = append2(dst, y%100)
	} else {
		dst = strconv.AppendInt(dst, y, 10)
	}
	dst = append2(append(dst, '-'), m)
	return append2(append(dst, '-'), d)
}

// AppendTimeOfDay appends the time that lies micros after midnight.
func AppendTimeOfDay(dst []byte, micros int64) []byte {
	s := micros / second
	dst = append2(dst, s/3600)
	dst = append2(append(dst, ':'), s/60%60)
	dst = append2(append(dst, ':'), s%60)
	if f := micros % second; f != 0 {
		dst = append(dst, '.')
		for p := int64(100_000); p > 0; p /= 10 {
			dst = append(dst, byte('0'+f/p%10))
		}
	}
	return dst
}

// AppendTimestamp appends the moment that lies micros after 1970-01-01 00:00:00 UTC.
func AppendTimestamp(dst []byte, micros int64) []byte {
	if Infinite(micros) {
		return AppendInfinity(dst, micros)
	}
	d := micros / day
	if micros%day < 0 {
		d--
	}
	dst = append(AppendDate(dst, d), ' ')
	return AppendTimeOfDay(dst, micros-d*day)
}

// AppendUUIDText appends a UUID's 16 bytes as text.
func AppendUUIDText(dst, u []byte) []byte {
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

const hexDigits = "0123456789abcdef"

func append2(dst []byte, x int64) []byte { return append(dst, byte('0'+x/10), byte('0'+x%10)) }

// Micros gives t as a Timestamp cell.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// AppendJSONString appends s as a JSON string in canonical form, which is the one that PostgreSQL's
// jsonb prints: only quote, backslash and control characters are escaped, \b \f \n \r \t by their
// short names. s is UTF-8.
func AppendJSONString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
