package gen

import (
	"encoding/binary"
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Bytes draws random bytes, for the types bytea and blob.
type Bytes struct {
	Length *int `yaml:"length" short:"true" desc:"the number of bytes: 16, 20 and 32 are those of MD5, SHA-1 and SHA-256 digests"`
	Min    *int `yaml:"min" desc:"the smallest number of bytes, where length is left out (default 1)"`
	Max    *int `yaml:"max" desc:"the largest number of bytes, where length is left out"`
}

// OutputVersion implements Maker.
func (*Bytes) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Bytes) Make(c *Context) (Filler, error) {
	lo, hi, err := lengths(m.Length, m.Min, m.Max, 0, "bytes")
	if err != nil {
		return nil, err
	}
	f := &bytesFiller{key: c.Key, min: lo, max: hi}
	for n := lo; n <= hi; n++ {
		card := uint64(full)
		if n < 8 {
			card = min(uint64(1)<<(8*n), full)
		}
		f.cards = append(f.cards, card)
		f.card = min(f.card+card, full)
	}
	return f, nil
}

type bytesFiller struct {
	key      rng.Key
	min, max int
	cards    []uint64 // of each length
	card     uint64
}

func (f *bytesFiller) Kind() column.Kind { return column.Bytes }
func (f *bytesFiller) Facts() Facts      { return Facts{Drawn: true} }
func (f *bytesFiller) String() string {
	if f.min == f.max {
		return fmt.Sprintf("%d bytes", f.min)
	}
	return fmt.Sprintf("%d to %d bytes", f.min, f.max)
}
func (f *bytesFiller) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		n := f.min + int(st.N(uint64(f.max-f.min)+1))
		b := dst.Data
		for ; n >= 8; n -= 8 {
			b = binary.LittleEndian.AppendUint64(b, st.Uint64())
		}
		for x := st.Uint64(); n > 0; n-- {
			b = append(b, byte(x))
			x >>= 8
		}
		dst.Data = b
		dst.EndCell()
	}
	return nil
}
func (f *bytesFiller) Card() uint64 { return f.card }

// AppendIndex writes the number into the first bytes; those that it does not reach are a hash of it.
func (f *bytesFiller) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	k, x := choose(f.cards, f.card, i)
	n := f.min + k
	b := dst.Data
	// Numbers below full leave two bits of eight bytes free: a bijection of the number spreads them.
	if n >= 8 {
		x = rng.Mix(x)
	}
	for word := x; n > 0; word = rng.Mix(word) {
		for y, j := word, min(n, 8); j > 0; j-- {
			b = append(b, byte(y))
			y >>= 8
			n--
		}
	}
	dst.Data = b
	dst.EndCell()
}
func (f *bytesFiller) Rules() []Rule {
	return []Rule{{
		Text: "has the length of " + f.String(),
		SQL: func(d Dialect, x string, _ []string) string {
			if d.Name() == "postgres" {
				x = "octet_length(" + x + ")"
			} else {
				x = "length(" + x + ")"
			}
			return fmt.Sprintf("%s between %d and %d", x, f.min, f.max)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			n := len(v.Bytes(i))
			return v.Null(i) || n >= f.min && n <= f.max
		},
	}}
}
