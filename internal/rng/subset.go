package rng

import "math"

const (
	// subsetStack is the largest n for which Subset works in a stack array
	// indexed by the elements.
	subsetStack = 1024
	// subsetSlots is the size of the hash table Subset has on the stack for
	// larger n; it serves up to half as many elements.
	subsetSlots = 512
)

// Subset appends k distinct indexes of [0,n) to dst, in random order, and
// returns the extended slice: every ordered choice of k out of n is equally
// likely. It panics unless 0 <= k <= n <= 2^31-1.
//
// It does not allocate, apart from growing dst, when n <= 1024 or k <= 256.
// For n <= 1024 it draws with rejection against a bit set if k <= n/2, and by a
// partial shuffle of Fisher and Yates if not. For larger n it is Floyd's
// algorithm (Bentley and Floyd, "A sample of brilliance", CACM 30(9), 1987)
// with a hash set, and a shuffle.
func (s *Stream) Subset(dst []int32, k, n int) []int32 {
	switch {
	case k < 0 || k > n || n > math.MaxInt32:
		panic("rng: Subset needs 0 <= k <= n <= 2^31-1")
	case n > subsetStack:
		return s.subsetFloyd(dst, k, n)
	case k > n/2:
		return s.subsetShuffle(dst, k, n)
	}
	var seen [subsetStack / 64]uint64
	for k > 0 {
		x := s.N(uint64(n))
		word, bit := &seen[x/64%uint64(len(seen))], uint64(1)<<(x%64)
		if *word&bit == 0 {
			*word |= bit
			dst = append(dst, int32(x))
			k--
		}
	}
	return dst
}

// subsetShuffle is the dense case of Subset, n <= subsetStack.
func (s *Stream) subsetShuffle(dst []int32, k, n int) []int32 {
	var pool [subsetStack]uint16
	for i := range n {
		pool[i] = uint16(i)
	}
	for i := range k {
		j := i + int(s.N(uint64(n-i)))
		dst = append(dst, int32(pool[j]))
		pool[j] = pool[i]
	}
	return dst
}

// subsetFloyd is the case of Subset with large n.
func (s *Stream) subsetFloyd(dst []int32, k, n int) []int32 {
	var stack [subsetSlots]int32
	slots := stack[:] // open addressing; holds x+1, 0 is empty
	if size := len(slots); k > size/2 {
		for k > size/2 {
			size *= 2
		}
		slots = make([]int32, size)
	}
	mask := uint64(len(slots) - 1)
	insert := func(x int) bool { // false if x is there already
		for h := Mix(uint64(x)) & mask; ; h = (h + 1) & mask {
			switch slots[h] {
			case 0:
				slots[h] = int32(x) + 1
				return true
			case int32(x) + 1:
				return false
			}
		}
	}
	start := len(dst)
	for j := n - k; j < n; j++ {
		x := int(s.N(uint64(j) + 1))
		if !insert(x) {
			x = j
			insert(x)
		}
		dst = append(dst, int32(x))
	}
	added := dst[start:]
	for i := len(added) - 1; i > 0; i-- {
		j := s.N(uint64(i) + 1)
		added[i], added[j] = added[j], added[i]
	}
	return dst
}
