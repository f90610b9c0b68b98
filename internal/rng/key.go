// Package rng turns (seed, names, row number) into pseudo-random values.
//
// Every value is a pure function of its arguments: nothing here has hidden
// state, so cells may be computed in any order, on any number of goroutines
// and on any machine. The results are bit-for-bit the same on every platform
// Go supports, because the package
//
//   - works on integers wherever it can,
//   - never lets the compiler fuse a multiplication with an addition: each
//     floating-point product is wrapped in an explicit float64 conversion,
//     which the language specification says prevents fusing, and
//   - has its own [Log], [Exp] and [Pow], since those of package math are
//     assembly with other roundings on some platforms. From math it uses only
//     exact or correctly rounded functions (Sqrt, Floor, Ldexp, Float64bits).
//
// Values of different kinds made under one key, say a [Perm] and the streams of
// [Key.At], may be related; give each its own key by [Key.Derive].
//
// The quality aimed at is statistical; nothing here is fit for cryptography.
// Changing any output is a change of the data format: the golden tests fail
// and [tag] must be raised.
package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

const (
	// tag is the version of the whole scheme; it is hashed into every key.
	tag = "sower/1"
	// deriveTag separates the hashes of Derive from those of NewKey.
	deriveTag = "derive/" + tag

	// gamma is the Weyl increment of SplitMix64, 2^64 over the golden ratio,
	// made odd.
	gamma = 0x9e3779b97f4a7c15
	// attemptStep separates the streams of the attempts of one row.
	attemptStep = 0xd1342543de82ef95
)

// Key is the stream key of one column: 128 bits that select one family of
// streams, permutations and UUIDs. Two keys are unrelated unless equal.
type Key struct{ A, B uint64 }

// NewKey returns the key for a seed and a path of names, usually a table and
// a column. It is the first half of the SHA-256 of the version tag, the seed
// (8 bytes, big-endian) and the names, each preceded by its length in bytes (8
// bytes, big-endian), so that ("ab", "c") and ("a", "bc") differ.
func NewKey(seed uint64, names ...string) Key {
	b := make([]byte, 0, 128)
	b = append(b, tag...)
	b = binary.BigEndian.AppendUint64(b, seed)
	return hashNames(b, names)
}

// Derive returns the sub-key of k under a path of names. It is unrelated to k
// and to every key made by NewKey. Derive("a", "b") is not
// Derive("a").Derive("b"), and Derive() is not k.
func (k Key) Derive(names ...string) Key {
	b := make([]byte, 0, 128)
	b = append(b, deriveTag...)
	b = binary.BigEndian.AppendUint64(b, k.A)
	b = binary.BigEndian.AppendUint64(b, k.B)
	return hashNames(b, names)
}

// hashNames appends the length-prefixed names to b and returns the first 128
// bits of the SHA-256 of the result.
func hashNames(b []byte, names []string) Key {
	for _, s := range names {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	h := sha256.Sum256(b)
	return Key{binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16])}
}

// At returns the stream of one cell. The row is any int64; attempt counts the
// tries at a value that had to be rejected, 0 for the first. The streams of
// different (row, attempt) pairs are unrelated. The start of the stream is a
// bijection of the row for a fixed attempt, so no two rows share one.
func (k Key) At(row int64, attempt uint32) Stream {
	return Stream{Mix(uint64(row)*gamma+k.A) + uint64(attempt)*attemptStep + k.B}
}

// Stream is the sequence of draws of one cell: a SplitMix64 generator (Steele,
// Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014). Its whole state is the draw counter, 8 bytes, so it lives in a
// register. A Stream must not be shared between goroutines. The zero Stream is
// valid but the same everywhere; get one from [Key.At].
type Stream struct{ s uint64 }

// Uint64 returns the next draw, uniform over all 64-bit values.
func (s *Stream) Uint64() uint64 {
	s.s += gamma
	return Mix(s.s)
}

// N returns a draw uniform in [0,n), without bias. n must be positive; N(0)
// returns 0. It is the multiply-shift with rejection of Lemire, "Fast random
// integer generation in an interval", ACM TOMACS 29(1), 2019.
func (s *Stream) N(n uint64) uint64 {
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		return s.nReject(hi, lo, n)
	}
	return hi
}

// nReject is the rare path of N: it redraws while the low half of the product
// falls in the 2^64 mod n values that would make some results too likely.
func (s *Stream) nReject(hi, lo, n uint64) uint64 {
	for t := -n % n; lo < t; {
		hi, lo = bits.Mul64(s.Uint64(), n)
	}
	return hi
}

// Range returns a draw uniform in [lo,hi], both ends included; the whole int64
// range is fine. It panics if lo > hi.
func (s *Stream) Range(lo, hi int64) int64 {
	if lo > hi {
		panic("rng: Range with lo > hi")
	}
	span := uint64(hi) - uint64(lo) + 1
	if span == 0 { // all of int64
		return int64(s.Uint64())
	}
	return int64(uint64(lo) + s.N(span))
}

// Float returns a draw uniform in [0,1): a multiple of 2^-53.
func (s *Stream) Float() float64 {
	return float64(float64(s.Uint64()>>11) * 0x1p-53)
}

// open returns a draw uniform in the open interval (0,1): an odd multiple of
// 2^-53, so that u and 1-u are both exact and equally likely.
func (s *Stream) open() float64 {
	return float64((float64(s.Uint64()>>12) + 0.5) * 0x1p-52)
}

// Chance returns true with probability num/den, exactly; always when num >=
// den. den must be positive.
func (s *Stream) Chance(num, den uint64) bool {
	return s.N(den) < num
}

// Mix is a bijection of the 64-bit values in which every input bit flips every
// output bit with probability close to one half: variant 13 of Stafford,
// "Better bit mixing" (2011), the finalizer of SplitMix64. Mix(0) is 0.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
