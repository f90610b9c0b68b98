// Package column holds rows as typed column vectors.
//
// It is the ground floor of the path blueprint -> schema -> plan -> rows -> sink: generators append
// cells to a Vec, a Batch is one Vec for each column of a table, and sinks read Vecs by kind,
// switching on the kind once a column and never once a cell.
//
// The memory layout is Arrow's: typed slices, a null bitmap, and one byte arena with offsets for
// variable-length cells. A Vec is reused from batch to batch; whoever is handed one may read it only
// during the call.
package column
