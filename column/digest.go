package column

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// Digest sums up rows, whatever their order and that of their columns: those of batches add up to that of all
// of them. Rows with equal cells (Vec.Equal) have equal digests, whichever way the cells came. It finds what was
// changed by accident, not by an adversary. The zero Digest is that of no rows.
type Digest struct{ low, high uint64 }

// DigestSize is the length of a Digest as bytes.
const DigestSize = 16

// Add adds the rows of o.
func (d *Digest) Add(o Digest) {
	d.low += o.low
	d.high += o.high
}

// Bytes gives d as the record of a run keeps it.
func (d Digest) Bytes() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, d.high), d.low)
}

// DigestOf reads what Bytes gave.
func DigestOf(b []byte) (Digest, error) {
	if len(b) != DigestSize {
		return Digest{}, fmt.Errorf("a digest has %d bytes, and these are %d", DigestSize, len(b))
	}
	return Digest{high: binary.BigEndian.Uint64(b), low: binary.BigEndian.Uint64(b[8:])}, nil
}

// A Summer makes Digests, and keeps the memory for the next one.
type Summer struct{ rows []uint64 }

// Sum gives the digest of a batch's rows: of their cells with the names and kinds of their columns.
func (s *Summer) Sum(b *Batch) (d Digest) {
	for _, r := range s.Rows(b) {
		d.AddRow(r)
	}
	return d
}

// AddRow adds a row by the sum over its cells that Summer.Rows gives.
func (d *Digest) AddRow(sum uint64) {
	d.low += mix(sum)
	d.high += fold(sum, 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
}

// Rows gives a sum over the cells of each row, to be mixed before it is added to others. It is valid until the next
// call.
func (s *Summer) Rows(b *Batch) []uint64 {
	if cap(s.rows) < b.N {
		s.rows = make([]uint64, b.N)
	}
	rows := s.rows[:b.N]
	clear(rows)
	for i, v := range b.Vecs {
		v.addTo(rows, xxhash.Sum64String(b.Names[i])+mix(xxhash.Sum64String(v.Kind.String())))
	}
	return rows
}

// mix spreads the bits of x over all of it, one to one: the finalizer of Stafford's variant 13 of MurmurHash3.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// fold multiplies x, seen through two keys of which the second is odd, to 128 bits and folds these into 64: as good as
// mix for what is added up, in one multiplication.
func fold(x, a, b uint64) uint64 {
	high, low := bits.Mul64(x^a, b)
	return high ^ low
}

// addTo adds each cell, as it counts in its column, to the sum of its row.
func (v *Vec) addTo(rows []uint64, col uint64) {
	a, b := mix(col), mix(col+0x9e3779b97f4a7c15)|1
	switch {
	case v.Kind.Variable() || v.Kind == UUID:
		for i := range rows {
			rows[i] += fold(xxhash.Sum64(v.Bytes(i)), a, b)
		}
	case v.Kind == Float:
		for i, x := range v.Floats[:len(rows)] {
			x += 0 // -0 counts as 0
			if x != x {
				x = math.NaN() // whichever it was
			}
			rows[i] += fold(math.Float64bits(x), a, b)
		}
	case v.Kind == Decimal && v.Scale > 0:
		for i, x := range v.Ints[:len(rows)] {
			x, scale := shortest(x, v.Scale)
			rows[i] += fold(uint64(x)+mix(uint64(scale)), a, b)
		}
	default:
		for i, x := range v.Ints[:len(rows)] {
			rows[i] += fold(uint64(x), a, b)
		}
	}
	if !v.HasNulls() {
		return
	}
	null := fold(col, b, a) // in the place of what a zero value has added
	var zero uint64
	if v.Kind.Variable() {
		zero = xxhash.Sum64(nil)
	} else if v.Kind == UUID {
		zero = xxhash.Sum64(zeroUUID[:])
	}
	zero = fold(zero, a, b)
	for i := range rows {
		if v.Null(i) {
			rows[i] += null - zero
		}
	}
}
