package postgres

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// The server's binary forms. Values whose text is their binary form too are read as text.

// The epoch of the server's dates and times is 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86_400_000_000
)

// binaryParserOf gives the function that appends a value in the server's binary form to v; nil where v reads texts.
func binaryParserOf(v *column.Vec, t schema.Type) func(b []byte) error {
	loose := t.Kind == column.Literal && t.Base == "numeric"
	switch {
	case v.Kind == column.Decimal && (loose || t.Kind == column.Decimal):
		return func(b []byte) error { return appendNumeric(v, b, loose) }
	case v.Kind != t.Kind:
		return nil
	}
	switch v.Kind {
	case column.Bool, column.Int:
		return sized(map[column.Kind]int{column.Bool: 1, column.Int: t.Width}[v.Kind], v.AppendInt)
	case column.Date:
		return sized(4, func(x int64) {
			switch x {
			case math.MaxInt32:
				x = column.Infinity
			case math.MinInt32:
				x = column.MinusInfinity
			default:
				x += epochDays
			}
			v.AppendInt(x)
		})
	case column.Time:
		return sized(8, v.AppendInt)
	case column.Timestamp:
		return sized(8, func(x int64) {
			if !column.Infinite(x) {
				x += epochMicros
			}
			v.AppendInt(x)
		})
	case column.Float:
		if t.Width == 4 {
			return sized(4, func(x int64) { v.AppendFloat(float64(math.Float32frombits(uint32(x)))) })
		}
		return sized(8, func(x int64) { v.AppendFloat(math.Float64frombits(uint64(x))) })
	case column.UUID:
		return func(b []byte) error {
			if len(b) != 16 {
				return errForm
			}
			v.AppendUUID([16]byte(b))
			return nil
		}
	case column.Bytes:
		return func(b []byte) error { v.AppendBytes(b); return nil }
	}
	return nil
}

// sized reads an integer of n bytes.
func sized(n int, add func(int64)) func(b []byte) error {
	big := binary.BigEndian
	return func(b []byte) error {
		switch {
		case len(b) != n:
			return errForm
		case n == 1:
			add(int64(b[0]))
		case n == 2:
			add(int64(int16(big.Uint16(b))))
		case n == 4:
			add(int64(int32(big.Uint32(b))))
		case n == 8:
			add(int64(big.Uint64(b)))
		default:
			return errForm
		}
		return nil
	}
}

// tens are the powers of ten that an unsigned integer holds.
var tens = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// appendNumeric appends a numeric: digits to the base 10,000, with the weight of the first one. Where the type leaves the
// scale open, v gets that of the longest fraction.
func appendNumeric(v *column.Vec, b []byte, open bool) error {
	const positive, negative = 0, 0x4000
	big := binary.BigEndian
	if len(b) < 8 {
		return errForm
	}
	n, weight, sign := int(big.Uint16(b)), int(int16(big.Uint16(b[2:]))), big.Uint16(b[4:])
	scale := int32(big.Uint16(b[6:]))
	if b = b[8:]; len(b) != 2*n || sign != positive && sign != negative { // not a number, or infinite
		return errForm
	}
	if open && !v.Rescale(min(scale, int32(4*max(n-1-weight, 0)))) { // zeros at the end need no digits
		return errRange
	}
	sum := uint64(0)
	for i := range n {
		digit, e := uint64(big.Uint16(b[2*i:])), 4*(weight-i)+int(v.Scale)
		switch {
		case digit == 0:
		case e >= len(tens) || e <= -4:
			return errRange
		case e < 0:
			if digit%tens[-e] != 0 {
				return errRange
			}
			sum += digit / tens[-e]
		default:
			high, low := bits.Mul64(digit, tens[e])
			carry := uint64(0)
			if sum, carry = bits.Add64(sum, low, 0); high+carry > 0 {
				return errRange
			}
		}
	}
	switch {
	case sign == positive && sum <= math.MaxInt64:
		v.AppendInt(int64(sum))
	case sign == negative && sum <= 1<<63:
		v.AppendInt(-int64(sum))
	default:
		return errRange
	}
	return nil
}
