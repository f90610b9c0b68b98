package pgcopy

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// The kernels of the text format write one cell as the server's text.

// AppendCell appends a cell that is not null in the text form of a column's type, without COPY's escapes.
func AppendCell(dst []byte, t schema.Type, v *column.Vec, i int) []byte {
	switch chooseText(v.Kind, t) {
	case opTimestamp:
		return AppendTimestamp(dst, v.Ints[i])
	case opDate:
		return AppendDate(dst, v.Ints[i])
	case opFloat, opFloat4:
		return AppendFloat(dst, v.Floats[i])
	default:
		return v.AppendText(dst, i)
	}
}

// plain tells whether b has neither a backslash nor a character below the blank, so that COPY takes it
// as it is. It looks at eight bytes at once.
func plain(b []byte) bool {
	const low, high, blanks, backslashes = 0x0101010101010101, 0x8080808080808080, 0x2020202020202020, 0x5c5c5c5c5c5c5c5c
	for len(b) >= 32 {
		var bad uint64
		for k := 0; k < 32; k += 8 {
			x := binary.LittleEndian.Uint64(b[k:])
			y := x ^ backslashes
			bad |= (x-blanks)&^x | (y-low)&^y
		}
		if bad&high != 0 {
			return false
		}
		b = b[32:]
	}
	for _, c := range b {
		if c < ' ' || c == '\\' {
			return false
		}
	}
	return true
}

// appendEscaped appends text as COPY wants it; false says that it holds a NUL.
func appendEscaped(dst, text []byte) ([]byte, bool) {
	if plain(text) {
		return append(dst, text...), true
	}
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '\\' {
			continue
		}
		var e byte
		switch c {
		case '\\':
			e = '\\'
		case '\n':
			e = 'n'
		case '\r':
			e = 'r'
		case '\t':
			e = 't'
		case 0:
			return dst, false
		default:
			continue
		}
		dst = append(append(dst, text[from:i]...), '\\', e)
		from = i + 1
	}
	return append(dst, text[from:]...), true
}

const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

const (
	dayMicros = 24 * 3600 * 1_000_000
	minDay    = -719162 // 0001-01-01
	maxDay    = 2932896 // 9999-12-31
)

// AppendTimestamp appends the moment micros after 1970-01-01 00:00:00 UTC.
func AppendTimestamp(dst []byte, micros int64) []byte {
	d := micros / dayMicros
	rest := micros - d*dayMicros
	if rest < 0 {
		d--
		rest += dayMicros
	}
	if d < minDay || d > maxDay {
		if column.Infinite(micros) {
			return column.AppendInfinity(dst, micros)
		}
		return appendFarTimestamp(dst, d, rest)
	}
	dst = append(dst, "0000-00-00 00:00:00"...)
	p := (*[19]byte)(dst[len(dst)-19:])
	putDate((*[10]byte)(p[:]), d)
	s, f := uint32(rest/1_000_000), uint32(rest%1_000_000)
	put2((*[2]byte)(p[11:]), s/3600)
	put2((*[2]byte)(p[14:]), s/60%60)
	put2((*[2]byte)(p[17:]), s%60)
	if f != 0 {
		dst = append(dst, ".000000"...)
		q := (*[6]byte)(dst[len(dst)-6:])
		put2((*[2]byte)(q[:]), f/10000)
		put2((*[2]byte)(q[2:]), f/100%100)
		put2((*[2]byte)(q[4:]), f%100)
	}
	return dst
}

// appendZone adds UTC to the timestamp that begins at dst[at].
func appendZone(dst []byte, at int) []byte {
	if bytes.HasSuffix(dst[at:], []byte(" BC")) {
		return append(dst[:len(dst)-3], "+00 BC"...)
	}
	if bytes.HasSuffix(dst[at:], []byte("infinity")) {
		return dst
	}
	return append(dst, "+00"...)
}

// AppendDate appends a date.
func AppendDate(dst []byte, d int64) []byte {
	if d < minDay || d > maxDay {
		if column.Infinite(d) {
			return column.AppendInfinity(dst, d)
		}
		dst, bc := appendFarDate(dst, d)
		return append(dst, bc...)
	}
	dst = append(dst, "0000-00-00"...)
	putDate((*[10]byte)(dst[len(dst)-10:]), d)
	return dst
}

// putDate writes a date of the years 1 to 9999: column.AppendDate's algorithm on 32 bits.
func putDate(p *[10]byte, days int64) {
	z := uint32(days + 719468)
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	y, m, d := yoe+era*400, mp+3, doy-(153*mp+2)/5+1
	if m > 12 {
		m -= 12
		y++
	}
	put2((*[2]byte)(p[:]), y/100)
	put2((*[2]byte)(p[2:]), y%100)
	put2((*[2]byte)(p[5:]), m)
	put2((*[2]byte)(p[8:]), d)
}

func put2(p *[2]byte, x uint32) {
	s := pairs[x*2 : x*2+2]
	p[0], p[1] = s[0], s[1]
}

// appendFarDate appends a date outside the years 1 to 9999. Years before 1 are counted backwards from
// 1 BC; the mark is what must stand behind the whole value.
func appendFarDate(dst []byte, days int64) (_ []byte, mark string) {
	const cycle = 146097             // days of 400 years
	days = min(max(days, -4e9), 4e9) // beyond that no server follows: it says "out of range"
	var shift int64                  // cycles
	if days < minDay {
		shift = -((minDay - days + cycle - 1) / cycle)
	} else {
		shift = (days - maxDay + cycle - 1) / cycle
	}
	near := [10]byte{4: '-', 7: '-'}
	days -= shift * cycle
	putDate(&near, days)
	year := int64(near[0]-'0')*1000 + int64(near[1]-'0')*100 + int64(near[2]-'0')*10 + int64(near[3]-'0') + shift*400
	if year <= 0 {
		year, mark = 1-year, " BC"
	}
	for p := int64(1000); p > year && p > 1; p /= 10 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, year, 10)
	return append(dst, near[4:]...), mark
}

func appendFarTimestamp(dst []byte, days, rest int64) []byte {
	dst, mark := appendFarDate(dst, days)
	dst = column.AppendTimeOfDay(append(dst, ' '), rest)
	return append(dst, mark...)
}

// hexPairs holds the two digits of every byte.
var hexPairs = func() (t [512]byte) {
	for i := range 256 {
		t[2*i], t[2*i+1] = "0123456789abcdef"[i>>4], "0123456789abcdef"[i&15]
	}
	return t
}()

func appendUUID(dst []byte, u *[16]byte) []byte {
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	p := (*[36]byte)(dst[len(dst)-36:])
	at := 0
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			at++
		}
		p[at], p[at+1] = hexPairs[int(b)*2], hexPairs[int(b)*2+1]
		at += 2
	}
	return dst
}

// AppendFloat appends a double. Hundredths, which most made-up figures are, take a short way: where
// k/100 is the double, its decimal digits read back as the same one.
func AppendFloat(dst []byte, x float64) []byte {
	if x > -1e9 && x < 1e9 {
		k := int64(x*100 + math.Copysign(0.5, x))
		if float64(k)/100 == x && (k != 0 || !math.Signbit(x)) {
			switch {
			case k%100 == 0:
				return strconv.AppendInt(dst, k/100, 10)
			case k%10 == 0:
				return appendDecimal(dst, k/10, 1)
			}
			return appendDecimal(dst, k, 2)
		}
	}
	switch {
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, x, 'g', -1, 64)
}

// appendFloat4 appends a cell of a column of single precision: shorter where the cell is a single.
func appendFloat4(dst []byte, x float64) []byte {
	if f := float32(x); float64(f) == x && !math.IsInf(x, 0) {
		return strconv.AppendFloat(dst, x, 'g', -1, 32)
	}
	return AppendFloat(dst, x)
}

var powers = [...]uint64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000}

func appendDecimal(dst []byte, unscaled int64, scale int32) []byte {
	if scale <= 0 || int(scale) >= len(powers) {
		return column.AppendDecimal(dst, unscaled, int(scale))
	}
	u := uint64(unscaled)
	if unscaled < 0 {
		dst = append(dst, '-')
		u = -u
	}
	p := powers[scale]
	dst = append(strconv.AppendUint(dst, u/p, 10), '.')
	for f := u % p; scale > 0; scale-- {
		p /= 10
		dst = append(dst, byte('0'+f/p%10))
	}
	return dst
}
