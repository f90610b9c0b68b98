package rng

import (
	"bytes"
	"math/bits"
)

const (
	// permTable is the largest domain that Perm holds as a shuffled table.
	permTable = 64
	// permRounds is the least number of Feistel rounds for larger domains.
	permRounds = 8
	// permMaxRounds is the number of rounds for the smallest of them.
	permMaxRounds = 16
)

// Perm is a keyed pseudo-random permutation of [0,n). It takes a fixed 220
// bytes or so whatever n is, allocates nothing, and is safe for concurrent use
// once made. Make it with [NewPerm].
//
// For n <= 64 it is a table shuffled by Fisher and Yates. For larger n it is
// the generalised Feistel cipher of Black and Rogaway, "Ciphers with arbitrary
// finite domains" (CT-RSA 2002), on the mixed-radix numbers l*2^w + r with l <
// a and r < 2^w, where a*2^w is at least n and less than n + 2^w: rounds
// alternately add a keyed function of one digit to the other. Results of n or
// more are put in again (cycle walking), which happens for a fraction of about
// n^-0.5 of the inputs at most. There are 8 rounds, and up to 16 when the digits
// are small: 2^-w is the probability that two elements which differ in l alone
// keep that difference through two rounds, and all rounds together bring it to
// 2^-24 at most.
type Perm struct {
	n      uint64
	a      uint64                // radix of the left digit
	w      uint8                 // bits of the right digit
	rounds uint8                 // even
	keys   [permMaxRounds]uint64 // round keys
	table  [permTable]uint8      // the images, when n <= permTable
}

// NewPerm returns the permutation of [0,n) under key k. Every n is fine; n = 0
// has no elements. Permutations of the same key and different n are unrelated.
func NewPerm(k Key, n uint64) Perm {
	p := Perm{n: n}
	s := Stream{Mix(k.A^n*gamma) ^ k.B}
	if n <= permTable {
		for i := range n {
			j := s.N(i + 1)
			p.table[i] = p.table[j]
			p.table[j] = uint8(i)
		}
		return p
	}
	p.w = uint8(bits.Len64(n-1) / 2)
	p.a = (n-1)>>p.w + 1
	p.rounds = max(permRounds, 2*((24+p.w-1)/p.w))
	for i := range p.keys[:p.rounds] {
		p.keys[i] = s.Uint64()
	}
	return p
}

// Len returns n.
func (p *Perm) Len() uint64 { return p.n }

// At returns the image of i, which must be below n; it panics if not.
func (p *Perm) At(i uint64) uint64 {
	if i >= p.n {
		panic("rng: Perm index out of range")
	}
	if p.n <= permTable {
		return uint64(p.table[i])
	}
	a, w, keys := p.a, p.w&63, p.keys[:p.rounds]
	for {
		l, r := i>>w, i&(1<<w-1)
		for k := keys; len(k) >= 2; k = k[2:] {
			if l += feistelAdd(r^k[0], a); l >= a {
				l -= a
			}
			r ^= feistelBits(l^k[1], w)
		}
		if i = l<<w | r; i < p.n {
			return i
		}
	}
}

// Inverse returns the i with At(i) = j. j must be below n; it panics if not.
func (p *Perm) Inverse(j uint64) uint64 {
	if j >= p.n {
		panic("rng: Perm index out of range")
	}
	if p.n <= permTable {
		return uint64(bytes.IndexByte(p.table[:p.n], byte(j)))
	}
	a, w, keys := p.a, p.w&63, p.keys[:p.rounds]
	for {
		l, r := j>>w, j&(1<<w-1)
		for k := keys; len(k) >= 2; k = k[:len(k)-2] {
			r ^= feistelBits(l^k[len(k)-1], w)
			f := feistelAdd(r^k[len(k)-2], a)
			if l < f {
				l += a
			}
			l -= f
		}
		if j = l<<w | r; j < p.n {
			return j
		}
	}
}

// feistelHash is the round function: the high bits of the result depend on
// all bits of x. Two rounds of multiply-and-fold with Stafford's multipliers.
func feistelHash(x uint64) uint64 {
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 32
	return x * 0x94d049bb133111eb
}

// feistelAdd hashes x to [0,a).
func feistelAdd(x, a uint64) uint64 {
	hi, _ := bits.Mul64(feistelHash(x), a)
	return hi
}

// feistelBits hashes x to w bits, w in [1,63].
func feistelBits(x uint64, w uint8) uint64 {
	return feistelHash(x) >> ((64 - w) & 63)
}
