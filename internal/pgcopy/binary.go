package pgcopy

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// The epoch of PostgreSQL's dates and times is 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * dayMicros
)

// chooseBinary gives the kernel that writes cells of kind k into a column of type t as the bytes that
// the type's receive function takes; opNone where the server would have to convert a text.
func chooseBinary(k column.Kind, t schema.Type) op {
	numeric := t.Base == "numeric" || t.Kind == column.Decimal || t.Kind == column.Literal && t.Name == "numeric"
	text := t.Kind == column.Text || t.Category == schema.EnumType
	switch {
	case k == column.Text, k == column.Literal && text:
		switch {
		case text:
			return opText
		case t.Kind == column.JSON:
			return jsonOp(t)
		}
	case k == column.JSON:
		switch {
		case t.Kind == column.JSON:
			return jsonOp(t)
		case t.Kind == column.Text:
			return opText
		}
	case k == column.Bytes && t.Kind == column.Bytes:
		return opRaw
	case t.Kind == column.Text && k != column.Bytes && k != column.Literal && k != column.Invalid:
		return opCanonical
	case k == column.Int:
		switch {
		case t.Kind == column.Int && t.Width == 2:
			return opInt2
		case t.Kind == column.Int && t.Width == 4:
			return opInt4
		case t.Kind == column.Int && t.Width == 8:
			return opInt8
		case t.Kind == column.Float && t.Width == 4:
			return opIntReal
		case t.Kind == column.Float && t.Width == 8:
			return opIntDouble
		case numeric:
			return opIntNumeric
		}
	case k == column.Decimal && numeric:
		return opNumeric
	case k == column.Float && t.Kind == k && t.Width == 4:
		return opReal
	case k == column.Float && t.Kind == k && t.Width == 8:
		return opDouble
	case k != t.Kind:
	case k == column.Bool:
		return opByte
	case k == column.Date:
		return opDays
	case k == column.Time && !t.Zone:
		return opMicros
	case k == column.Timestamp:
		return opMicros2000
	case k == column.UUID:
		return opRaw16
	}
	return opNone
}

func jsonOp(t schema.Type) op {
	if t.JSONB {
		return opJSONB
	}
	return opText
}

// appendTuple appends row i as a binary tuple: the number of fields, and for each its length and bytes.
func (e *Encoder) appendTuple(dst []byte, i int) ([]byte, error) {
	big := binary.BigEndian
	dst = big.AppendUint16(dst, uint16(len(e.cols)))
	for k := range e.cols {
		c := &e.cols[k]
		if c.nulls && c.v.Null(i) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		switch c.op {
		case opText:
			cell := c.data[c.offs[i]:c.offs[i+1]]
			if !c.clean && hasNUL(cell) {
				return dst, e.nul(c, i)
			}
			dst = append(big.AppendUint32(dst, uint32(len(cell))), cell...)
		case opJSONB:
			cell := c.data[c.offs[i]:c.offs[i+1]]
			if !c.clean && hasNUL(cell) {
				return dst, e.nul(c, i)
			}
			dst = append(append(big.AppendUint32(dst, uint32(len(cell)+1)), 1), cell...)
		case opRaw:
			cell := c.data[c.offs[i]:c.offs[i+1]]
			dst = append(big.AppendUint32(dst, uint32(len(cell))), cell...)
		case opInt4:
			x := c.ints[i]
			if int64(int32(x)) != x {
				return dst, e.range4(c, i, x)
			}
			dst = append(dst, 0, 0, 0, 4, byte(x>>24), byte(x>>16), byte(x>>8), byte(x))
		case opInt8:
			dst = append8(dst, uint64(c.ints[i]))
		case opInt2:
			x := c.ints[i]
			if int64(int16(x)) != x {
				return dst, e.range4(c, i, x)
			}
			dst = append(dst, 0, 0, 0, 2, byte(x>>8), byte(x))
		case opMicros2000:
			x := c.ints[i]
			switch {
			case column.Infinite(x): // the server has the same numbers for them
				x += epochMicros
			case x < math.MinInt64+epochMicros:
				return dst, e.range4(c, i, x)
			}
			dst = append8(dst, uint64(x-epochMicros))
		case opRaw16:
			dst = append(append(dst, 0, 0, 0, 16), c.data[i*16:i*16+16]...)
		case opByte:
			dst = append(dst, 0, 0, 0, 1, byte(c.ints[i]&1))
		case opDouble:
			dst = append8(dst, math.Float64bits(c.v.Floats[i]))
		case opReal:
			x := c.v.Floats[i]
			f := float32(x)
			if math.IsInf(float64(f), 0) && !math.IsInf(x, 0) {
				return dst, fmt.Errorf("%s.%s row %d: %g is out of the range of real", e.table, c.name, e.first+int64(i), x)
			}
			dst = big.AppendUint32(append(dst, 0, 0, 0, 4), math.Float32bits(f))
		case opIntDouble:
			dst = append8(dst, math.Float64bits(float64(c.ints[i])))
		case opIntReal:
			dst = big.AppendUint32(append(dst, 0, 0, 0, 4), math.Float32bits(float32(c.ints[i])))
		case opNumeric:
			dst = appendNumeric(dst, c.ints[i], int(c.v.Scale))
		case opIntNumeric:
			dst = appendNumeric(dst, c.ints[i], 0)
		case opDays:
			x := c.ints[i] - epochDays
			switch {
			case c.ints[i] == column.Infinity:
				x = math.MaxInt32
			case c.ints[i] == column.MinusInfinity:
				x = math.MinInt32
			case int64(int32(x)) != x:
				return dst, e.range4(c, i, c.ints[i])
			}
			dst = append(dst, 0, 0, 0, 4, byte(x>>24), byte(x>>16), byte(x>>8), byte(x))
		case opMicros:
			dst = append8(dst, uint64(c.ints[i]))
		default:
			at := len(dst)
			dst = c.v.AppendText(append(dst, 0, 0, 0, 0), i)
			big.PutUint32(dst[at:], uint32(len(dst)-at-4))
		}
	}
	return dst, nil
}

func hasNUL(cell []byte) bool {
	for _, b := range cell {
		if b == 0 {
			return true
		}
	}
	return false
}

func (e *Encoder) range4(c *encoder, i int, x int64) error {
	return fmt.Errorf("%s.%s row %d: %d is out of the type's range", e.table, c.name, e.first+int64(i), x)
}

func append8(dst []byte, x uint64) []byte {
	return append(dst, 0, 0, 0, 8, byte(x>>56), byte(x>>48), byte(x>>40), byte(x>>32), byte(x>>24), byte(x>>16), byte(x>>8), byte(x))
}

// appendNumeric appends unscaled / 10^scale as numeric_recv reads it: digits to the base 10,000, with
// the weight of the first one.
func appendNumeric(dst []byte, unscaled int64, scale int) []byte {
	u, sign := uint64(unscaled), byte(0)
	if unscaled < 0 {
		u, sign = -u, 0x40
	}
	scale = max(scale, 0)
	// Digits from the last one on. 20 decimal digits and a scale of any size lie in groups of four that
	// begin at the point.
	var groups [32]uint16
	n := 0
	put := func(g uint64) {
		groups[n] = uint16(g)
		n++
	}
	rest := scale
	if r := rest % 4; r > 0 {
		p := powers[r]
		put(u % p * powers[4-r])
		u /= p
		rest -= r
	}
	for ; rest > 0 && n < len(groups); rest -= 4 {
		put(u % 10_000)
		u /= 10_000
	}
	fraction := n
	for u > 0 {
		put(u % 10_000)
		u /= 10_000
	}
	top := n
	for top > 0 && groups[top-1] == 0 {
		top--
	}
	low := 0
	for low < top && groups[low] == 0 {
		low++
	}
	digits, weight := top-low, top-fraction-1
	if digits == 0 {
		weight, sign = 0, 0
	}
	big := binary.BigEndian
	dst = big.AppendUint32(dst, uint32(8+2*digits))
	dst = big.AppendUint16(dst, uint16(digits))
	dst = big.AppendUint16(dst, uint16(int16(weight)))
	dst = append(dst, sign, 0)
	dst = big.AppendUint16(dst, uint16(scale))
	for i := top - 1; i >= low; i-- {
		dst = big.AppendUint16(dst, groups[i])
	}
	return dst
}
