package rng

import "encoding/binary"

// UUID returns the random-looking version 4 UUID (RFC 9562, section 5.4) of a
// cell, in network byte order. The 122 free bits are a keyed permutation of
// the 96 bits of (row, attempt), padded with zeros, so the UUIDs of one key
// differ for all rows and all attempts by construction. Those of different
// keys collide as rarely as random ones.
func (k Key) UUID(row int64, attempt uint32) [16]byte {
	const half = 61
	l := uint64(row) & (1<<half - 1)
	r := uint64(row)>>half | uint64(attempt)<<(64-half)
	l, r = k.scramble(l, r, 64-half)

	free := l >> 1 // the 48 + 12 bits before the variant
	hi := free>>12<<16 | 4<<12 | free&0xfff
	lo := 2<<62 | l&1<<61 | r
	return uuidBytes(hi, lo)
}

// UUIDv7 returns the version 7 UUID (RFC 9562, section 5.7) of a cell whose
// time stamp is unixMilli, in milliseconds since 1970 UTC; its low 48 bits are
// used, which reach the year 10889, and earlier times than 1970 wrap around.
// The 74 free bits are a keyed permutation of the low 56 bits of the row and
// the low 18 bits of attempt. So the UUIDs of one key differ for all rows in
// [0,2^56) and attempts below 2^18, whatever the time stamps are. Within one
// millisecond their order is random.
func (k Key) UUIDv7(row int64, attempt uint32, unixMilli int64) [16]byte {
	const half, rowBits = 37, 56
	v := uint64(row) & (1<<rowBits - 1)
	l := v & (1<<half - 1)
	r := v>>half | uint64(attempt)<<(rowBits-half)&(1<<half-1)
	l, r = k.scramble(l, r, 64-half)

	hi := uint64(unixMilli)<<16 | 7<<12 | l>>(half-12)
	lo := 2<<62 | l&(1<<(half-12)-1)<<half | r
	return uuidBytes(hi, lo)
}

// scramble is a keyed permutation of pairs of (64-shift)-bit numbers: a
// balanced Feistel network (Luby and Rackoff 1988) of four rounds.
func (k Key) scramble(l, r uint64, shift uint) (uint64, uint64) {
	r ^= Mix(l*gamma^k.A) >> shift
	l ^= Mix(r*gamma^k.B) >> shift
	r ^= Mix(l*gamma-k.A) >> shift
	l ^= Mix(r*gamma-k.B) >> shift
	return l, r
}

// uuidBytes lays out 128 bits in network order.
func uuidBytes(hi, lo uint64) (u [16]byte) {
	binary.BigEndian.PutUint64(u[:8], hi)
	binary.BigEndian.PutUint64(u[8:], lo)
	return u
}
