package rng

import (
	"fmt"
	"math/bits"
)

// MixtureKinds is the most different numbers of children in a Mixture.
const MixtureKinds = 64

// mixtureTop is the level of the tree whose nodes are kept, unless it has fewer: at most 2^8 nodes of 64 kinds, 128 KiB.
const mixtureTop = 8

// Mixture deals out children so that an exact number of parents has each number of them: of has[k] parents each has
// kinds[k] children, every order of the parents being equally likely. As in [Split], an implicit binary tree over the
// parents deals the kinds out: a node draws how many parents of each kind are in its left half, a multivariate
// hypergeometric draw, exact where at most 32 parents are of a kind and of a rounded normal distribution otherwise. A
// query is O(kinds log parents). Make it with [NewMixture].
type Mixture struct {
	key            Key
	parents, total int64
	kinds          []int64
	topLevel       uint
	top            []mixNode // of topLevel
}

// mixNode is a node of the tree: see splitNode.
type mixNode struct {
	level  uint
	i      uint64
	lo, hi int64 // its parents are [lo,hi)
	first  int64 // its first child
	total  int64 // its children
	has    [MixtureKinds]int64
}

// NewMixture returns the Mixture under key k in which has[j] parents have kinds[j] children each. It returns an error
// if there are more than [MixtureKinds] kinds, a number is negative, or there are more than 2^53 parents or children.
func NewMixture(k Key, kinds, has []int64) (*Mixture, error) {
	if len(kinds) != len(has) || len(kinds) > MixtureKinds {
		return nil, fmt.Errorf("rng: a mixture of %d kinds with %d counts: at most %d", len(kinds), len(has), MixtureKinds)
	}
	m := &Mixture{key: k, kinds: kinds}
	root := mixNode{}
	for j, n := range has {
		if n < 0 || kinds[j] < 0 {
			return nil, fmt.Errorf("rng: a mixture with %d parents of %d children", n, kinds[j])
		}
		hi, lo := bits.Mul64(uint64(n), uint64(kinds[j]))
		if hi > 0 || lo > splitLimit || n > splitLimit-m.parents || int64(lo) > splitLimit-m.total {
			return nil, fmt.Errorf("rng: mixture too large: at most 2^53 parents and children are possible")
		}
		m.parents += n
		m.total += int64(lo)
		root.has[j] = n
	}
	if m.parents == 0 {
		return m, nil
	}
	root.hi, root.total = m.parents, m.total
	m.top = []mixNode{root}
	for m.topLevel < mixtureTop && m.parents>>m.topLevel > 1 {
		next := make([]mixNode, 0, 2*len(m.top))
		for i := range m.top {
			left, right := m.split(&m.top[i])
			next = append(next, left, right)
		}
		m.top = next
		m.topLevel++
	}
	return m, nil
}

// Total is the number of children.
func (m *Mixture) Total() int64 { return m.total }

// split gives the halves of a node of two parents or more.
func (m *Mixture) split(n *mixNode) (left, right mixNode) {
	mid := bound(n.level+1, 2*n.i+1, m.parents)
	left = mixNode{level: n.level + 1, i: 2 * n.i, lo: n.lo, hi: mid, first: n.first}
	right = mixNode{level: n.level + 1, i: 2*n.i + 1, lo: mid, hi: n.hi}
	all, part := n.hi-n.lo, mid-n.lo
	stream := m.key.At(int64(1<<n.level+n.i), 0) // numbered as in a binary heap
	for j, kind := range m.kinds {
		units := n.has[j]
		if units == 0 {
			continue
		}
		x := stream.taken(units, part, all)
		left.has[j], right.has[j] = x, units-x
		left.total += x * kind
		all, part = all-units, part-x
	}
	right.first, right.total = n.first+left.total, n.total-left.total
	return left, right
}

// taken draws how many of units different ones of all places are among the first part of them.
func (s *Stream) taken(units, part, all int64) int64 {
	switch {
	case part == 0 || part == all:
		return min(units, part)
	case units <= splitExact:
		return s.hypergeometric(units, part, all)
	case all-units <= splitExact:
		return part - s.hypergeometric(all-units, part, all)
	}
	return s.hyperNormal(units, part, all, 1)
}

// Children implements [Family].
func (m *Mixture) Children(p int64) (first, count int64) {
	if p < 0 || p >= m.parents {
		panic("rng: Mixture parent out of range")
	}
	n := m.top[topNode(p, m.parents, m.topLevel)]
	for n.hi-n.lo > 1 {
		if left, right := m.split(&n); p < left.hi {
			n = left
		} else {
			n = right
		}
	}
	return n.first, n.total
}

// Parent implements [Family].
func (m *Mixture) Parent(i int64) (p, rank int64) {
	if i < 0 || i >= m.total {
		panic("rng: Mixture child out of range")
	}
	lo, hi := 0, len(m.top) // top[lo].first <= i
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; m.top[mid].first <= i {
			lo = mid
		} else {
			hi = mid
		}
	}
	for n := m.top[lo]; ; {
		if n.hi-n.lo == 1 {
			return n.lo, i - n.first
		}
		if left, right := m.split(&n); i < right.first {
			n = left
		} else {
			n = right
		}
	}
}

// Bounds implements [Family].
func (m *Mixture) Bounds(dst []int64, from, to int64) []int64 {
	if from < 0 || from > to || to > m.parents {
		panic("rng: Mixture parents out of range")
	}
	end := m.total
	if to < m.parents {
		end, _ = m.Children(to)
	}
	if from == to {
		return append(dst, end)
	}
	for i := topNode(from, m.parents, m.topLevel); i < uint64(len(m.top)) && m.top[i].lo < to; i++ {
		dst = m.walk(&m.top[i], from, to, dst)
	}
	return append(dst, end)
}

func (m *Mixture) walk(n *mixNode, from, to int64, dst []int64) []int64 {
	switch {
	case n.hi <= from || n.lo >= to:
		return dst
	case n.hi-n.lo == 1:
		return append(dst, n.first)
	}
	left, right := m.split(n)
	return m.walk(&right, from, to, m.walk(&left, from, to, dst))
}
