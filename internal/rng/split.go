package rng

import (
	"fmt"
	"math"
	"math/bits"
)

const (
	// splitLimit bounds the numbers of parents and children.
	splitLimit = 1 << 53
	// splitSlots bounds parents times slots.
	splitSlots = 1 << 62
	// splitExact is the most units a node deals out one by one.
	splitExact = 32
	// splitTop is the level of the tree whose nodes' places are kept, unless
	// it has fewer levels: 2^12 nodes, 32 KiB.
	splitTop = 12
)

// Split is a random composition: it deals out exactly total children, numbered
// from 0 and contiguous within a parent, to a number of parents with min to max
// each. The counts are those of an implicit binary tree over the parents in
// which each node, by a keyed draw of its own, passes a part of its children to
// its left half. A query descends the tree in O(log parents) without storing
// any count; only the places of up to 4096 nodes are kept, which spare the
// queries the upper levels. A Split is safe for concurrent use. Make it with
// [NewSplit].
//
// The law of the counts: all parents get min, and the other total-parents*min
// children are put into parents*(max-min) slots, max-min at each parent, every
// choice of slots being equally likely. So each count less min is
// hypergeometric, and they are exchangeable. When max-min is large against the
// mean this is throwing balls into bins, the multinomial law of equal weights,
// where counts are near Poisson. A node splits exactly by that law when at most
// 32 of its slots are taken, or free; otherwise it draws from a normal
// distribution with the mean and variance of the law, rounded to an integer and
// clamped to what is feasible.
type Split struct {
	key            Key
	parents, total int64
	min            int64
	slots          int64   // at each parent; max-min, cut at splitSlots/parents
	topLevel       uint    // 2^topLevel <= parents
	top            []int64 // first child of each node of topLevel, and total
}

// NewSplit returns the composition of total children over parents under key k,
// with minEach to maxEach children each, both included. It returns an error if
// one of the numbers is negative, if parents or total exceeds 2^53, if minEach >
// maxEach, or if total is not in [parents*minEach, parents*maxEach]. A large
// maxEach, say [math.MaxInt64], stands for no limit.
func NewSplit(k Key, parents, total, minEach, maxEach int64) (*Split, error) {
	switch {
	case parents < 0 || total < 0 || minEach < 0 || maxEach < 0:
		return nil, fmt.Errorf("rng: negative split: %d children over %d parents with %d to %d each", total, parents, minEach, maxEach)
	case parents > splitLimit || total > splitLimit:
		return nil, fmt.Errorf("rng: split too large: %d children over %d parents, at most 2^53 are possible", total, parents)
	case minEach > maxEach:
		return nil, fmt.Errorf("rng: split with min %d > max %d", minEach, maxEach)
	}
	if hi, lo := bits.Mul64(uint64(parents), uint64(minEach)); hi > 0 || lo > uint64(total) {
		return nil, fmt.Errorf("rng: %d children are too few for %d parents with at least %d each", total, parents, minEach)
	}
	if hi, lo := bits.Mul64(uint64(parents), uint64(maxEach)); hi == 0 && lo < uint64(total) {
		return nil, fmt.Errorf("rng: %d children are too many for %d parents with at most %d each", total, parents, maxEach)
	}
	s := &Split{key: k, parents: parents, total: total, min: minEach, slots: maxEach - minEach}
	if parents == 0 {
		return s, nil
	}
	if cut := splitSlots / parents; s.slots > cut {
		s.slots = cut
	}
	// Fill top level by level: the list starts as the root alone.
	s.top = []int64{0, total}
	for s.topLevel < splitTop && parents>>s.topLevel > 1 {
		next := make([]int64, 0, 2*len(s.top))
		for i := range len(s.top) - 1 {
			n := s.node(uint64(i))
			mid, units := s.left(&n)
			next = append(next, n.first, n.first+units+(mid-n.lo)*minEach)
		}
		s.top = append(next, total)
		s.topLevel++
	}
	return s, nil
}

// splitNode is a node of the tree. The parents of node i of level h, i in
// [0,2^h), are those from i*parents/2^h, rounded down, to before where the next
// node starts; so the nodes of a level differ by at most one in size.
type splitNode struct {
	level  uint
	i      uint64
	lo, hi int64 // its parents are [lo,hi)
	first  int64 // its first child
	units  int64 // its children above min each, to be dealt out to the slots
}

// bound returns the first parent of node i of a level.
func (s *Split) bound(level uint, i uint64) int64 { return bound(level, i, s.parents) }

func bound(level uint, i uint64, parents int64) int64 {
	hi, lo := bits.Mul64(i, uint64(parents))
	return int64(hi<<(64-level) | lo>>level)
}

// node returns node i of the top level.
func (s *Split) node(i uint64) splitNode {
	n := splitNode{level: s.topLevel, i: i, lo: s.bound(s.topLevel, i), hi: s.bound(s.topLevel, i+1), first: s.top[i]}
	n.units = s.top[i+1] - n.first - (n.hi-n.lo)*s.min
	return n
}

// left returns the first parent of the right half of n, and how many of the
// units go to the left half. n must have two parents or more.
func (s *Split) left(n *splitNode) (mid, units int64) {
	mid = s.bound(n.level+1, 2*n.i+1)
	all := n.hi - n.lo
	part := mid - n.lo
	free := all*s.slots - n.units
	stream := s.key.At(int64(1<<n.level+n.i), 0) // numbered as in a binary heap
	switch {
	case n.units <= splitExact:
		return mid, stream.hypergeometric(n.units, part*s.slots, all*s.slots)
	case free <= splitExact:
		return mid, part*s.slots - stream.hypergeometric(free, part*s.slots, all*s.slots)
	}
	return mid, stream.hyperNormal(n.units, part, all, s.slots)
}

// goLeft makes n its left half, goRight its right half, given the results of
// left.
func (n *splitNode) goLeft(mid, units int64) {
	n.level, n.i = n.level+1, 2*n.i
	n.hi, n.units = mid, units
}

func (n *splitNode) goRight(mid, units, first int64) {
	n.level, n.i = n.level+1, 2*n.i+1
	n.lo, n.first, n.units = mid, first, n.units-units
}

// Children returns the number of the first child of parent p and how many it
// has. With no children, first is the number the first one would have. It
// panics if p is not in [0,parents).
func (s *Split) Children(p int64) (first, count int64) {
	if p < 0 || p >= s.parents {
		panic("rng: Split parent out of range")
	}
	n := s.node(s.topNode(p))
	for n.hi-n.lo > 1 && n.units > 0 {
		if mid, u := s.left(&n); p < mid {
			n.goLeft(mid, u)
		} else {
			n.goRight(mid, u, n.first+u+(mid-n.lo)*s.min)
		}
	}
	return n.first + (p-n.lo)*s.min, s.min + n.units
}

// topNode returns the last node of the top level that starts at parent p or
// before: the largest i with i*parents < (p+1)*2^topLevel.
func (s *Split) topNode(p int64) uint64 { return topNode(p, s.parents, s.topLevel) }

func topNode(p, parents int64, level uint) uint64 {
	hi, lo := bits.Mul64(uint64(p+1), 1<<level)
	lo, borrow := bits.Sub64(lo, 1, 0)
	i, _ := bits.Div64(hi-borrow, lo, uint64(parents))
	return i
}

// Parent returns the parent of child i and the rank of the child with it, in
// [0,count). It panics if i is not in [0,total).
func (s *Split) Parent(i int64) (p, rank int64) {
	if i < 0 || i >= s.total {
		panic("rng: Split child out of range")
	}
	lo, hi := 0, len(s.top)-1 // top[lo] <= i < top[hi]
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; s.top[mid] <= i {
			lo = mid
		} else {
			hi = mid
		}
	}
	n := s.node(uint64(lo))
	for n.hi-n.lo > 1 && n.units > 0 {
		mid, u := s.left(&n)
		if right := n.first + u + (mid-n.lo)*s.min; i < right {
			n.goLeft(mid, u)
		} else {
			n.goRight(mid, u, right)
		}
	}
	if n.hi-n.lo == 1 {
		return n.lo, i - n.first
	}
	return n.lo + (i-n.first)/s.min, (i - n.first) % s.min
}

// hypergeometric returns how many of units balls, put into different ones of
// all slots, fall into the first part of them: one draw a ball, whose
// probability part/all is met to 2^-64.
func (s *Stream) hypergeometric(units, part, all int64) (x int64) {
	for ; units > 0; units-- {
		if slot, _ := bits.Mul64(s.Uint64(), uint64(all)); slot < uint64(part) {
			x++
			part--
		}
		all--
	}
	return x
}

// hyperNormal approximates hypergeometric(units, part*slots, all*slots) by a
// normal distribution: mean units*part/all, variance units * part/all *
// (1-part/all) * (all*slots-units)/(all*slots-1). The normal deviate is the
// number of ones in 256 random bits, smoothed by adding a uniform number; it
// has an excess kurtosis of -1/128 and ends at 16 standard deviations.
func (s *Stream) hyperNormal(units, part, all, slots int64) int64 {
	const variance = 256.0/4 + 1.0/12
	ones := -128
	for range 4 {
		ones += bits.OnesCount64(s.Uint64())
	}
	z := float64(ones) + (s.Float() - 0.5) // times sqrt(variance)

	hi, lo := bits.Mul64(uint64(units), uint64(part))
	mean, rem := bits.Div64(hi, lo, uint64(all))
	share := float64(part) / float64(all)
	v := float64(float64(float64(units)*share) * (1 - share))
	v = float64(v * (float64(all*slots-units) / float64(all*slots-1)))
	dev := float64(math.Sqrt(v/variance) * z)
	x := int64(mean) + int64(math.Floor(float64(rem)/float64(all)+dev+0.5))

	return min(max(x, 0, units-(all-part)*slots), units, part*slots)
}
