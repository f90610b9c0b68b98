package column

// Batch is a range of rows of one table: row First+i has its cells at index i of each Vec.
type Batch struct {
	First int64    // row number of the first row; rows are numbered from 0 within their table
	N     int      // number of rows
	Names []string // column names, as the table has them
	Vecs  []*Vec   // one for each name, each of length N

	Digest *Digest // of its rows, where the ledger is to keep it
}

// Col gives the Vec of the named column, or nil.
func (b *Batch) Col(name string) *Vec {
	for i, n := range b.Names {
		if n == name {
			return b.Vecs[i]
		}
	}
	return nil
}

// Bytes is the size of the cells, in bytes, as a measure of work: what the arenas and slices hold.
func (b *Batch) Bytes() int64 {
	var n int64
	for _, v := range b.Vecs {
		n += v.Size()
	}
	return n
}

// Size is that of the cells, in bytes.
func (v *Vec) Size() int64 { return int64(len(v.Ints))*8 + int64(len(v.Floats))*8 + int64(len(v.Data)) }
