package rows

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"github.com/sowerdata/sower/column"
)

// Digest sums up the rows of a table: names, kinds, nulls, lengths, row numbers and the number of rows
// go into it. Rows are hashed one by one and added, so that the order and size of batches do not
// matter, and digests of parts can be merged.
type Digest struct {
	head []byte
	lo   uint64
	hi   uint64
	rows int64
	buf  []byte
}

// NewDigest begins the digest of a table with the given columns.
func NewDigest(table string, names []string, kinds []column.Kind) *Digest {
	d := &Digest{}
	d.head = appendSized(d.head, table)
	for i, n := range names {
		d.head = appendSized(d.head, n)
		d.head = append(d.head, byte(kinds[i]))
	}
	return d
}

func appendSized(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Add takes the rows of a batch.
func (d *Digest) Add(b *column.Batch) {
	for i := range b.N {
		d.buf = binary.AppendVarint(d.buf[:0], b.First+int64(i))
		for _, v := range b.Vecs {
			d.buf = appendCell(d.buf, v, i)
		}
		h := xxhash.Sum64(d.buf)
		// A second hash of the same bytes from another start makes 128 bits.
		d.buf = append(d.buf, 0x5c)
		g := xxhash.Sum64(d.buf)
		var carry uint64
		d.lo, carry = bits.Add64(d.lo, h, 0)
		d.hi, _ = bits.Add64(d.hi, g, carry)
	}
	d.rows += int64(b.N)
}

func appendCell(b []byte, v *column.Vec, i int) []byte {
	if v.Null(i) {
		return append(b, 0)
	}
	at := len(b)
	b = append(b, 1, 0, 0, 0, 0)
	b = v.AppendText(b, i)
	binary.LittleEndian.PutUint32(b[at+1:], uint32(len(b)-at-5))
	return b
}

// Merge adds the rows of another digest of the same table.
func (d *Digest) Merge(o *Digest) {
	var carry uint64
	d.lo, carry = bits.Add64(d.lo, o.lo, 0)
	d.hi, _ = bits.Add64(d.hi, o.hi, carry)
	d.rows += o.rows
}

// Rows is the number of rows taken.
func (d *Digest) Rows() int64 { return d.rows }

// String gives the digest as hex digits.
func (d *Digest) String() string {
	b := append([]byte(nil), d.head...)
	b = binary.LittleEndian.AppendUint64(b, d.lo)
	b = binary.LittleEndian.AppendUint64(b, d.hi)
	b = binary.LittleEndian.AppendUint64(b, uint64(d.rows))
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
