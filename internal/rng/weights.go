package rng

import (
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Alias picks one of n classes with given integer weights in constant time and
// without any rounding: the probability of i is exactly w[i]/sum(w). It is the
// alias method of Walker (1977) with the linear-time construction of Vose, "A
// linear algorithm for generating random numbers with a given distribution",
// IEEE TSE 17(9), 1991, done in 128-bit integers. It takes 16 bytes a class and
// is safe for concurrent use. Make it with [NewAlias].
type Alias struct {
	sum  uint64
	cols []aliasCol
}

// aliasCol is one of n equally likely columns of height Alias.sum: below cut it
// stands for its own class, above for class other.
type aliasCol struct {
	cut   uint64
	other int32
}

// NewAlias returns the weighted pick over the indexes of weights. Some weights
// may be zero; their classes are never picked. It returns an error if there
// are no weights or more than 2^31-1, if all of them are zero, or if their sum
// exceeds 2^64-1.
func NewAlias(weights []uint64) (*Alias, error) {
	n := len(weights)
	if n == 0 {
		return nil, errors.New("rng: no weights")
	}
	if n > math.MaxInt32 {
		return nil, errors.New("rng: too many weights")
	}
	a := &Alias{cols: make([]aliasCol, n)}
	for _, w := range weights {
		var carry uint64
		if a.sum, carry = bits.Add64(a.sum, w, 0); carry != 0 {
			return nil, errors.New("rng: the sum of the weights exceeds 2^64-1")
		}
	}
	if a.sum == 0 {
		return nil, errors.New("rng: all weights are zero")
	}

	// Class i has mass w[i]*n, as (hi,lo), to be cut up into n columns of
	// height sum. Each small class, of mass below sum, gets a column of its
	// own, topped up by a large class.
	type mass struct{ hi, lo uint64 }
	rest := make([]mass, n)
	var small, large []int32
	file := func(i int32) {
		if rest[i].hi == 0 && rest[i].lo < a.sum {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for i, w := range weights {
		rest[i].hi, rest[i].lo = bits.Mul64(w, uint64(n))
		file(int32(i))
	}
	for len(small) > 0 { // the masses average sum, so large is not empty either
		i, j := small[len(small)-1], large[len(large)-1]
		small, large = small[:len(small)-1], large[:len(large)-1]
		a.cols[i] = aliasCol{rest[i].lo, j}
		var borrow uint64
		rest[j].lo, borrow = bits.Sub64(rest[j].lo, a.sum-rest[i].lo, 0)
		rest[j].hi -= borrow
		file(j)
	}
	for _, i := range large { // exactly sum is left of each
		a.cols[i] = aliasCol{a.sum, i}
	}
	return a, nil
}

// Pick returns a random index of the weights.
func (a *Alias) Pick(s *Stream) int {
	i := s.N(uint64(len(a.cols)))
	c := &a.cols[i]
	if s.N(a.sum) < c.cut {
		return int(i)
	}
	return int(c.other)
}

// Apportion divides n seats among parties in proportion to their weights by
// the largest remainder method of Hamilton: each gets the floor of its exact
// quota n*w/sum(w), and what is left goes one each to the largest remainders,
// ties to the earlier. The result has the length of weights and sums to n; no
// entry is a whole seat or more away from its quota, and one of weight zero is
// zero.
//
// If the weights sum to more than 2^64-1 they are first shifted right until
// they do not. Apportion panics if n is negative, or if it is positive and no
// weight is. With n = 0 the result is all zero.
func Apportion(n int64, weights []uint64) []int64 {
	out := make([]int64, len(weights))
	if n < 0 {
		panic("rng: Apportion of a negative number")
	}
	if n == 0 {
		return out
	}
	sum, shift := sumShifted(weights)
	if sum == 0 {
		panic("rng: Apportion without a positive weight")
	}
	left := n
	rem := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(n), w>>shift)
		q, r := bits.Div64(hi, lo, sum)
		out[i], rem[i], order[i] = int64(q), r, i
		left -= int64(q)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case rem[i] > rem[j]:
			return -1
		case rem[i] < rem[j]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}

// sumShifted returns the sum of w[i]>>shift for the smallest shift that makes
// it fit.
func sumShifted(weights []uint64) (sum uint64, shift uint) {
	for ; ; shift++ {
		var carry, c uint64
		sum = 0
		for _, w := range weights {
			sum, c = bits.Add64(sum, w>>shift, 0)
			carry += c
		}
		if carry == 0 {
			return sum, shift
		}
	}
}

// Classes assigns each row of a table to a class such that class c has exactly
// counts[c] rows, at random places: the rows that a [Perm] sends to one run of
// positions form a class. It keeps 8 bytes a class and nothing a row, and is
// safe for concurrent use. Make it with [NewClasses].
type Classes struct {
	perm  Perm
	start []int64 // class c holds the positions [start[c],start[c+1])
}

// NewClasses returns the assignment of sum(counts) rows under key k. It panics
// if a count is negative or the sum exceeds the range of int64.
func NewClasses(k Key, counts []int64) *Classes {
	start := make([]int64, len(counts)+1)
	for i, n := range counts {
		if n < 0 || start[i] > math.MaxInt64-n {
			panic("rng: bad class count")
		}
		start[i+1] = start[i] + n
	}
	return &Classes{NewPerm(k, uint64(start[len(counts)])), start}
}

// Of returns the class of a row and the rank of the row within it, which is in
// [0,counts[class]) and different for all rows of the class. It panics if row
// is not in [0,sum(counts)). It takes O(log len(counts)).
func (c *Classes) Of(row int64) (class int, rank int64) {
	pos := int64(c.perm.At(uint64(row)))
	lo, hi := 0, len(c.start)-1 // start[lo] <= pos < start[hi]
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) / 2); c.start[mid] <= pos {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo, pos - c.start[lo]
}

// Row is the inverse of Of: the row that has the given rank in the class. It
// panics if there is none.
func (c *Classes) Row(class int, rank int64) int64 {
	if rank < 0 || rank >= c.start[class+1]-c.start[class] {
		panic("rng: rank out of range")
	}
	return int64(c.perm.Inverse(uint64(c.start[class] + rank)))
}
