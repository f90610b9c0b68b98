package rng

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// checkUUIDs checks version and variant, distinctness, and that the free bits
// are one half of the time.
func checkUUIDs(t *testing.T, ids [][16]byte, version byte, firstFree int) {
	t.Helper()
	var ones [128]int
	for _, id := range ids {
		if id[6]>>4 != version || id[8]>>6 != 2 {
			t.Fatalf("bad version or variant: %x", id)
		}
		for i := range ones {
			ones[i] += int(id[i/8] >> (7 - i%8) & 1)
		}
	}
	n := float64(len(ids))
	for i, k := range ones {
		if i < firstFree || i/4 == 12 || i/2 == 32 {
			continue
		}
		if d := float64(k) - n/2; d*d > 25*n/4 { // 5 standard deviations
			t.Errorf("bit %d is one in %d of %d", i, k, len(ids))
		}
	}
	slices.SortFunc(ids, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	if k := len(slices.Compact(ids)); k != int(n) {
		t.Errorf("%d distinct of %d", k, int(n))
	}
}

func TestUUID(t *testing.T) {
	var ids [][16]byte
	for row := range int64(1e6) {
		ids = append(ids, testKey.UUID(row, 0))
	}
	checkUUIDs(t, ids, 4, 0)

	ids = ids[:0]
	for row := range int64(1000) {
		for attempt := range uint32(100) {
			ids = append(ids, testKey.UUID(row<<53, attempt<<25))
		}
	}
	checkUUIDs(t, ids, 4, 0)
}

func TestUUIDv7(t *testing.T) {
	const ms int64 = 0x0123456789ab
	var ids [][16]byte
	for row := range int64(1e6) {
		ids = append(ids, testKey.UUIDv7(row, 0, ms))
	}
	if got := int64(binary.BigEndian.Uint64(ids[0][:]) >> 16); got != ms {
		t.Errorf("time %#x, want %#x", got, ms)
	}
	checkUUIDs(t, ids, 7, 48)

	ids = ids[:0]
	for row := range int64(1000) {
		for attempt := range uint32(100) {
			ids = append(ids, testKey.UUIDv7(row<<46, attempt<<11, ms))
		}
	}
	checkUUIDs(t, ids, 7, 48)
}

// TestScrambleBijective checks the permutation behind the UUIDs exhaustively on
// small halves, where a collision could not hide.
func TestScrambleBijective(t *testing.T) {
	const half = 8
	var seen [1 << (2 * half)]bool
	for l := range uint64(1 << half) {
		for r := range uint64(1 << half) {
			a, b := testKey.scramble(l, r, 64-half)
			if seen[a<<half|b] {
				t.Fatal("collision")
			}
			seen[a<<half|b] = true
		}
	}
}
