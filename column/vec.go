package column

import "math"

// Vec is one column of a batch: typed cells and a null bitmap. The zero Vec is empty; Reset gives it
// a kind. Cells are only ever appended. A null cell takes a slot with a zero value, so that index i
// means the same in every slice.
type Vec struct {
	Kind    Kind
	Scale   int32     // Decimal: digits behind the point
	Single  bool      // Float: cells are of single precision, and so is their text
	Ints    []int64   // Bool, Int, Decimal, Date, Time, Timestamp
	Floats  []float64 // Float
	Offsets []int32   // variable kinds: n+1 offsets into Data, the first may be above zero in a view
	Data    []byte    // UUID (16 bytes a cell) and the variable kinds

	nulls []uint64 // bit set: cell is null; nil while there is none
	base  int      // index of cell 0 in nulls, above zero in a view
	n     int
}

// Reset empties v, keeps its memory and gives it a kind.
func (v *Vec) Reset(k Kind) {
	v.Kind, v.Scale, v.Single, v.n, v.base = k, 0, false, 0, 0
	v.Ints, v.Floats, v.Data, v.nulls = v.Ints[:0], v.Floats[:0], v.Data[:0], v.nulls[:0]
	v.Offsets = v.Offsets[:0]
	if k.Variable() {
		v.Offsets = append(v.Offsets, 0)
	}
}

// ResetAs empties v, keeps its memory and gives it the kind, scale and precision of src.
func (v *Vec) ResetAs(src *Vec) {
	v.Reset(src.Kind)
	v.Scale, v.Single = src.Scale, src.Single
}

// Round rounds cells to single precision where v is of it.
func (v *Vec) Round() {
	if v.Single {
		for i, x := range v.Floats {
			v.Floats[i] = float64(float32(x))
		}
	}
}

// Len is the number of cells.
func (v *Vec) Len() int { return v.n }

// AppendInt appends a cell of an integer kind.
func (v *Vec) AppendInt(x int64) { v.Ints = append(v.Ints, x); v.n++ }

// AppendBool appends a Bool cell.
func (v *Vec) AppendBool(x bool) {
	var i int64
	if x {
		i = 1
	}
	v.AppendInt(i)
}

// AppendFloat appends a Float cell.
func (v *Vec) AppendFloat(x float64) { v.Floats = append(v.Floats, x); v.n++ }

// AppendUUID appends a UUID cell.
func (v *Vec) AppendUUID(x [16]byte) { v.Data = append(v.Data, x[:]...); v.n++ }

// AppendBytes appends a cell of a variable kind.
func (v *Vec) AppendBytes(x []byte) { v.Data = append(v.Data, x...); v.EndCell() }

// AppendString appends a cell of a variable kind.
func (v *Vec) AppendString(x string) { v.Data = append(v.Data, x...); v.EndCell() }

// EndCell ends a cell of a variable kind whose bytes the caller has appended to Data.
func (v *Vec) EndCell() { v.Offsets = append(v.Offsets, int32(len(v.Data))); v.n++ }

var zeroUUID [16]byte

// AppendNull appends a null cell.
func (v *Vec) AppendNull() {
	v.setNull(v.n)
	switch {
	case v.Kind.Variable():
		v.EndCell()
	case v.Kind == UUID:
		v.AppendUUID(zeroUUID)
	case v.Kind == Float:
		v.AppendFloat(0)
	default:
		v.AppendInt(0)
	}
}

func (v *Vec) setNull(i int) {
	for len(v.nulls) <= i/64 {
		v.nulls = append(v.nulls, 0)
	}
	v.nulls[i/64] |= 1 << (i % 64)
}

// Null tells whether cell i is null.
func (v *Vec) Null(i int) bool {
	i += v.base
	return i/64 < len(v.nulls) && v.nulls[i/64]&(1<<(i%64)) != 0
}

// HasNulls tells whether any cell may be null; false is certain.
func (v *Vec) HasNulls() bool { return len(v.nulls) > 0 }

// Bool gives cell i of a Bool vector.
func (v *Vec) Bool(i int) bool { return v.Ints[i] != 0 }

// Bytes gives cell i of a variable kind, or the 16 bytes of a UUID. It is a view: valid until Reset.
func (v *Vec) Bytes(i int) []byte {
	if v.Kind == UUID {
		return v.Data[i*16 : i*16+16]
	}
	return v.Data[v.Offsets[i]:v.Offsets[i+1]]
}

// UUIDAt gives cell i of a UUID vector.
func (v *Vec) UUIDAt(i int) [16]byte { return [16]byte(v.Data[i*16 : i*16+16]) }

// AppendCell appends cell i of src, which has the same kind.
func (v *Vec) AppendCell(src *Vec, i int) {
	switch {
	case src.Null(i):
		v.AppendNull()
	case src.Kind.Variable():
		v.AppendBytes(src.Bytes(i))
	case src.Kind == UUID:
		v.AppendUUID(src.UUIDAt(i))
	case src.Kind == Float:
		v.AppendFloat(src.Floats[i])
	default:
		v.AppendInt(src.Ints[i])
	}
}

// AppendVec appends all cells of src, which has the same kind.
func (v *Vec) AppendVec(src *Vec) {
	if src.HasNulls() {
		for i := range src.n {
			v.AppendCell(src, i)
		}
		return
	}
	switch {
	case src.Kind.Variable():
		shift := int32(len(v.Data)) - src.Offsets[0]
		v.Data = append(v.Data, src.Data[src.Offsets[0]:src.Offsets[src.n]]...)
		for _, o := range src.Offsets[1 : src.n+1] {
			v.Offsets = append(v.Offsets, o+shift)
		}
	case src.Kind == UUID:
		v.Data = append(v.Data, src.Data[:src.n*16]...)
	case src.Kind == Float:
		v.Floats = append(v.Floats, src.Floats[:src.n]...)
	default:
		v.Ints = append(v.Ints, src.Ints[:src.n]...)
	}
	v.n += src.n
}

// View gives cells from up to (excluding) to as a Vec that shares memory with v: read-only, valid
// until v changes.
func (v *Vec) View(from, to int) Vec {
	w := Vec{Kind: v.Kind, Scale: v.Scale, Single: v.Single, nulls: v.nulls, base: v.base + from, n: to - from}
	switch {
	case v.Kind.Variable():
		w.Offsets, w.Data = v.Offsets[from:to+1], v.Data
	case v.Kind == UUID:
		w.Data = v.Data[from*16 : to*16]
	case v.Kind == Float:
		w.Floats = v.Floats[from:to]
	default:
		w.Ints = v.Ints[from:to]
	}
	return w
}

// Equal tells whether cell i of v and cell j of w, of the same kind, are the same: both
// null, or the same value. Floats compare by their bits but for the sign of zero.
func (v *Vec) Equal(i int, w *Vec, j int) bool {
	if v.Null(i) || w.Null(j) {
		return v.Null(i) == w.Null(j)
	}
	switch {
	case v.Kind.Variable() || v.Kind == UUID:
		return string(v.Bytes(i)) == string(w.Bytes(j))
	case v.Kind == Float:
		return v.Floats[i] == w.Floats[j] || v.Floats[i] != v.Floats[i] && w.Floats[j] != w.Floats[j]
	case v.Kind == Decimal && v.Scale != w.Scale:
		x, scaleX := shortest(v.Ints[i], v.Scale)
		y, scaleY := shortest(w.Ints[j], w.Scale)
		return x == y && scaleX == scaleY
	default:
		return v.Ints[i] == w.Ints[j]
	}
}

// shortest gives a decimal without zeros at the end of what is behind the point.
func shortest(x int64, scale int32) (int64, int32) {
	for ; scale > 0 && x%10 == 0; scale-- {
		x /= 10
	}
	return x, scale
}

// Rescale gives v, a Decimal, at least this scale, and its cells the same values as before. Where one of them is
// too large for that, nothing changes, and it gives false.
func (v *Vec) Rescale(scale int32) bool {
	if v.Scale >= scale {
		return true
	}
	factor := int64(1)
	for n := v.Scale; n < scale; n++ {
		if factor > math.MaxInt64/10 {
			return false
		}
		factor *= 10
	}
	for _, x := range v.Ints {
		if x > math.MaxInt64/factor || x < math.MinInt64/factor {
			return false
		}
	}
	for i := range v.Ints {
		v.Ints[i] *= factor
	}
	v.Scale = scale
	return true
}
